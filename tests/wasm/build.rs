//! Reads the case files with the reader of the native harness and writes one test for each, since
//! a Wasm test has no file system to read them from.

use mcp_guard_tests::case::Harness;
use mcp_guard_tests::load::{cases_folder, load_all};
use mcp_guard_tests::scenario::Scenario;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = cases_folder();
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut tests = String::new();
    for scenario in load_all(&folder)?
        .iter()
        .filter(|s| s.engines.contains(&Harness::Wasm))
    {
        let test = test_name(scenario);
        fs::write(
            out.join(format!("{test}.json")),
            serde_json::to_string(scenario)?,
        )?;
        write!(
            tests,
            "#[wasm_bindgen_test]\nfn {test}() {{\n    play(include_str!({:?}));\n}}\n",
            out.join(format!("{test}.json"))
        )?;
    }
    fs::write(out.join("cases.rs"), tests)?;
    Ok(())
}

/// `tools/denied-tool` becomes `tools__denied_tool`.
fn test_name(scenario: &Scenario) -> String {
    scenario.name.replace('/', "__").replace('-', "_")
}
