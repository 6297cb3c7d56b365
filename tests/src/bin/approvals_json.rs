//! Prints, for every case that sends an approval, tokens that are valid from now on: a JSON object from
//! the case's name to its tokens, each of which is used once. The Envoy harness puts them in the place
//! of those that [`cases_json`](../cases_json/index.html) prints.

use mcp_guard_tests::load::{cases_folder, load_all_at};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> ExitCode {
    match print() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn print() -> Result<(), String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_err(|error| error.to_string())?.as_secs();
    let tokens: BTreeMap<String, Vec<String>> = load_all_at(&cases_folder(), now)?
        .into_iter()
        .filter_map(|scenario| Some((scenario.name, scenario.approve?.tokens)))
        .collect();
    serde_json::to_writer(std::io::stdout().lock(), &tokens).map_err(|error| error.to_string())
}
