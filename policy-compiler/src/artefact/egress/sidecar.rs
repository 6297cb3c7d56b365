//! The Sidecar: which hosts the workload's proxy knows at all.

use super::{ANNOTATION_NOTE, Outside, Workload};
use crate::artefact::Object;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Domain of the services of a cluster.
const CLUSTER_DOMAIN: &str = "svc.cluster.local";

/// No host of any namespace: an empty list is not valid, and would mean nothing is restricted.
const NOTHING: &str = "~/*";

const NOTE: &str = "This replaces the namespace's default Sidecar for the workload. It is no security \
    boundary by itself: a process with the proxy's user id, and UDP, go round the proxy. The \
    NetworkPolicy of the same name is the boundary.";

/// Exactly what the policy names. `istio-system/*` is not needed, and would admit every
/// ServiceEntry that somebody keeps there for the whole mesh.
pub(super) fn object(workload: Workload<'_>, outside: &BTreeMap<String, Outside>) -> Object {
    let policy = &workload.compilation.policy;
    let collectors = &workload.deployment.telemetry.collectors;
    let services = policy.egress.services.keys().chain(collectors.keys());
    let services = services.filter_map(|name| {
        let (namespace, service) = name.split_once('/')?;
        Some(format!(
            "{namespace}/{service}.{namespace}.{CLUSTER_DOMAIN}"
        ))
    });
    let outside = outside.keys().map(|host| format!("./{host}"));
    let mut hosts: BTreeSet<String> = outside.chain(services).collect();
    if hosts.is_empty() {
        hosts.insert(NOTHING.into());
    }
    workload
        .object(
            "networking.istio.io/v1",
            "Sidecar",
            workload.server(),
            "egress",
        )
        .annotate(ANNOTATION_NOTE, NOTE)
        .with(
            "spec",
            json!({
                "workloadSelector": {"labels": workload.labels()},
                "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"},
                "egress": [{"hosts": hosts}],
            }),
        )
}
