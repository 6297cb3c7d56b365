//! The worked examples are compiled, and hold their own cases, which leave no rule untouched.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};
use std::process::Command;

const EXAMPLES: [&str; 2] = ["github-mcp-server", "runbooks"];

#[test]
fn what_is_committed_is_what_is_compiled() {
    for name in EXAMPLES {
        let folder = folder(name);
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
    for name in EXAMPLES {
        let output = Command::new(env!("CARGO_BIN_EXE_mcp-guard"))
            .args(["test", "--deny-untouched"])
            .arg(folder(name).join("policy.yaml"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../istio-manifests")
        .join(name)
}
