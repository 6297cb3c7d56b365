//! Writes one test for each case, since a Wasm test has no file system to read them from. The cases
//! come as `cases_json` prints them, in the file that `MCP_GUARD_CASES` names.

use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

const CASES: &str = "MCP_GUARD_CASES";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={CASES}");
    let cases_file =
        env::var(CASES).map_err(|_| format!("`{CASES}` is not set: see make/cases.mk"))?;
    println!("cargo::rerun-if-changed={cases_file}");
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(&cases_file)?)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut areas: BTreeMap<String, String> = BTreeMap::new();
    for case in cases.iter().filter(|case| runs_as_wasm(case)) {
        let (area, behaviour) = names(case)?;
        let file = out.join(format!("{area}.{behaviour}.json"));
        areas
            .entry(area)
            .or_default()
            .push_str(&test(&file, &behaviour, case)?);
    }
    if areas.is_empty() {
        return Err(format!("no case in `{cases_file}` is for Wasm").into());
    }
    let module = |(area, tests): (String, String)| {
        format!("mod {area} {{\n    use super::{{play, wasm_bindgen_test}};\n\n{tests}}}\n")
    };
    let modules: String = areas.into_iter().map(module).collect();
    fs::write(out.join("cases.rs"), modules)?;
    Ok(())
}

fn runs_as_wasm(case: &Value) -> bool {
    let engines = case["engines"].as_array();
    engines.is_some_and(|engines| engines.iter().any(|engine| engine == "wasm"))
}

/// `tools/denied-tool` is the test `denied_tool` of the module `tools`.
fn names(case: &Value) -> Result<(String, String), Box<dyn Error>> {
    let name = case["name"].as_str().ok_or("a case without a name")?;
    let name = name.replace('-', "_");
    let (area, behaviour) = name.split_once('/').unwrap_or(("cases", &name));
    Ok((area.to_owned(), behaviour.to_owned()))
}

/// A test that plays `case`, which is written to `file`.
fn test(file: &Path, name: &str, case: &Value) -> Result<String, Box<dyn Error>> {
    fs::write(file, case.to_string())?;
    let body = format!("play(include_str!({file:?}));");
    Ok(format!(
        "    #[wasm_bindgen_test]\n    fn {name}() {{\n        {body}\n    }}\n"
    ))
}
