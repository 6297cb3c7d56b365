//! AdminNetworkPolicy and ClusterNetworkPolicy (policy.networking.k8s.io): what they allow, no
//! NetworkPolicy can cut.
//!
//! Their baselines are no matter: those hold for pods that no NetworkPolicy selects.

use super::network::is_wide;
use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;
use crate::yaml::Node;

const GROUP: &str = "policy.networking.k8s.io";

const DIRECTIONS: [(&str, &str, &str); 2] = [
    ("ingress", "from", "lets everyone in"),
    ("egress", "to", "lets the server reach everything"),
];

pub(super) fn check(subject: &Subject<'_>, manifests: &[Manifest], found: &mut Diagnostics) {
    let chosen: Vec<&Manifest> = manifests
        .iter()
        .filter(|manifest| is_admin(manifest) && chooses(subject, manifest))
        .collect();
    for (direction, peers, whom) in DIRECTIONS {
        // Which of several rules counts depends on orders that are not weighed here.
        let is_contested = chosen.iter().any(|manifest| {
            let mut rules = manifest.items(&["spec", direction]).iter();
            rules.any(|rule| !allows(rule))
        });
        for manifest in &chosen {
            for rule in manifest.items(&["spec", direction]) {
                if !allows(rule) || (direction == "ingress" && !reaches_port(subject, rule)) {
                    continue;
                }
                let peers = rule.get(peers).map(Node::items).unwrap_or_default();
                let Some(peer) = peers.iter().find(|peer| is_everyone(peer)) else {
                    continue;
                };
                let message = format!("{} {whom}", manifest.title());
                let open = weakened(peer.span, message)
                    .label("covers everyone, and goes before every NetworkPolicy")
                    .help("take this workload out of its `subject`, or let the rule `Pass`");
                found.push(match is_contested {
                    true => open.warning(),
                    false => open,
                });
            }
        }
    }
}

fn is_admin(manifest: &Manifest) -> bool {
    let is_tier = || manifest.text(&["spec", "tier"]) == Some("Admin");
    manifest.group() == GROUP
        && match manifest.kind() {
            "AdminNetworkPolicy" => true,
            "ClusterNetworkPolicy" => is_tier(),
            _ => false,
        }
}

fn chooses(subject: &Subject<'_>, manifest: &Manifest) -> bool {
    let at = |path: &[&str]| manifest.at(&[&["spec", "subject"], path].concat());
    match (at(&["namespaces"]), at(&["pods"])) {
        (Some(namespaces), _) => subject.is_at_home(Some(namespaces)),
        (None, Some(pods)) => {
            subject.is_at_home(pods.get("namespaceSelector"))
                && subject.is_chosen(pods.get("podSelector"))
        }
        // A form that is not known may choose anything.
        (None, None) => true,
    }
}

/// `Allow` in AdminNetworkPolicy, and `Accept` in ClusterNetworkPolicy.
fn allows(rule: &Node) -> bool {
    let action = rule.get("action").and_then(Node::scalar);
    matches!(action, Some("Allow" | "Accept"))
}

/// Whether a peer is every address, every node or every pod of the cluster.
fn is_everyone(peer: &Node) -> bool {
    let selects_all = |selector: Option<&Node>| selector.is_none_or(super::network::selects_all);
    if let Some(pods) = peer.get("pods") {
        return selects_all(pods.get("namespaceSelector")) && selects_all(pods.get("podSelector"));
    }
    let networks = peer.get("networks").map(Node::items).unwrap_or_default();
    let is_all = |key| peer.get(key).is_some_and(super::network::selects_all);
    is_all("namespaces") || is_all("nodes") || is_wide(networks)
}

/// Whether a rule holds on the MCP port. Without ports, or with one that is only named, it does.
fn reaches_port(subject: &Subject<'_>, rule: &Node) -> bool {
    let ports = rule.get("ports").or_else(|| rule.get("protocols"));
    let ports = ports.map(Node::items).unwrap_or_default();
    ports.is_empty() || ports.iter().any(|port| is_mcp_port(subject, port))
}

fn is_mcp_port(subject: &Subject<'_>, port: &Node) -> bool {
    let named = port
        .get("namedPort")
        .or_else(|| port.get("destinationNamedPort"));
    if let Some(name) = named.and_then(Node::scalar) {
        return subject.is_port(name);
    }
    let number = |path: &[&str]| port.at(path)?.scalar()?.parse::<u16>().ok();
    // The first three of each: one port, and the ends of a range.
    let forms: [[&[&str]; 3]; 2] = [
        [
            &["portNumber", "port"],
            &["portRange", "start"],
            &["portRange", "end"],
        ],
        [
            &["tcp", "destinationPort", "number"],
            &["tcp", "destinationPort", "range", "start"],
            &["tcp", "destinationPort", "range", "end"],
        ],
    ];
    let is_of_others = |key| {
        let protocol = port.at(&[key, "protocol"]).and_then(Node::scalar);
        protocol.is_some_and(|protocol| protocol != "TCP")
    };
    if is_of_others("portNumber")
        || is_of_others("portRange")
        || port.get("udp").is_some()
        || port.get("sctp").is_some()
    {
        return false;
    }
    let known = forms
        .into_iter()
        .find_map(|[one, first, last]| match number(one) {
            Some(port) => Some(port == subject.port),
            None => Some((number(first)?..=number(last)?).contains(&subject.port)),
        });
    known.unwrap_or(true)
}
