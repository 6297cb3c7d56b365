//! Judges outcomes that another harness saw: reads a JSON array of [`Observed`] from standard
//! input and prints, for each in turn, the array of what is not as expected.
//!
//! So a case is compared with its expectation by one piece of code, wherever it ran.

use mcp_guard_cases::exchange::Outcome;
use mcp_guard_cases::expect::mismatches;
use mcp_guard_cases::scenario::Scenario;
use mcp_guard_tests::load::{cases_folder, load_all};
use serde::Deserialize;
use std::io::{stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// What came of a case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Observed {
    /// Name of the case.
    case: String,
    /// What came of it.
    outcome: Outcome,
}

fn main() -> ExitCode {
    match judge() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn judge() -> Result<(), String> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(cases_folder, PathBuf::from);
    let scenarios = load_all(&folder)?;
    let observed: Vec<Observed> =
        serde_json::from_reader(stdin().lock()).map_err(|error| error.to_string())?;
    let judged: Vec<_> = observed
        .iter()
        .map(|one| judge_one(&scenarios, one))
        .collect();
    serde_json::to_writer(stdout().lock(), &judged).map_err(|error| error.to_string())
}

fn judge_one(scenarios: &[Scenario], observed: &Observed) -> Vec<String> {
    match scenarios
        .iter()
        .find(|scenario| scenario.name == observed.case)
    {
        Some(scenario) => mismatches(scenario, &observed.outcome),
        None => vec![format!("there is no case `{}`", observed.case)],
    }
}
