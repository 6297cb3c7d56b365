//! Layer 4: what the workload may reach, and who may reach it, below HTTP.
//!
//! Sidecar and ServiceEntries tell the proxy which hosts there are; a process with the proxy's user
//! id, and anything over UDP, goes round the proxy. The NetworkPolicy is the boundary.

mod destination_rule;
mod network_policy;
mod outside;
mod service_entry;
mod sidecar;
#[cfg(test)]
mod tests;

pub(crate) use network_policy::is_foreign;
pub(crate) use outside::{Outside, outside};
pub(crate) use service_entry::conflicts;

use super::{ANNOTATION_NOTE, Object, Provenance};
use crate::compilation::Compilation;
use crate::deployment::Deployment;
use crate::lower::Stage;
use serde_json::Value;

/// The objects of one workload. Its ServiceEntries are those of the namespace.
///
/// None of these has a dry run, so `observe` emits none of them.
pub(super) fn objects(compilation: &Compilation, deployment: &Deployment) -> Vec<Object> {
    if deployment.stage == Stage::Observe {
        return Vec::new();
    }
    let outside = outside(&compilation.policy, Some(deployment));
    let workload = Workload {
        compilation,
        deployment,
    };
    let mut objects = destination_rule::objects(workload, &outside);
    objects.push(sidecar::object(workload, &outside));
    objects.push(network_policy::object(workload, &outside));
    objects
}

/// The ServiceEntries of all policies of one namespace: Istio does not merge two for one host.
///
/// They make a host known and cut nothing, so every stage has them.
pub(super) fn namespace_objects(compilations: &[&Compilation]) -> Vec<Object> {
    service_entry::objects(compilations)
}

/// One policy and where it runs.
#[derive(Clone, Copy)]
struct Workload<'a> {
    compilation: &'a Compilation,
    deployment: &'a Deployment,
}

impl Workload<'_> {
    /// An object of the workload's namespace, made from a part of the policy.
    fn object(&self, api_version: &str, kind: &str, name: &str, path: &str) -> Object {
        let provenance = Provenance {
            path: path.into(),
            digest: None,
        };
        let namespace = &self.deployment.namespace.value;
        Object::new(api_version, kind, namespace, name, &provenance)
    }

    fn server(&self) -> &str {
        &self.compilation.policy.server.value
    }

    fn labels(&self) -> Value {
        self.deployment
            .selector
            .iter()
            .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
            .collect()
    }
}

/// Name of an object about a host. `*` may not stand in it: `a.b` and `*.b` give `P.a.b`, `P-any.b`.
fn host_name(prefix: &str, host: &str) -> String {
    match host.strip_prefix("*.") {
        Some(rest) => format!("{prefix}-any.{rest}"),
        None => format!("{prefix}.{host}"),
    }
}
