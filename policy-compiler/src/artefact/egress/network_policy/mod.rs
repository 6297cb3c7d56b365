//! The NetworkPolicy: the boundary that holds whatever runs in the pod.
//!
//! It knows addresses, namespaces and labels, and no names.

mod ingress;
mod outgoing;

use super::{ANNOTATION_NOTE, Outside, Workload};
use crate::artefact::Object;
use crate::policy::Cidr;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) use ingress::is_foreign;

/// Label by which Kubernetes names every namespace.
const NAMESPACE_LABEL: &str = "kubernetes.io/metadata.name";

const NOTE: &str = "The kubelet's probes come from the node, which every NetworkPolicy lets in: they \
    need no entry, nor does 15021. The sidecar's ports 15020 and 15090 are open to the scraper \
    alone; an AuthorizationPolicy does not cover them. A host without `cidrs` is cut here unless \
    a policy of the CNI that knows names lets it through.";

pub(super) fn object(workload: Workload<'_>, outside: &BTreeMap<String, Outside>) -> Object {
    let api = "networking.k8s.io/v1";
    let name = workload.server();
    workload
        .object(api, "NetworkPolicy", name, "callers, egress")
        .annotate(ANNOTATION_NOTE, NOTE)
        .with(
            "spec",
            json!({
                "podSelector": {"matchLabels": workload.labels()},
                // Both are named, since a direction without rules is then closed.
                "policyTypes": ["Ingress", "Egress"],
                "ingress": ingress::rules(workload),
                "egress": outgoing::rules(workload, outside),
            }),
        )
}

/// One rule. None without peers: a list without entries would mean everyone.
fn rule(direction: &str, peers: Vec<Value>, ports: Vec<Value>) -> Option<Value> {
    if peers.is_empty() || ports.is_empty() {
        return None;
    }
    Some(json!({direction: peers, "ports": ports}))
}

fn namespace(name: &str) -> Value {
    json!({"namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: name}}})
}

/// A block, but for the metadata service within it, which hands out the node's credentials.
fn block(cidr: &Cidr) -> Value {
    let within = cidr.metadata().filter(|block| block != cidr);
    let except: Vec<String> = within.map(|block| block.to_string()).collect();
    match except.is_empty() {
        true => json!({"ipBlock": {"cidr": cidr.to_string()}}),
        false => json!({"ipBlock": {"cidr": cidr.to_string(), "except": except}}),
    }
}

fn tcp(port: u16) -> Value {
    json!({"protocol": "TCP", "port": port})
}

fn udp(port: u16) -> Value {
    json!({"protocol": "UDP", "port": port})
}
