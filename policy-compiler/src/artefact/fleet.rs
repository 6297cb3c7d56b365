//! Several policies at once: a folder each, what they share in a namespace, and what they cannot share.
//!
//! ```text
//! NAME/…                  as for one policy, without what its namespace shares
//! namespaces/NAMESPACE/…  the hosts outside that its policies reach, each once
//! kustomization.yaml      all of them
//! mesh-config.yaml        for all of them
//! ```

use super::layout::{self, File};
use super::{Object, conflicts, egress, order, workload_objects};
use crate::compilation::Compilation;
use crate::deployment::Deployment;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::lower::Stage;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The folder of what namespaces share.
const SHARED: &str = "namespaces";

/// One policy of a fleet.
#[derive(Clone, Copy, Debug)]
pub struct Member<'c> {
    /// Name of its folder.
    pub name: &'c str,
    /// The policy and its deployment.
    pub compilation: &'c Compilation,
}

/// Says what the policies cannot share: a workload, or a host with two meanings.
pub fn check_fleet(members: &[Member<'_>], found: &mut Diagnostics) {
    for policies in by_namespace(members).values() {
        found.extend(conflicts(policies));
        for (index, policy) in policies.iter().enumerate() {
            let others = policies.iter().take(index);
            found.extend(others.filter_map(|first| claimed_twice(first, policy)));
        }
    }
    for member in members.iter().filter(|member| member.name == SHARED) {
        let message = format!("a policy's folder may not be called `{SHARED}`");
        let span = member.compilation.policy.server.span;
        found.push(Diagnostic::new(Code::Malformed, span, message));
    }
}

/// Every file of a fleet. Those without a deployment have none.
#[must_use]
pub fn fleet_files(members: &[Member<'_>]) -> Vec<File> {
    let mut files = Vec::new();
    let mut folders = Vec::new();
    for member in members {
        let folder = format!("{}/", member.name);
        let objects = workload_objects(member.compilation);
        let own = layout::workload_files(&folder, member.compilation, &objects);
        if !own.is_empty() {
            files.extend(own);
            folders.push(member.name.to_owned());
        }
    }
    for (namespace, policies) in by_namespace(members) {
        let objects = order::sorted(egress::namespace_objects(&policies));
        if !objects.is_empty() {
            files.extend(shared_files(namespace, &policies, &objects));
            folders.push(format!("{SHARED}/{namespace}"));
        }
    }
    folders.sort();
    let all = layout::kustomization(&folders, "");
    files.push(layout::file("", "kustomization.yaml", "", &all));
    files.push(layout::mesh_config_file());
    layout::sorted(files)
}

/// A release of its own: if it belonged to one of the policies, removing that would cut the others.
fn shared_files(namespace: &str, policies: &[&Compilation], objects: &[Object]) -> Vec<File> {
    let is_enforced = |policy: &&Compilation| {
        let deployment = policy.deployment.as_ref();
        deployment.is_some_and(|deployment| deployment.stage == Stage::Enforce)
    };
    let stage = match policies.iter().any(is_enforced) {
        true => Stage::Enforce,
        false => Stage::Observe,
    };
    let policy = json!({
        "server": "egress",
        "digest": digest(objects),
        "stage": layout::stage(stage),
        "namespace": namespace,
    });
    layout::unit(&format!("{SHARED}/{namespace}/"), objects, &policy)
}

/// It changes when one of the objects does.
fn digest(objects: &[Object]) -> String {
    let mut hasher = Sha256::new();
    for object in objects {
        hasher.update(object.to_yaml());
    }
    let digits = hasher.finalize();
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn by_namespace<'c>(members: &[Member<'c>]) -> BTreeMap<&'c str, Vec<&'c Compilation>> {
    let mut namespaces: BTreeMap<&str, Vec<&Compilation>> = BTreeMap::new();
    for member in members {
        if let Some(deployment) = &member.compilation.deployment {
            let namespace = deployment.namespace.value.as_str();
            namespaces
                .entry(namespace)
                .or_default()
                .push(member.compilation);
        }
    }
    namespaces
}

/// Two policies for one workload would each refuse what the other allows.
fn claimed_twice(first: &Compilation, second: &Compilation) -> Option<Diagnostic> {
    let (one, other) = (first.deployment.as_ref()?, second.deployment.as_ref()?);
    let (server, other_server) = (&first.policy.server, &second.policy.server);
    let message = if server.value == other_server.value {
        let namespace = &one.namespace.value;
        let name = &server.value;
        format!("two policies of the namespace `{namespace}` are about a server `{name}`")
    } else if includes(one, other) || includes(other, one) {
        format!(
            "the policies of `{}` and `{}` select the same pods",
            server.value, other_server.value
        )
    } else {
        return None;
    };
    Some(
        Diagnostic::new(Code::WorkloadClaimedTwice, other.selector_span, message)
            .also(one.selector_span, "claimed here first")
            .help("one workload has one policy: merge them, or select by a label that differs"),
    )
}

/// Whether every pod of `narrow` is one of `wide`. Selectors that merely could meet in a pod are left
/// alone, since they do not say which pods there are. Where they meet, the filters and layer 2 refuse
/// what either policy refuses; of layer 4, NetworkPolicies add up, and Istio heeds one Sidecar.
fn includes(wide: &Deployment, narrow: &Deployment) -> bool {
    wide.selector
        .iter()
        .all(|(key, value)| narrow.selector.get(key) == Some(value))
}

#[cfg(test)]
mod tests;
