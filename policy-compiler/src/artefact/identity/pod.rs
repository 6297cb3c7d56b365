//! What the pod's template must say for its identity and its hardening.

use crate::compilation::Compilation;
use crate::deployment::Deployment;
use serde_json::{Map, Value, json};

/// Addresses that the sidecar leaves alone.
const EXCLUDE_OUTBOUND: &str = "traffic.sidecar.istio.io/excludeOutboundIPRanges";

/// The strategic merge fragment of the Deployment's pod template.
///
/// `automountServiceAccountToken` is left as it is: the tokens of AWS and of the mesh are volumes of
/// their own, and whether the server itself speaks to Kubernetes, the policy does not know.
pub(in crate::artefact) fn pod_patch(compilation: &Compilation, deployment: &Deployment) -> Value {
    let _ = compilation;
    let mut spec = Map::new();
    if let Some(identity) = &deployment.identity {
        let account = identity.service_account.value.as_str();
        spec.insert("serviceAccountName".into(), account.into());
    }
    spec.insert(
        "securityContext".into(),
        json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}),
    );
    // By name, since the sidecar's own containers need other rights.
    let containers = deployment.containers.iter();
    let containers: Vec<Value> = containers.map(|name| container(&name.value)).collect();
    if !containers.is_empty() {
        spec.insert("containers".into(), containers.into());
    }
    match deployment.pod_identity_agent() {
        Some(agent) => json!({
            "metadata": {"annotations": {EXCLUDE_OUTBOUND: agent.to_string()}},
            "spec": spec,
        }),
        None => json!({"spec": spec}),
    }
}

fn container(name: &str) -> Value {
    json!({
        "name": name,
        "securityContext": {
            "readOnlyRootFilesystem": true,
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
        },
    })
}
