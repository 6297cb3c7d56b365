//! NetworkPolicy and ServiceEntry: what is allowed twice, and what is allowed once only.

use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;
use crate::yaml::Node;

/// NetworkPolicies add up, as ALLOWs do.
pub(super) fn check_policy(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if manifest.is_own() || !subject.is_beside(manifest) {
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
            if rule.get(peers).is_none_or(|peers| peers.items().is_empty())
                && allows_port(subject, direction, rule)
            {
                let message = format!("{} {whom}", manifest.title());
                found.push(
                    weakened(rule.span, message)
                        .label(format!("no `{peers}`"))
                        .help("NetworkPolicies add up: take this workload out of its selector"),
                );
            }
        }
    }
}

/// Whether a rule of ingress holds on the MCP port; any rule of egress counts.
fn allows_port(subject: &Subject<'_>, direction: &str, rule: &Node) -> bool {
    let ports = rule.get("ports").map(Node::items).unwrap_or_default();
    if ports.is_empty() {
        return true;
    }
    direction == "ingress"
        && ports
            .iter()
            .filter_map(|port| port.get("port").and_then(Node::scalar))
            .any(|port| subject.is_port(port))
}

/// Two ServiceEntries for one host are not merged: the later one's port never appears.
pub(super) fn check_entry(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if manifest.is_own() || !subject.is_beside(manifest) {
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
