//! What is read, and the roles that suffice for it: one table for both, so that they cannot differ.

use super::Target;
use crate::compilation::Compilation;
use crate::yaml::write::document;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A list of objects, or one object, to be read from the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The group of its API; empty for the core group.
    pub group: &'static str,
    /// The resource, in the plural.
    pub resource: &'static str,
    /// The namespace.
    pub namespace: String,
    /// The only one that is needed; else all.
    pub name: Option<String>,
}

/// A page of a proxy, by the port of its own loopback interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// The port: Envoy's administration, or the agent's.
    pub port: u16,
    /// The page, without the first slash.
    pub path: &'static str,
}

/// All that Envoy runs.
pub const CONFIG_DUMP: Query = Query {
    port: 15000,
    path: "config_dump",
};

/// Its version, and how many workers it has.
pub const SERVER_INFO: Query = Query {
    port: 15000,
    path: "server_info",
};

/// Which policies its workers run.
pub const STATS: Query = Query {
    port: 15000,
    path: "stats?filter=mcp_guard_policy",
};

/// Whether the agent could fetch modules.
pub const AGENT_METRICS: Query = Query {
    port: 15020,
    path: "metrics",
};

/// Where a kind counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// In the workload's namespace.
    Beside,
    /// There, and in the mesh's root namespace, from which it reaches all others.
    BesideAndRoot,
}

const KINDS: &[(&str, &str, Where)] = &[
    ("", "pods", Where::Beside),
    ("", "services", Where::Beside),
    ("", "serviceaccounts", Where::Beside),
    ("networking.k8s.io", "networkpolicies", Where::Beside),
    ("networking.istio.io", "serviceentries", Where::Beside),
    ("networking.istio.io", "destinationrules", Where::Beside),
    ("networking.istio.io", "sidecars", Where::BesideAndRoot),
    ("networking.istio.io", "envoyfilters", Where::BesideAndRoot),
    (
        "security.istio.io",
        "authorizationpolicies",
        Where::BesideAndRoot,
    ),
    (
        "security.istio.io",
        "peerauthentications",
        Where::BesideAndRoot,
    ),
    (
        "security.istio.io",
        "requestauthentications",
        Where::BesideAndRoot,
    ),
    ("telemetry.istio.io", "telemetries", Where::BesideAndRoot),
    ("extensions.istio.io", "wasmplugins", Where::BesideAndRoot),
    (
        "extensions.istio.io",
        "trafficextensions",
        Where::BesideAndRoot,
    ),
];

/// The ConfigMap with the mesh's configuration, which defines providers of access logs.
const MESH_CONFIG: &str = "istio";

/// What is to be read. `cni_namespaces` are those in which the cluster's network plugin may run.
#[must_use]
pub fn reads(compilation: &Compilation, cni_namespaces: &[String]) -> Vec<Read> {
    let Some(target) = Target::new(compilation) else {
        return Vec::new();
    };
    let namespace = target.namespace();
    let root = target.deployment.network.istio_namespace.as_str();
    let read = |group, resource, namespace: &str, name: Option<&str>| Read {
        group,
        resource,
        namespace: namespace.into(),
        name: name.map(Into::into),
    };
    let mut reads = vec![
        read("", "namespaces", namespace, Some(namespace)),
        read("", "configmaps", root, Some(MESH_CONFIG)),
    ];
    for (group, resource, place) in KINDS {
        reads.push(read(group, resource, namespace, None));
        if *place == Where::BesideAndRoot {
            reads.push(read(group, resource, root, None));
        }
    }
    let plugins = cni_namespaces.iter();
    reads.extend(plugins.map(|namespace| read("apps", "daemonsets", namespace, None)));
    reads
}

/// The least roles for that, as a stream of YAML documents: one for each namespace.
#[must_use]
pub fn roles(compilation: &Compilation, cni_namespaces: &[String], probes: bool) -> String {
    let mut rules: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for read in reads(compilation, cni_namespaces) {
        rules
            .entry(read.namespace.clone())
            .or_default()
            .push(rule(&read));
    }
    let Some(target) = Target::new(compilation) else {
        return String::new();
    };
    let beside = rules.entry(target.namespace().into()).or_default();
    let on_pods = |resource: &str, verbs: &[&str]| json!({"apiGroups": [""], "resources": [resource], "verbs": verbs});
    // Which of the two verbs is asked for depends on the version of kubectl.
    beside.push(on_pods("pods/exec", &["create", "get"]));
    if probes {
        beside.push(on_pods("pods/proxy", &["create"]));
    }
    let roles = rules.into_iter().map(|(namespace, rules)| {
        let role = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": "mcp-guard-doctor", "namespace": namespace},
            "rules": rules,
        });
        format!("---\n{}", document(&role))
    });
    roles.collect()
}

fn rule(read: &Read) -> Value {
    match &read.name {
        Some(name) => json!({
            "apiGroups": [read.group],
            "resources": [read.resource],
            "resourceNames": [name],
            "verbs": ["get"],
        }),
        None => json!({
            "apiGroups": [read.group],
            "resources": [read.resource],
            "verbs": ["get", "list"],
        }),
    }
}
