//! AdminNetworkPolicy and ClusterNetworkPolicy (policy.networking.k8s.io): what they allow, no
//! NetworkPolicy can cut.
//!
//! Their baselines are no matter: those hold for pods that no NetworkPolicy selects.

use super::super::{Manifest, Subject};
use super::Direction;
use super::rule::{Numbers, Peer, Peers, Port, Rule, Whom, selects_all};
use crate::yaml::Node;
use std::ops::RangeInclusive;

const GROUP: &str = "policy.networking.k8s.io";

const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// The rules that allow, of those that choose the workload.
pub(super) fn rules<'n>(
    subject: &Subject<'_>,
    manifests: &'n [Manifest],
    direction: Direction,
) -> Vec<Rule<'n>> {
    let chosen = manifests
        .iter()
        .filter(|manifest| is_admin(manifest) && chooses(subject, manifest));
    let all = chosen.flat_map(|manifest| {
        let rules = manifest.items(&["spec", direction.name]).iter();
        rules.map(move |rule| (manifest, rule))
    });
    let (allowing, others): (Vec<_>, Vec<_>) = all.partition(|(_, rule)| allows(rule));
    // Which of several rules counts depends on orders that are not weighed here.
    let is_contested = !others.is_empty();
    let allowing = allowing.into_iter();
    let rules = allowing.map(|(manifest, node)| Rule {
        manifest,
        node,
        peers: Peers::Named(peers(node, direction)),
        ports: ports(node),
        is_contested,
        advice: "it goes before every NetworkPolicy: take this workload out of its `subject`, or let the rule `Pass`",
    });
    rules.collect()
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

fn peers(rule: &Node, direction: Direction) -> Vec<Peer<'_>> {
    let peers = rule.get(direction.peers).map(Node::items);
    let peers = peers.unwrap_or_default().iter();
    peers
        .map(|node| Peer {
            node,
            whom: whom(node),
        })
        .collect()
}

fn whom(peer: &Node) -> Whom {
    let selects_all = |selector: Option<&Node>| selector.is_none_or(selects_all);
    let is_all = |key| peer.get(key).is_some() && selects_all(peer.get(key));
    if let Some(pods) = peer.get("pods") {
        let is_everyone =
            selects_all(pods.get("namespaceSelector")) && selects_all(pods.get("podSelector"));
        return match is_everyone {
            true => Whom::Everyone,
            false => Whom::Others,
        };
    }
    match peer.get("networks") {
        _ if is_all("namespaces") || is_all("nodes") => Whom::Everyone,
        Some(networks) => Whom::of_blocks(networks.items()),
        None => Whom::Others,
    }
}

fn ports(rule: &Node) -> Vec<Port<'_>> {
    let ports = rule.get("ports").or_else(|| rule.get("protocols"));
    ports
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .map(port)
        .collect()
}

/// AdminNetworkPolicy says `portNumber` or `portRange`, and ClusterNetworkPolicy `tcp`, `udp` or `sctp`.
fn port(node: &Node) -> Port<'_> {
    let named = node
        .get("namedPort")
        .or_else(|| node.get("destinationNamedPort"));
    if let Some(name) = named.and_then(Node::scalar) {
        return Port {
            is_tcp: true,
            numbers: Numbers::Named(name),
        };
    }
    let older = node.get("portNumber").or_else(|| node.get("portRange"));
    let protocol = older.and_then(|older| older.get("protocol")?.scalar());
    let is_tcp = protocol.is_none_or(|protocol| protocol == "TCP")
        && node.get("udp").is_none()
        && node.get("sctp").is_none();
    // A form that is not known may be any port.
    let numbers = range(node).map_or(Numbers::All, Numbers::Range);
    Port { is_tcp, numbers }
}

fn range(port: &Node) -> Option<RangeInclusive<u16>> {
    let number = |node: &Node, key: &str| node.get(key)?.scalar()?.parse::<u16>().ok();
    let between = |node: &Node| Some(number(node, "start")?..=number(node, "end")?);
    if let Some(range) = port.get("portRange") {
        return between(range);
    }
    let newer = || {
        PROTOCOLS
            .iter()
            .find_map(|name| port.at(&[name, "destinationPort"]))
    };
    let one = match port.get("portNumber") {
        Some(older) => number(older, "port"),
        None => newer().and_then(|port| number(port, "number")),
    };
    match one {
        Some(one) => Some(one..=one),
        None => between(newer()?.get("range")?),
    }
}
