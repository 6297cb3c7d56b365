//! The worked examples hold their own cases, and leave no rule untouched.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;
use std::process::Command;

#[test]
fn the_examples_pass_their_cases() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../istio-manifests");
    for name in ["github-mcp-server", "runbooks"] {
        let output = Command::new(env!("CARGO_BIN_EXE_mcp-guard"))
            .args(["test", "--deny-untouched"])
            .arg(examples.join(name).join("policy.yaml"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}
