//! The worked examples are compiled, and hold their own cases, which leave no rule untouched.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn what_is_committed_is_what_is_compiled() {
    for folder in examples() {
        let output = Command::new(env!("CARGO_BIN_EXE_mcp-guard"))
            .args(["compile", "--deny-warnings"])
            .arg(folder.join("policy.yaml"))
            .arg("--deploy")
            .arg(folder.join("deploy.yaml"))
            .arg("--check")
            .arg(&folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "`make manifests`: {output:?}");
    }
}

#[test]
fn the_examples_pass_their_cases() {
    for folder in examples() {
        let output = Command::new(env!("CARGO_BIN_EXE_mcp-guard"))
            .args(["test", "--deny-untouched"])
            .arg(folder.join("policy.yaml"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

/// Every folder with a policy.
fn examples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../istio-manifests");
    let entries = std::fs::read_dir(root).unwrap();
    let folders = entries.map(|entry| entry.unwrap().path());
    let mut examples: Vec<_> = folders
        .filter(|folder| folder.join("policy.yaml").exists())
        .collect();
    examples.sort();
    assert!(!examples.is_empty());
    examples
}
