//! What the pod may connect to: what every sidecar needs, and what the policy names by address.

use super::{NAMESPACE_LABEL, block, namespace, rule, tcp, udp};
use crate::artefact::egress::{Outside, Workload};
use crate::deployment::{Image, Location, Reference};
use crate::https::Authority;
use crate::policy::{Cidr, EgressService, Entry};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DNS: u16 = 53;

/// Port of istiod for certificates and configuration.
const ISTIOD: u16 = 15012;

pub(super) fn rules(workload: Workload<'_>, outside: &BTreeMap<String, Outside>) -> Vec<Value> {
    let deployment = workload.deployment;
    let fixed = [
        rule("to", dns(workload), vec![udp(DNS), tcp(DNS)]),
        rule(
            "to",
            vec![namespace(&deployment.network.istio_namespace)],
            vec![tcp(ISTIOD)],
        ),
        registry(workload),
        pod_identity(workload),
    ];
    let services = workload.compilation.policy.egress.services.iter();
    let services = services.chain(&deployment.telemetry.collectors);
    let services = services.filter_map(service);
    let hosts = outside.values().filter_map(host);
    fixed
        .into_iter()
        .flatten()
        .chain(services)
        .chain(hosts)
        .collect()
}

fn dns(workload: Workload<'_>) -> Vec<Value> {
    let cluster = json!({
        "namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    });
    let node = workload.deployment.network.node_local_dns.iter();
    let node = node.map(|address| block(&Cidr::host(address.value)));
    [cluster].into_iter().chain(node).collect()
}

/// The proxy pulls the filter whenever it starts; a module in a volume is there already.
fn registry(workload: Workload<'_>) -> Option<Value> {
    let image = &workload.deployment.image;
    if image.location == Location::File {
        return None;
    }
    let cidrs = &workload.deployment.network.registry_cidrs;
    let peers = cidrs.iter().map(|cidr| block(&cidr.value)).collect();
    rule("to", peers, vec![tcp(registry_port(image))])
}

fn registry_port(image: &Image) -> u16 {
    let port = match Reference::of(image) {
        Some(reference) => reference.port(),
        None => Authority::of(&image.url.value).map(|authority| authority.port),
    };
    port.unwrap_or(443)
}

fn pod_identity(workload: Workload<'_>) -> Option<Value> {
    let agent = workload.deployment.pod_identity_agent()?;
    rule("to", vec![block(&agent)], vec![tcp(80)])
}

fn service((name, entry): (&String, &Entry<EgressService>)) -> Option<Value> {
    let (of, _) = name.split_once('/')?;
    let service = &entry.value;
    let port = service.target_port.as_ref().unwrap_or(&service.port);
    rule("to", vec![namespace(of)], vec![tcp(port.value)])
}

fn host(host: &Outside) -> Option<Value> {
    let peers = host.cidrs.iter().map(block).collect();
    rule("to", peers, vec![tcp(host.port)])
}
