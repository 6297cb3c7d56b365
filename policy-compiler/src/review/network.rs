//! NetworkPolicy and ServiceEntry: what is allowed twice, and what is allowed once only.

use super::subject::NAME_OF_NAMESPACE;
use super::{Manifest, Subject, weakened};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::policy::{self, Cidr};
use crate::yaml::Node;

const DIRECTIONS: [(&str, &str, &str); 2] = [
    ("ingress", "from", "lets everyone in"),
    ("egress", "to", "lets the server reach everything"),
];

/// NetworkPolicies add up, as ALLOWs do.
pub(super) fn check_policies(
    subject: &Subject<'_>,
    manifests: &[Manifest],
    found: &mut Diagnostics,
) {
    let others = manifests.iter().filter(|manifest| adds(subject, manifest));
    let others: Vec<&Manifest> = others.collect();
    for (direction, peers, whom) in DIRECTIONS {
        // Rules of which none alone is wide, and the policy that has the last of them.
        let (mut narrow, mut last) = (Vec::new(), None);
        for manifest in &others {
            let rules = manifest.items(&["spec", direction]).iter();
            let rules = rules.filter(|rule| direction == "egress" || allows_port(subject, rule));
            for rule in rules {
                match width(rule, peers) {
                    Some(width) => found.push(open(manifest, whom, peers, &width)),
                    None => {
                        narrow.push(rule);
                        last = Some((manifest, rule));
                    }
                }
            }
        }
        if let Some((manifest, rule)) = last.filter(|_| are_wide(&narrow, peers)) {
            found.push(open(manifest, whom, peers, &Width::Together(rule)));
        }
    }
}

/// Whether a manifest is a NetworkPolicy that adds to ours.
fn adds(subject: &Subject<'_>, manifest: &Manifest) -> bool {
    let is_policy = (manifest.group(), manifest.kind()) == ("networking.k8s.io", "NetworkPolicy");
    is_policy
        && subject.is_beside(manifest)
        && !subject.is_own(manifest)
        && subject.is_chosen(manifest.at(&["spec", "podSelector"]))
}

fn open(manifest: &Manifest, whom: &str, peers: &str, width: &Width<'_>) -> Diagnostic {
    let (node, label) = match width {
        Width::Unnamed(rule) => (rule, format!("no `{peers}`")),
        Width::Peer(peer) => (peer, "covers everyone".into()),
        Width::Together(rule) => (
            rule,
            "with the blocks of rules before it, covers everyone".into(),
        ),
    };
    weakened(node.span, format!("{} {whom}", manifest.title()))
        .label(label)
        .help("NetworkPolicies add up: take this workload out of its selector")
}

/// Why rules hold for everyone.
enum Width<'n> {
    Unnamed(&'n Node),
    Peer(&'n Node),
    Together(&'n Node),
}

fn width<'n>(rule: &'n Node, key: &str) -> Option<Width<'n>> {
    let peers = peers(rule, key);
    if peers.is_empty() {
        return Some(Width::Unnamed(rule));
    }
    peers.iter().find(|peer| is_everyone(peer)).map(Width::Peer)
}

fn peers<'n>(rule: &'n Node, key: &str) -> &'n [Node] {
    rule.get(key).map(Node::items).unwrap_or_default()
}

/// Whether a peer is every address, or every pod of the cluster. What a block excepts is no matter.
fn is_everyone(peer: &Node) -> bool {
    if let Some(block) = peer.get("ipBlock") {
        let cidr = block.get("cidr");
        return cidr.is_none_or(|cidr| is_wide(std::slice::from_ref(cidr)));
    }
    let selects_all = |key| peer.get(key).is_none_or(selects_all);
    match peer.get("namespaceSelector") {
        Some(_) => selects_all("namespaceSelector") && selects_all("podSelector"),
        // Every pod of the namespace is not everyone.
        None => peer.get("podSelector").is_none(),
    }
}

/// Whether the blocks of all rules are together so many addresses as no one network has.
fn are_wide(rules: &[&Node], key: &str) -> bool {
    let peers = rules.iter().flat_map(|rule| peers(rule, key));
    let blocks = peers.filter_map(|peer| peer.at(&["ipBlock", "cidr"]));
    is_wide(blocks)
}

/// The same of a list of blocks.
pub(super) fn is_wide<'n>(blocks: impl IntoIterator<Item = &'n Node>) -> bool {
    let blocks = blocks.into_iter().filter_map(Node::scalar);
    let blocks: Vec<Cidr> = blocks
        .filter_map(|block| Cidr::parse(block.trim()))
        .collect();
    policy::are_wide(&blocks)
}

/// Whether a selector asks for nothing, or only for what everything has or next to nothing lacks.
pub(super) fn selects_all(selector: &Node) -> bool {
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
