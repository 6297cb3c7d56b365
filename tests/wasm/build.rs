//! Reads the case files with the reader of the native harness and writes one test for each, since
//! a Wasm test has no file system to read them from.

use mcp_guard_cases::case::Harness;
use mcp_guard_cases::scenario::Scenario;
use mcp_guard_tests::load::{cases_folder, load_all};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = cases_folder();
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut areas: BTreeMap<String, String> = BTreeMap::new();
    for scenario in load_all(&folder)? {
        if scenario.engines.contains(&Harness::Wasm) {
            let (area, behaviour) = names(&scenario);
            let test = test(
                &out.join(format!("{area}.{behaviour}.json")),
                &behaviour,
                &scenario,
            )?;
            areas.entry(area).or_default().push_str(&test);
        }
    }
    let module = |(area, tests): (String, String)| {
        format!("mod {area} {{\n    use super::{{play, wasm_bindgen_test}};\n\n{tests}}}\n")
    };
    let modules: String = areas.into_iter().map(module).collect();
    fs::write(out.join("cases.rs"), modules)?;
    Ok(())
}

/// A test that plays `scenario`, which is written to `file`.
fn test(file: &Path, name: &str, scenario: &Scenario) -> Result<String, Box<dyn Error>> {
    fs::write(file, serde_json::to_string(scenario)?)?;
    let body = format!("play(include_str!({file:?}));");
    Ok(format!(
        "    #[wasm_bindgen_test]\n    fn {name}() {{\n        {body}\n    }}\n"
    ))
}

/// `tools/denied-tool` is the test `denied_tool` of the module `tools`.
fn names(scenario: &Scenario) -> (String, String) {
    let name = scenario.name.replace('-', "_");
    match name.split_once('/') {
        Some((area, behaviour)) => (area.to_owned(), behaviour.to_owned()),
        None => ("cases".to_owned(), name),
    }
}
