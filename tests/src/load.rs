//! Reads `tests/cases/<area>/<behaviour>.yaml`.

use crate::case::Case;
use crate::scenario::Scenario;
use serde::de::DeserializeOwned;
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
    scenario(folder, file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Every scenario under `folder`.
///
/// # Errors
/// What is wrong with every file that is not a case, a line for each.
pub fn load_all(folder: &Path) -> Result<Vec<Scenario>, String> {
    let (mut scenarios, mut errors) = (Vec::new(), Vec::new());
    for file in case_files(folder)? {
        match load(folder, &file) {
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

fn scenario(folder: &Path, file: &Path) -> Result<Scenario, String> {
    let name = case_name(file);
    if !name
        .chars()
        .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-' | '/'))
    {
        return Err("a case's name is made of a-z, 0-9, _ and -".to_owned());
    }
    let case: Case = read(file)?;
    let config = match (&case.config, &case.config_file) {
        (Some(config), None) => config.clone(),
        (None, Some(shared)) => read(&folder.join(CONFIGS).join(shared))?,
        _ => return Err("exactly one of `config` and `config_file` is mandatory".to_owned()),
    };
    Scenario::new(name, case, &config)
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    parse(&text)
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    // Only `true` and `false` are booleans, so that a tool may be called `on`.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MINIMAL: &str = "
description: a claim
threat: somewhere
config: {tool_allowlist: []}
expect: {forwarded: false, status: 403}
";

    fn scenario_of(text: &str) -> Result<Scenario, String> {
        let case: Case = parse(text)?;
        let config = case.config.clone().unwrap_or_default();
        Scenario::new("area/behaviour".to_owned(), case, &config)
    }

    fn fault_of(addition: &str) -> String {
        scenario_of(&format!("{MINIMAL}{addition}\n")).unwrap_err()
    }

    #[test]
    fn defaults_are_those_of_the_readme() {
        let scenario = scenario_of(MINIMAL).unwrap();
        let request = serde_json::to_value(&scenario.request).unwrap();
        let expected = json!({
            "method": "POST", "path": "/mcp", "authority": "mcp.example",
            "headers": [["content-type", "application/json"]], "body": [],
        });
        assert_eq!(request, expected);
        assert_eq!(scenario.upstream.status, 202);
        assert_eq!(scenario.config, r#"{"tool_allowlist":[]}"#);
    }

    #[test]
    fn the_default_answer_has_the_requests_id() {
        let text = format!("{MINIMAL}request: {{json: {{method: ping, id: '7'}}}}\n");
        let answer = scenario_of(&text).unwrap().upstream;
        assert_eq!(
            answer.body.bytes(),
            br#"{"id":"7","jsonrpc":"2.0","result":{}}"#
        );
    }

    #[test]
    fn an_empty_content_type_is_none() {
        let text = format!("{MINIMAL}request: {{headers: [[Content-Type, '']]}}\n");
        assert!(scenario_of(&text).unwrap().request.headers.is_empty());
    }

    #[test]
    fn what_is_not_in_the_readme_is_refused() {
        assert!(fault_of("treath: x").contains("treath"));
        assert!(fault_of("request: {bodi: x}").contains("bodi"));
        assert!(fault_of("engines: [native]").contains("because"));
        assert!(fault_of("because: x").contains("engines"));
        assert!(fault_of("request: {body: x, body_hex: '00'}").contains("at most one"));
        assert!(fault_of("caller: {spiffe: cluster.local/x}").contains("spiffe://"));
        assert!(fault_of("upstream: {events: x, body: y}").contains("at most one"));
    }

    #[test]
    fn what_is_refused_is_not_forwarded_changed() {
        let text = MINIMAL.replace("forwarded: false", "forwarded: false, unchanged: true");
        assert!(scenario_of(&text).unwrap_err().contains("contradicts"));
    }
}
