//! Layer 3: who the workload is, to Kubernetes and to AWS, and how little its pod may do.

mod pod;
#[cfg(test)]
mod tests;
mod trust_policy;

pub(super) use pod::pod_patch;
pub(super) use trust_policy::{OIDC_PROVIDER, trust_policy};

use super::{Object, Provenance};
use crate::compilation::Compilation;
use crate::deployment::{Deployment, Identity, Mode};
use serde_json::{Value, json};

/// Annotation from which the AWS webhook knows the role.
const ROLE_ARN: &str = "eks.amazonaws.com/role-arn";

/// The service account, where it is asked for.
///
/// Who owns an account that is there already takes it away when uninstalled, and the tokens of
/// running pods with it.
pub(super) fn objects(compilation: &Compilation, deployment: &Deployment) -> Vec<Object> {
    let _ = compilation;
    let identity = deployment.identity.iter();
    identity
        .filter(|identity| identity.create_service_account)
        .map(|identity| service_account(identity, deployment))
        .collect()
}

fn service_account(identity: &Identity, deployment: &Deployment) -> Object {
    let provenance = Provenance {
        path: "identity".into(),
        digest: None,
    };
    let account = Object::new(
        "v1",
        "ServiceAccount",
        &deployment.namespace.value,
        &identity.service_account.value,
        &provenance,
    )
    .annotate("helm.sh/resource-policy", "keep");
    match irsa_role(identity) {
        Some(role) => account.annotate(ROLE_ARN, role),
        None => account,
    }
}

/// The strategic merge patch for a service account that is there already. None: it needs none.
pub(super) fn account_patch(deployment: &Deployment) -> Option<Value> {
    let identity = deployment.identity.as_ref()?;
    if identity.create_service_account {
        return None;
    }
    Some(json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": identity.service_account.value,
            "namespace": deployment.namespace.value,
            "annotations": {ROLE_ARN: irsa_role(identity)?},
        },
    }))
}

/// EKS Pod Identity knows the role by its association, not by the account.
fn irsa_role(identity: &Identity) -> Option<&str> {
    match identity.mode.as_ref()? {
        Mode::Irsa { role_arn, .. } => Some(&role_arn.value),
        Mode::PodIdentity { .. } => None,
    }
}
