//! What is read, and the roles that suffice for it: one table for both, so that they cannot differ.

use super::{Facts, Target, control_plane};
use crate::compilation::Compilation;
use crate::yaml::write::document;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A list of objects, or one object, to be read from the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The group of its API; empty for the core group.
    pub group: &'static str,
    /// The resource, in the plural.
    pub resource: &'static str,
    /// The namespace; empty for what is in none.
    pub namespace: String,
    /// The only one that is needed; else all.
    pub name: Option<String>,
}

/// `pods of ai-agents`.
impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resource)?;
        if let Some(name) = &self.name {
            write!(f, " {name}")?;
        }
        match self.namespace.as_str() {
            "" => f.write_str(" of the cluster"),
            namespace => write!(f, " of {namespace}"),
        }
    }
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
    (
        "networking.istio.io",
        "destinationrules",
        Where::BesideAndRoot,
    ),
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

const ROLE: &str = "mcp-guard-doctor";

/// What goes before NetworkPolicies, in clusters that know it.
const ADMIN_KINDS: [&str; 2] = ["adminnetworkpolicies", "clusternetworkpolicies"];

/// What is still to be read, once this much is known. `cni_namespaces` are those in which the
/// cluster's network plugin may run.
#[must_use]
pub fn reads(compilation: &Compilation, cni_namespaces: &[String], facts: &Facts) -> Vec<Read> {
    let Some(target) = Target::new(compilation) else {
        return Vec::new();
    };
    let plugins = cni_namespaces.iter();
    let plugins = plugins.map(|namespace| all("apps", "daemonsets", namespace));
    let mut reads = missing(&target, facts);
    reads.extend(plugins.filter(|read| !is_asked(read, facts)));
    reads
}

/// What was never asked for, and must be known.
pub(super) fn missing(target: &Target<'_>, facts: &Facts) -> Vec<Read> {
    let mut reads = wanted(target, facts);
    reads.retain(|read| !is_asked(read, facts));
    reads
}

fn is_asked(read: &Read, facts: &Facts) -> bool {
    facts.asked.contains(&read.to_string())
}

fn wanted(target: &Target<'_>, facts: &Facts) -> Vec<Read> {
    let planes = control_plane::of_proxies(facts).into_iter();
    let mut reads = wanted_of(target, &control_plane::roots(target, facts));
    reads.extend(planes.map(|plane| one("", "configmaps", &plane.namespace, &plane.config)));
    reads
}

/// All but the configuration of the mesh.
fn wanted_of(target: &Target<'_>, roots: &BTreeSet<String>) -> Vec<Read> {
    let namespace = target.namespace();
    let mut reads = vec![one("", "namespaces", namespace, namespace)];
    for (group, resource, place) in KINDS {
        reads.push(all(group, resource, namespace));
        if *place == Where::BesideAndRoot {
            let roots = roots.iter().filter(|root| *root != namespace);
            reads.extend(roots.map(|root| all(group, resource, root)));
        }
    }
    if target.of_kind("NetworkPolicy").next().is_some() {
        reads.extend(ADMIN_KINDS.map(|resource| all("policy.networking.k8s.io", resource, "")));
    }
    reads
}

fn all(group: &'static str, resource: &'static str, namespace: &str) -> Read {
    Read {
        group,
        resource,
        namespace: namespace.into(),
        name: None,
    }
}

fn one(group: &'static str, resource: &'static str, namespace: &str, name: &str) -> Read {
    Read {
        name: Some(name.into()),
        ..all(group, resource, namespace)
    }
}

/// The pods of the workload's namespace, to be read again: some come and go.
#[must_use]
pub fn pods_again(compilation: &Compilation) -> Option<Read> {
    let target = Target::new(compilation)?;
    Some(all("", "pods", target.namespace()))
}

/// The least roles for all of that, as a stream of YAML documents: one for each namespace, whichever of
/// the policies needs it, and perhaps one for the cluster.
#[must_use]
pub fn roles<'c>(
    compilations: impl IntoIterator<Item = &'c Compilation>,
    cni_namespaces: &[String],
    probes: bool,
) -> String {
    let mut rules: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for compilation in compilations {
        for (namespace, rule) in rules_of(compilation, cni_namespaces, probes) {
            let rules = rules.entry(namespace).or_default();
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
    }
    let roles = rules.into_iter();
    roles
        .map(|(namespace, rules)| role(&namespace, &rules))
        .collect()
}

/// Each rule that one policy needs, with its namespace.
fn rules_of(
    compilation: &Compilation,
    cni_namespaces: &[String],
    probes: bool,
) -> Vec<(String, Value)> {
    let Some(target) = Target::new(compilation) else {
        return Vec::new();
    };
    let network = &target.deployment.network;
    let revisions = network.istio_revisions.iter();
    let revisions = revisions
        .map(|revision| revision.value.as_str())
        .chain([""]);
    let configs: BTreeSet<String> = revisions.map(control_plane::config_of).collect();
    let configs = configs.iter();
    let mut reads = reads(compilation, cni_namespaces, &Facts::default());
    reads.extend(configs.map(|name| one("", "configmaps", &network.istio_namespace, name)));
    let mut rules: Vec<(String, Value)> = reads
        .into_iter()
        .map(|read| {
            let rule = rule(&read);
            (read.namespace, rule)
        })
        .collect();
    let on_pods = |resource: &str, verbs: &[&str]| {
        let rule = json!({"apiGroups": [""], "resources": [resource], "verbs": verbs});
        (target.namespace().to_owned(), rule)
    };
    // Which of the two verbs is asked for depends on the version of kubectl.
    rules.push(on_pods("pods/exec", &["create", "get"]));
    if probes {
        rules.push(on_pods("pods/proxy", &["create"]));
    }
    rules
}

fn role(namespace: &str, rules: &[Value]) -> String {
    let (kind, metadata) = match namespace {
        "" => ("ClusterRole", json!({"name": ROLE})),
        namespace => ("Role", json!({"name": ROLE, "namespace": namespace})),
    };
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata,
        "rules": rules,
    });
    format!("---\n{}", document(&role))
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
