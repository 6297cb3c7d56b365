//! Runs the binary in a folder of its own.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// What came of a run.
#[derive(Debug)]
#[allow(dead_code, reason = "not every test reads all of it")]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A folder that goes with its owner.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!(
            "{}-{}-{number}",
            env!("CARGO_CRATE_NAME"),
            std::process::id()
        );
        let folder = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        std::fs::create_dir_all(&folder.0).unwrap();
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[allow(dead_code, reason = "not every test reads what is written")]
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_mcp-guard"))
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        Run {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A policy with a rule of every kind.
#[allow(dead_code, reason = "not every test uses it")]
pub(crate) const POLICY: &str = r#"version: 1
server: github-mcp-server
endpoints: { port: 8080, mcp: [/rpc] }
callers:
  gateway:
    service_accounts: [gateway/ai-gateway]
  release-bot:
    service_accounts: [ci/release]
    jwt: { issuer: "https://idp.example.com", audiences: [github-mcp], claims: { groups: [release] } }
allow:
  read-code:
    tools: [search_code, "get_*"]
    resources: ["repo://acme/**"]
  review:
    callers: [gateway]
    tools: [pull_request_read]
    arguments: { owner: { equals: acme }, method: { one_of: [get, get_diff] } }
  edit-issues:
    callers: [release-bot]
    tools: [issue_write]
    approval: required
  soon:
    tools: ["list_*"]
    dry_run: true
deny:
  no-org-admin:
    tools: ["*_org_*"]
"#;
