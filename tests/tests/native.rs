//! Every case, run by the engine on this machine: one test for each file.

use libtest_mimic::{Arguments, Failed, Trial};
use mcp_guard_cases::case::Harness;
use mcp_guard_cases::engine::Engine;
use mcp_guard_cases::run::run;
use mcp_guard_cases::scenario::Scenario;
use mcp_guard_tests::load::{case_files, case_name, cases_folder, load};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = cases_folder();
    match case_files(&folder) {
        Ok(files) => {
            let trials = files.into_iter().map(|file| trial(&folder, file)).collect();
            libtest_mimic::run(&arguments, trials).exit_code()
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A case that is not for this harness is listed as ignored; one that cannot be read fails.
fn trial(folder: &Path, file: PathBuf) -> Trial {
    let name = case_name(&file);
    match load(folder, &file) {
        Err(error) => Trial::test(name, move || Err(Failed::from(error))),
        Ok(scenario) => {
            let elsewhere = !scenario.engines.contains(&Harness::Native);
            Trial::test(name, move || play(&scenario).map_err(Failed::from))
                .with_ignored_flag(elsewhere)
        }
    }
}

fn play(scenario: &Scenario) -> Result<(), String> {
    run(&Engine::configured(scenario)?, scenario)
}
