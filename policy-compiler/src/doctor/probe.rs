//! Requests that must be refused, sent through the API server to each pod: as a stranger's, in plain
//! text, from outside the pod, so that they meet its traffic capture. They ask for a tool that no
//! server has, and so do no harm where nothing refuses them.
//!
//! What they cannot show: that a caller of the mesh is refused a tool. For that one must be a caller.

use super::lines::Lines;
use super::report::Check;
use super::value::{items, text};
use super::{Facts, Probe, Target, pods};
use crate::compilation::Compilation;
use crate::diagnostic::Code;
use serde_json::json;
use std::collections::BTreeSet;

const FOUND: (Check, Code) = (Check::Probe, Code::ProbeAnswered);

/// A tool that no server has.
const TOOL: &str = "mcp-guard-probe";

/// A request to be sent as `POST /api/v1/namespaces/NAMESPACE/pods/POD:PORT/proxy/PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The path below the API server.
    pub path: String,
    /// Name of the pod.
    pub pod: String,
    /// The port.
    pub port: u16,
    /// The body.
    pub body: String,
}

/// The requests that are still to be sent: to the MCP port of each pod, and to every other port that
/// its containers declare.
#[must_use]
pub fn requests(compilation: &Compilation, facts: &Facts) -> Vec<Request> {
    Target::new(compilation)
        .map(|target| missing(&target, facts))
        .unwrap_or_default()
}

fn missing(target: &Target<'_>, facts: &Facts) -> Vec<Request> {
    let mcp = target.compilation.policy.endpoints.mcp.first();
    let path = mcp.map_or("/", |(path, _)| path.value.as_str());
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": TOOL, "arguments": {}}});
    let mut requests = Vec::new();
    for pod in pods::of_workload(target, facts) {
        let name = text(pod, "/metadata/name");
        for port in ports(target, pod) {
            let is_this = |probe: &Probe| probe.pod == name && probe.port == port;
            if facts.probes.iter().any(is_this) {
                continue;
            }
            let namespace = target.namespace();
            requests.push(Request {
                path: format!("/api/v1/namespaces/{namespace}/pods/{name}:{port}/proxy{path}"),
                pod: name.into(),
                port,
                body: body.to_string(),
            });
        }
    }
    requests
}

fn ports(target: &Target<'_>, pod: &serde_json::Value) -> BTreeSet<u16> {
    let servers = items(pod, "/spec/containers").iter();
    let servers = servers.filter(|container| text(container, "/name") != super::PROXY_CONTAINER);
    let declared = servers
        .flat_map(|container| items(container, "/ports"))
        .filter_map(|port| u16::try_from(port.get("containerPort")?.as_u64()?).ok());
    declared.chain([target.port]).collect()
}

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Somebody answered.
    Answered,
    /// Layer 2 answered: the request came in plain text as far as that.
    Denied,
    /// The connection was made, and ended before an answer.
    Ended,
    /// Nothing came to the pod.
    Cut,
    /// Nobody listens there.
    Closed,
    /// It was not sent.
    NotSent,
}

/// By what `kubectl create --raw` says: the API server's own words for what its proxy met.
fn outcome(probe: &Probe) -> Outcome {
    let said = in_short(&probe.said, RECORDED);
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if probe.answered {
        return Outcome::Answered;
    }
    if says(&["RBAC: access denied"]) {
        return Outcome::Denied;
    }
    if says(&[
        "cannot create resource",
        "Unauthorized",
        "was refused - did you specify",
        &format!("pods \"{}\" not found", probe.pod),
    ]) {
        return Outcome::NotSent;
    }
    if !says(&["error trying to reach service"]) {
        // `Error from server (NotFound)`, say, is what a server behind the proxy said.
        return match says(&["Error from server"]) {
            true => Outcome::Answered,
            false => Outcome::NotSent,
        };
    }
    if says(&["connection refused"]) {
        return Outcome::Closed;
    }
    match says(&["connection reset", "EOF", "broken pipe", "closed"]) {
        true => Outcome::Ended,
        false => Outcome::Cut,
    }
}

/// Cuts what is neither judged nor shown.
pub(super) fn trim(probe: &mut Probe) {
    let length = match probe.answered {
        true => SHOWN,
        false => RECORDED,
    };
    probe.said = in_short(&probe.said, length);
}

pub(super) fn check(target: &Target<'_>, facts: &Facts, lines: &mut Lines) {
    if !target.enforces() {
        return;
    }
    if facts.probes_wanted {
        for request in missing(target, facts) {
            let subject = format!("{}:{}", request.pod, request.port);
            let evidence = "no request was sent to it";
            lines.unknown(FOUND, &subject, evidence, "run it again");
        }
    }
    let is_cut_by_policy =
        !lines.has_trouble(Check::NetworkPolicy) && !lines.has_trouble(Check::Objects);
    for probe in &facts.probes {
        let subject = format!("{}:{}", probe.pod, probe.port);
        let outcome = outcome(probe);
        let (evidence, advice) = match (outcome, probe.port == target.port) {
            // Where nobody listens, not even the proxy, nothing was refused.
            (Outcome::Closed, true) => (
                "nobody listens at the MCP port, which shows nothing".into(),
                Some("ask again once the server and its proxy run"),
            ),
            _ => shown(outcome, &in_short(&probe.said, SHOWN), is_cut_by_policy),
        };
        match (outcome, advice) {
            (_, None) => lines.enforced(Check::Probe, &subject, evidence),
            (Outcome::Answered, Some(advice)) => lines.broken(FOUND, &subject, evidence, advice),
            (_, Some(advice)) => lines.unknown(FOUND, &subject, evidence, advice),
        }
    }
}

/// What an outcome shows, and what to do unless that is a refusal.
fn shown(outcome: Outcome, said: &str, is_cut_by_policy: bool) -> (String, Option<&'static str>) {
    match outcome {
        Outcome::Ended => (
            format!("a stranger's plain request was ended without an answer ({said})"),
            None,
        ),
        Outcome::Denied => (
            "a stranger's plain request was refused by an AuthorizationPolicy (403 RBAC: access denied)".into(),
            None,
        ),
        Outcome::Closed => ("nobody listens there".into(), None),
        Outcome::Cut if is_cut_by_policy => (
            format!("a stranger's request did not reach the pod, as the NetworkPolicy says ({said})"),
            None,
        ),
        Outcome::Cut => (
            format!("the request did not reach the pod, which shows nothing about the pod ({said})"),
            Some("find out whether the API server reaches pods at all"),
        ),
        Outcome::NotSent => (
            format!("the request could not be sent ({said})"),
            Some("grant the role of `mcp-guard doctor --probe --print-roles`"),
        ),
        Outcome::Answered => (
            format!("a stranger's plain request was answered: {said}"),
            Some("look at what is not enforced above: a stranger reaches this port"),
        ),
    }
}

/// How much of an answer is shown, and how much is judged and recorded: it is the server's own, and may
/// hold anything. In characters.
const SHOWN: usize = 200;
const RECORDED: usize = 1000;

/// What kubectl said from its error on, in one line.
fn in_short(text: &str, length: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let error = lines.iter().position(|line| line.starts_with("Error"));
    let said = lines
        .get(error.unwrap_or(0)..)
        .unwrap_or_default()
        .join(" ");
    match said.is_empty() {
        true => "nothing was said".into(),
        false => said.chars().take(length).collect(),
    }
}
