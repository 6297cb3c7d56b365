//! Reads `tests/cases/<area>/<behaviour>.yaml`.

use crate::approve::approve;
use mcp_guard_cases::case::Case;
use mcp_guard_cases::read::parse;
use mcp_guard_cases::scenario::Scenario;
use mcp_guard_cases::setting::{NOW, Setting};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of configurations that several cases share; no cases stand in it.
const CONFIGS: &str = "configs";

/// The cases of this project.
#[must_use]
pub fn cases_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// All case files under `folder`, in order of their names.
///
/// # Errors
/// A folder cannot be read.
pub fn case_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for area in entries(folder)? {
        if area.is_dir() && area.file_name().is_some_and(|name| name != CONFIGS) {
            files.extend(entries(&area)?.into_iter().filter(|path| is_case(path)));
        }
    }
    files.sort();
    Ok(files)
}

/// Name of the case in `file`: `<area>/<behaviour>`.
#[must_use]
pub fn case_name(file: &Path) -> String {
    let area = file.parent().and_then(Path::file_name).unwrap_or_default();
    let behaviour = file.file_stem().unwrap_or_default();
    format!("{}/{}", area.to_string_lossy(), behaviour.to_string_lossy())
}

/// The scenario that `file` describes; configurations are looked for in `folder`.
///
/// # Errors
/// A sentence that names the file and says what is wrong with it.
pub fn load(folder: &Path, file: &Path) -> Result<Scenario, String> {
    load_at(folder, file, NOW)
}

fn load_at(folder: &Path, file: &Path, now: u64) -> Result<Scenario, String> {
    scenario(folder, file, now).map_err(|error| format!("{}: {error}", file.display()))
}

/// Every scenario under `folder`.
///
/// # Errors
/// What is wrong with every file that is not a case, a line for each.
pub fn load_all(folder: &Path) -> Result<Vec<Scenario>, String> {
    load_all_at(folder, NOW)
}

/// Every scenario under `folder`, to be played at that time, in seconds since 1970.
///
/// # Errors
/// What is wrong with every file that is not a case, a line for each.
pub fn load_all_at(folder: &Path, now: u64) -> Result<Vec<Scenario>, String> {
    let (mut scenarios, mut errors) = (Vec::new(), Vec::new());
    for file in case_files(folder)? {
        match load_at(folder, &file, now) {
            Ok(scenario) => scenarios.push(scenario),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(scenarios)
    } else {
        Err(errors.join("\n"))
    }
}

fn scenario(folder: &Path, file: &Path, now: u64) -> Result<Scenario, String> {
    let name = case_name(file);
    if !name
        .chars()
        .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-' | '/'))
    {
        return Err("a case's name is made of a-z, 0-9, _ and -".to_owned());
    }
    let mut case: Case = read(file)?;
    let config: Value = match (&case.config, &case.config_file) {
        (Some(config), None) => config.clone(),
        (None, Some(shared)) => read(&folder.join(CONFIGS).join(shared))?,
        _ => return Err("exactly one of `config` and `config_file` is mandatory".to_owned()),
    };
    check_words(&case)?;
    let setting = Setting::of_config(config.to_string());
    let approved = case.approve.take();
    let mut scenario = Scenario::new(name, case, &Setting { now, ..setting })?;
    if let Some(written) = approved {
        approve(written, &mut scenario).map_err(|error| format!("approve: {error}"))?;
    }
    Ok(scenario)
}

/// Our own cases say what they are for, and use no short form: every harness plays them alike.
fn check_words(case: &Case) -> Result<(), String> {
    let expect = &case.expect;
    let mandatory = [
        ("description", case.description.is_some()),
        (
            "threat` or `spec",
            case.threat.is_some() || case.spec.is_some(),
        ),
        ("expect.forwarded", expect.forwarded.is_some()),
        ("expect.status", expect.status.is_some()),
    ];
    if let Some((name, _)) = mandatory.iter().find(|(_, given)| !given) {
        return Err(format!("`{name}` is mandatory"));
    }
    let short = case.call.is_some()
        || case.caller_name.is_some()
        || expect.allowed.is_some()
        || expect.denied.is_some()
        || expect.rule.is_some()
        || expect.approval.is_some();
    match short {
        true => Err("the short forms are for the cases of a policy".to_owned()),
        false => Ok(()),
    }
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    parse(&text).map_err(|fault| fault.to_string())
}

fn is_case(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml")
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries
        .map(|entry| entry.map(|e| e.path()).map_err(failed))
        .collect()
}
