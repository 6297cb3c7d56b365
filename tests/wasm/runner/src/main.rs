//! Runs a Wasm test binary under Node: what `wasm-bindgen-cli` installs under the name
//! `wasm-bindgen-test-runner`, built here because its own lock file cannot be relied on.

use std::env;
use std::process::ExitCode;
use wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args;

fn main() -> ExitCode {
    // `cargo --quiet test` hands its flag on; the runner does not know it.
    match run_cli_with_args(env::args_os().filter(|argument| argument != "--quiet")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
