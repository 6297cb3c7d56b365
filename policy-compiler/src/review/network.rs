//! NetworkPolicy and ServiceEntry: what is allowed twice, and what is allowed once only.

use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;
use crate::yaml::Node;

/// NetworkPolicies add up, as ALLOWs do.
pub(super) fn check_policy(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if subject.is_own(manifest) || !subject.is_beside(manifest) {
        return;
    }
    if !subject.is_selected(manifest.at(&["spec", "podSelector", "matchLabels"])) {
        return;
    }
    for (direction, peers, whom) in [
        ("ingress", "from", "lets everyone in"),
        ("egress", "to", "lets the server reach everything"),
    ] {
        for rule in manifest.items(&["spec", direction]) {
            if direction == "ingress" && !allows_port(subject, rule) {
                continue;
            }
            let Some(width) = width(rule, peers) else {
                continue;
            };
            let message = format!("{} {whom}", manifest.title());
            let (span, label) = match width {
                Width::Unnamed => (rule.span, format!("no `{peers}`")),
                Width::Peer(peer) => (peer.span, "covers everyone".into()),
            };
            found.push(
                weakened(span, message)
                    .label(label)
                    .help("NetworkPolicies add up: take this workload out of its selector"),
            );
        }
    }
}

/// Why a rule holds for everyone.
enum Width<'n> {
    Unnamed,
    Peer(&'n Node),
}

fn width<'n>(rule: &'n Node, peers: &str) -> Option<Width<'n>> {
    let peers = rule.get(peers).map(Node::items).unwrap_or_default();
    if peers.is_empty() {
        return Some(Width::Unnamed);
    }
    peers.iter().find(|peer| is_everyone(peer)).map(Width::Peer)
}

/// Whether a peer is every address, or every pod of the cluster. What a block excepts is no matter.
fn is_everyone(peer: &Node) -> bool {
    if let Some(block) = peer.get("ipBlock") {
        let cidr = block.get("cidr").and_then(Node::scalar);
        return cidr.is_none_or(is_wide);
    }
    let selects_all = |key| peer.get(key).is_none_or(selects_all);
    match peer.get("namespaceSelector") {
        Some(_) => selects_all("namespaceSelector") && selects_all("podSelector"),
        // Every pod of the namespace is not everyone.
        None => peer.get("podSelector").is_none(),
    }
}

/// Every address, or a share of them that no network has: two halves are the whole as well.
fn is_wide(cidr: &str) -> bool {
    const PRIVATE_V4: u8 = 8;
    const GLOBAL_V6: u8 = 3;
    let Some((address, length)) = cidr.split_once('/') else {
        return false;
    };
    let length = length.trim().parse::<u8>();
    match address.contains(':') {
        true => length.is_ok_and(|length| length <= GLOBAL_V6),
        false => length.is_ok_and(|length| length < PRIVATE_V4),
    }
}

/// Whether a selector asks for nothing, or only for what everything has or next to nothing lacks.
fn selects_all(selector: &Node) -> bool {
    const NAME_OF_NAMESPACE: &str = "kubernetes.io/metadata.name";
    let labels = selector.get("matchLabels");
    let expressions = selector.get("matchExpressions").map(Node::items);
    let mut expressions = expressions.unwrap_or_default().iter();
    let is_void = |expression: &Node| {
        let key = expression.get("key").and_then(Node::scalar);
        match expression.get("operator").and_then(Node::scalar) {
            Some("NotIn" | "DoesNotExist") => true,
            Some("Exists") => key == Some(NAME_OF_NAMESPACE),
            _ => false,
        }
    };
    labels.is_none_or(|labels| labels.entries().next().is_none()) && expressions.all(is_void)
}

/// Whether a rule of ingress holds on the MCP port.
fn allows_port(subject: &Subject<'_>, rule: &Node) -> bool {
    let ports = rule.get("ports").map(Node::items).unwrap_or_default();
    ports.is_empty() || ports.iter().any(|port| is_mcp_port(subject, port))
}

fn is_mcp_port(subject: &Subject<'_>, port: &Node) -> bool {
    let text = |key: &str| port.get(key).and_then(Node::scalar);
    if text("protocol").is_some_and(|protocol| protocol != "TCP") {
        return false;
    }
    let Some(first) = port.get("port").filter(|port| !port.is_null()) else {
        return true;
    };
    let first = first.scalar().unwrap_or_default();
    let last = text("endPort").and_then(|last| last.parse::<u16>().ok());
    match (first.parse::<u16>(), last) {
        (Ok(first), Some(last)) => (first..=last).contains(&subject.port),
        _ => subject.is_port(first),
    }
}

/// Two ServiceEntries for one host are not merged: the later one's port never appears.
pub(super) fn check_entry(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if subject.is_ours(manifest) || !subject.is_beside(manifest) {
        return;
    }
    let hosts = &subject.policy.egress.hosts;
    for host in manifest.items(&["spec", "hosts"]) {
        let name = host.scalar().unwrap_or_default();
        if let Some(ours) = hosts.get(name) {
            let message = format!("{} names `{name}`, too", manifest.title());
            found.push(
                weakened(host.span, message)
                    .label("two entries for one host are not merged")
                    .also(ours.name, "named here")
                    .help("keep the policy's alone"),
            );
        }
    }
}
