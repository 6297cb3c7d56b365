//! The API server, by way of `kubectl`: it knows every way to log in, plugins of the clouds among
//! them, which no code of ours should repeat.

use super::program::{self, Done};
use mcp_guard_compiler::doctor::{PROXY_CONTAINER, Query, Read, Request};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// The program, and which cluster it speaks to.
pub(super) struct Kubectl {
    pub(super) program: PathBuf,
    pub(super) kubeconfig: Option<PathBuf>,
    pub(super) context: Option<String>,
}

impl Kubectl {
    /// One of its subcommands, for this cluster.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(name);
        if let Some(kubeconfig) = &self.kubeconfig {
            command.arg("--kubeconfig").arg(kubeconfig);
        }
        if let Some(context) = &self.context {
            command.arg("--context").arg(context);
        }
        command.arg("--request-timeout=20s");
        command
    }

    /// The objects of a list, or the only one. An error says why they could not be read.
    pub(super) fn get(&self, read: &Read) -> Result<Vec<Value>, String> {
        let resource = match read.group {
            "" => read.resource.to_owned(),
            group => format!("{}.{group}", read.resource),
        };
        let mut command = self.command("get");
        command.arg(&resource);
        if !read.namespace.is_empty() {
            command.args(["-n", &read.namespace]);
        }
        command.args(["-o", "json"]).args(&read.name);
        let done = program::run(&mut command, "")?;
        if !done.is_success {
            return match is_absent(read, &done.errors) {
                true => Ok(Vec::new()),
                false => Err(complaint(&done)),
            };
        }
        let mut value: Value = serde_json::from_str(&done.output)
            .map_err(|error| format!("kubectl printed no JSON: {error}"))?;
        Ok(match value.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => vec![value],
        })
    }

    /// A page of a pod's proxy.
    pub(super) fn page(&self, namespace: &str, pod: &str, query: Query) -> Result<String, String> {
        let port = query.port.to_string();
        let mut command = self.command("exec");
        let pod = format!("pod/{pod}");
        command.args(["-n", namespace, &pod, "-c", PROXY_CONTAINER, "--"]);
        command.args([
            "pilot-agent",
            "request",
            "--debug-port",
            &port,
            "GET",
            query.path,
        ]);
        answer(&program::run(&mut command, "")?)
    }

    /// Sends a request to a pod by the API server's proxy: whether it was answered, and what was said.
    pub(super) fn send(&self, request: &Request) -> Result<(bool, String), String> {
        let mut command = self.command("create");
        command.args(["--raw", &request.path, "-f", "-"]);
        let done = program::run(&mut command, &request.body)?;
        Ok(match done.is_success {
            true => (true, done.output),
            false => (false, done.errors),
        })
    }
}

/// What a program printed, or what it complained of.
pub(super) fn answer(done: &Done) -> Result<String, String> {
    match done.is_success {
        true => Ok(done.output.clone()),
        false => Err(complaint(done)),
    }
}

/// A kind that the cluster does not know has no objects, and neither has a name that is not there. A
/// list that is not found is another matter: its kind is known, and something on the way does not work.
fn is_absent(read: &Read, errors: &str) -> bool {
    let is_of_one = read.name.is_some();
    errors.contains("the server doesn't have a resource type")
        || (is_of_one && errors.contains("Error from server (NotFound)"))
}

fn complaint(done: &Done) -> String {
    let mut lines = done.errors.lines().map(str::trim);
    let last = lines.rfind(|line| !line.is_empty());
    last.unwrap_or("it says nothing").to_owned()
}
