//! The built binary, and folders for it to work in.
#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) const POLICY: &str = "\
version: 1
server: github-mcp-server
endpoints: { port: 8080, mcp: [/mcp], open: [/healthz] }
callers:
  gateway: { service_accounts: [gateway/ai-gateway], user: { header: user-identity } }
allow:
  read-code: { tools: [search_code, get_pull_request] }
egress:
  hosts: { api.github.com: { cidrs: [140.82.112.0/20] } }
";

pub(crate) const DEPLOY: &str = "\
version: 1
namespace: ai-agents
selector: { app: github-mcp-server }
containers: [server]
stage: enforce
image: { url: \"oci://registry.example.com/mcp-guard-filter:0.1.0\", digest: \"sha256:1d3f6f0a5b6c7d8e9fa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c\" }
identity: { service_account: github-mcp-sa }
network: { registry_cidrs: [192.0.2.0/24] }
";

/// A policy with a rule of every kind.
pub(crate) const RULES_OF_EVERY_KIND: &str = r#"version: 1
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
    because: nobody approves yet
  soon:
    tools: ["list_*"]
    dry_run: true
deny:
  no-org-admin:
    tools: ["*_org_*"]
"#;

/// A folder of its own for one test; removed in the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("mcp-guard-cli-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// With a policy and its deployment.
    pub(crate) fn with_policy() -> Self {
        Self::new()
            .file("policy.yaml", POLICY)
            .file("deploy.yaml", DEPLOY)
    }

    /// With these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        files
            .iter()
            .fold(Self::new(), |folder, (path, text)| folder.file(path, text))
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.join(path)).unwrap()
    }

    /// Every file below a folder, with its text.
    pub(crate) fn files(&self, folder: &str) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let root = self.0.join(folder);
        collect(&root, &root, &mut files);
        files.sort();
        files
    }

    /// Runs the binary here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        let mut child = command(&self.0, arguments).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        Ran::from(child.wait_with_output().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().display().to_string();
        files.push((name, std::fs::read_to_string(&path).unwrap()));
    }
}

/// The binary, in a folder.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_remove("SSL_CERT_FILE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a run did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Done, and nothing said.
    pub(crate) fn is_silent_success(&self) -> bool {
        self.status == 0 && self.stderr.is_empty()
    }

    /// It ended so.
    #[track_caller]
    pub(crate) fn status_is(&self, status: i32) {
        assert_eq!(self.status, status, "{self:?}");
    }

    /// Findings, and no artefact.
    #[track_caller]
    pub(crate) fn finds(&self, what: &str) {
        assert_eq!(self.status, 1, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert!(self.stderr.contains(what), "{what}: {self:?}");
    }

    /// It could not be tried.
    #[track_caller]
    pub(crate) fn could_not_run(&self, why: &str) {
        assert_eq!(self.status, 2, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert!(self.stderr.contains(why), "{why}: {self:?}");
    }
}
