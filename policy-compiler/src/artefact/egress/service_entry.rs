//! ServiceEntries: one per host and namespace.

use super::{Outside, host_name, outside};
use crate::artefact::{Object, Provenance};
use crate::compilation::Compilation;
use crate::diagnostic::{Code, Diagnostic};
use crate::policy::EgressTls;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the policies of a namespace say about one host.
#[derive(Default)]
struct Merged {
    /// The first to ask for each port; what another says differently is a conflict.
    ports: BTreeMap<u16, Outside>,
    paths: BTreeSet<String>,
}

pub(super) fn objects(compilations: &[&Compilation]) -> Vec<Object> {
    let deployments = compilations
        .iter()
        .find_map(|compilation| compilation.deployment.as_ref());
    let Some(deployment) = deployments else {
        return Vec::new();
    };
    let mut hosts: BTreeMap<String, Merged> = BTreeMap::new();
    for (name, host) in all(compilations) {
        let merged = hosts.entry(name).or_default();
        merged.paths.insert(host.path.clone());
        merged.ports.entry(host.service_port()).or_insert(host);
    }
    hosts
        .iter()
        .map(|(name, merged)| object(&deployment.namespace.value, name, merged))
        .collect()
}

/// Hosts that two policies of a namespace, or two entries of one, cannot both have as they say.
pub(crate) fn conflicts(compilations: &[&Compilation]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut first: BTreeMap<(String, u16), Outside> = BTreeMap::new();
    for (name, host) in all(compilations) {
        let port = host.service_port();
        match first.get(&(name.clone(), port)) {
            Some(other) if (other.tls, other.port) != (host.tls, host.port) => {
                let message =
                    format!("`{name}` is reached on port {port} in two ways in this namespace");
                found.push(
                    Diagnostic::new(Code::EgressConflict, host.span, message)
                        .also(other.span, "the other way")
                        .help("Istio knows one meaning of a host's port in a namespace"),
                );
            }
            Some(_) => {}
            None => {
                first.insert((name, port), host);
            }
        }
    }
    found
}

/// Every host of every policy; the order of the files must not matter.
fn all(compilations: &[&Compilation]) -> impl Iterator<Item = (String, Outside)> {
    let mut sorted = compilations.to_vec();
    sorted.sort_by(|a, b| a.policy.server.value.cmp(&b.policy.server.value));
    sorted
        .into_iter()
        .flat_map(|compilation| outside(&compilation.policy, compilation.deployment.as_ref()))
}

fn object(namespace: &str, host: &str, merged: &Merged) -> Object {
    let paths: Vec<&str> = merged.paths.iter().map(String::as_str).collect();
    let provenance = Provenance {
        path: paths.join(", "),
        digest: None,
    };
    let name = host_name("mcp-egress", host);
    let ports: Vec<Value> = merged.ports.values().map(port).collect();
    Object::new(
        "networking.istio.io/v1",
        "ServiceEntry",
        namespace,
        &name,
        &provenance,
    )
    .with(
        "spec",
        json!({
            "hosts": [host],
            "exportTo": ["."],
            "location": "MESH_EXTERNAL",
            "ports": ports,
            "resolution": resolution(host),
        }),
    )
}

/// The proxy resolves the name, so that the address is the name's. `NONE` would let the server choose
/// any address and only claim the name.
fn resolution(host: &str) -> &'static str {
    match host.starts_with("*.") {
        true => "DYNAMIC_DNS",
        false => "DNS",
    }
}

fn port(host: &Outside) -> Value {
    let number = host.service_port();
    let (name, protocol) = match host.tls {
        EgressTls::Passthrough => ("tls", "TLS"),
        EgressTls::Originate => ("http", "HTTP"),
        EgressTls::Opaque => ("tcp", "TCP"),
    };
    let mut port = json!({
        "number": number,
        "name": format!("{name}-{number}"),
        "protocol": protocol,
    });
    if host.port != number
        && let Some(port) = port.as_object_mut()
    {
        port.insert("targetPort".into(), host.port.into());
    }
    port
}
