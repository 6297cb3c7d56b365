//! Service: by a port's protocol Istio decides whether the filter sees a request.

use super::{Manifest, Subject};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::yaml::Node;

/// Values of `appProtocol` that Istio reads as HTTP, in any case.
const HTTP: &[&str] = &["http", "http2", "kubernetes.io/h2c", "kubernetes.io/ws"];

pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if !leads_to(subject, manifest) {
        return;
    }
    for port in manifest.items(&["spec", "ports"]) {
        if is_mcp_port(subject, port) {
            check_port(manifest, port, found);
        }
    }
}

/// The workload without a Service: its port is sniffed, and what is no HTTP passes the filter by.
pub(super) fn check_presence(
    subject: &Subject<'_>,
    manifests: &[Manifest],
    found: &mut Diagnostics,
) {
    let beside = || {
        manifests
            .iter()
            .filter(|manifest| subject.is_beside(manifest))
    };
    let Some(workload) = beside().find(|manifest| subject.is_workload(manifest)) else {
        return;
    };
    let leads = |manifest: &&Manifest| {
        is_one(manifest) && leads_to(subject, manifest) && has_mcp_port(subject, manifest)
    };
    if !beside().any(|manifest| leads(&manifest)) {
        let message = format!("no Service declares that port {} is HTTP", subject.port);
        found.push(
            Diagnostic::new(Code::ServicePortProtocol, workload.span(), message)
                .label("Istio guesses the protocol of its port from the first bytes")
                .help("add a Service whose port has `appProtocol: http`")
                .warning(),
        );
    }
}

/// Whether an object is a Service of Kubernetes.
pub(super) fn is_one(manifest: &Manifest) -> bool {
    manifest.kind() == "Service" && manifest.group().is_empty()
}

/// Whether a Service leads to the workload.
pub(super) fn leads_to(subject: &Subject<'_>, manifest: &Manifest) -> bool {
    let selector = manifest.at(&["spec", "selector"]);
    let selects = selector.is_some_and(|labels| {
        labels.entries().next().is_some() && subject.is_selected(Some(labels))
    });
    subject.is_beside(manifest) && selects
}

/// Whether one of a Service's ports leads to the MCP port.
pub(crate) fn has_mcp_port(subject: &Subject<'_>, manifest: &Manifest) -> bool {
    let mut ports = manifest.items(&["spec", "ports"]).iter();
    ports.any(|port| is_mcp_port(subject, port))
}

fn is_mcp_port(subject: &Subject<'_>, port: &Node) -> bool {
    let target = port.get("targetPort").or_else(|| port.get("port"));
    target
        .and_then(Node::scalar)
        .is_some_and(|target| subject.is_port(target))
}

fn check_port(manifest: &Manifest, port: &Node, found: &mut Diagnostics) {
    let name = port.get("name").and_then(Node::scalar).unwrap_or_default();
    let protocol = port.get("appProtocol");
    let is_http = match protocol.and_then(Node::scalar) {
        Some(protocol) => HTTP.contains(&protocol.to_ascii_lowercase().as_str()),
        None => matches!(name.split('-').next(), Some("http" | "http2")),
    };
    if is_http {
        return;
    }
    let span = protocol.map_or(port.span, |protocol| protocol.span);
    let message = format!("{} does not declare its MCP port as HTTP", manifest.title());
    let wrong = Diagnostic::new(Code::ServicePortProtocol, span, message)
        .label("calls can pass the filter by")
        .help("set `appProtocol: http`");
    found.push(match protocol {
        Some(protocol) => wrong.patch(protocol.span, "http"),
        None => wrong,
    });
}
