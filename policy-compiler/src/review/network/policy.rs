//! NetworkPolicy.

use super::super::{Manifest, Subject};
use super::Direction;
use super::rule::{Numbers, Peer, Peers, Port, Rule, Whom, selects_all};
use crate::yaml::Node;

/// The rules of those that add to ours.
pub(super) fn rules<'n>(
    subject: &Subject<'_>,
    manifests: &'n [Manifest],
    direction: Direction,
) -> Vec<Rule<'n>> {
    let others = manifests.iter().filter(|manifest| adds(subject, manifest));
    let rules = others.flat_map(|manifest| {
        let rules = manifest.items(&["spec", direction.name]).iter();
        rules.map(move |node| rule(manifest, node, direction))
    });
    rules.collect()
}

fn adds(subject: &Subject<'_>, manifest: &Manifest) -> bool {
    let is_policy = (manifest.group(), manifest.kind()) == ("networking.k8s.io", "NetworkPolicy");
    is_policy
        && subject.is_beside(manifest)
        && !subject.is_own(manifest)
        && subject.is_chosen(manifest.at(&["spec", "podSelector"]))
}

fn rule<'n>(manifest: &'n Manifest, node: &'n Node, direction: Direction) -> Rule<'n> {
    let items = |key: &str| node.get(key).map(Node::items).unwrap_or_default();
    let peers = items(direction.peers).iter();
    let peers: Vec<_> = peers.map(peer).collect();
    Rule {
        manifest,
        node,
        peers: match peers.is_empty() {
            true => Peers::Unnamed(direction.peers),
            false => Peers::Named(peers),
        },
        ports: items("ports").iter().map(port).collect(),
        is_contested: false,
        advice: "NetworkPolicies add up: take this workload out of its selector",
    }
}

fn peer(node: &Node) -> Peer<'_> {
    let selects_all = |key| node.get(key).is_none_or(selects_all);
    let whom = match node.get("ipBlock").map(|block| block.get("cidr")) {
        Some(Some(cidr)) => Whom::of_blocks([cidr]),
        Some(None) => Whom::Everyone,
        // Every pod of the namespace is not everyone.
        None if node.get("namespaceSelector").is_none() && node.get("podSelector").is_some() => {
            Whom::Others
        }
        None if selects_all("namespaceSelector") && selects_all("podSelector") => Whom::Everyone,
        None => Whom::Others,
    };
    Peer { node, whom }
}

fn port(node: &Node) -> Port<'_> {
    let text = |key: &str| node.get(key).and_then(Node::scalar);
    let last = text("endPort").and_then(|last| last.parse::<u16>().ok());
    let numbers = match node.get("port").filter(|port| !port.is_null()) {
        None => Numbers::All,
        Some(first) => {
            let first = first.scalar().unwrap_or_default();
            match first.parse::<u16>() {
                Ok(first) => Numbers::Range(first..=last.unwrap_or(first)),
                Err(_) => Numbers::Named(first),
            }
        }
    };
    Port {
        is_tcp: text("protocol").is_none_or(|protocol| protocol == "TCP"),
        numbers,
    }
}
