//! Prints every case, defaults filled in, as one JSON array: what the Envoy harness reads.
//!
//! `cases_json [FOLDER]`; the folder is `tests/cases` unless given.

use mcp_guard_tests::load::{cases_folder, load_all};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(cases_folder, PathBuf::from);
    let written = load_all(&folder).and_then(|scenarios| {
        serde_json::to_writer(std::io::stdout().lock(), &scenarios).map_err(|e| e.to_string())
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
