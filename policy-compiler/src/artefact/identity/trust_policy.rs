//! The trust policy of the IAM role: who may assume it.

use crate::deployment::{Deployment, Mode};
use serde_json::{Value, json};

/// Stands for the cluster's OIDC provider, `oidc.eks.REGION.amazonaws.com/id/…`, which Terraform fills
/// in. As it stands, IAM knows no such provider and admits nobody.
pub(crate) const OIDC_PROVIDER: &str = "OIDC_PROVIDER";

/// The trust policy. None: the workload has no role.
#[must_use]
pub(crate) fn trust_policy(deployment: &Deployment) -> Option<Value> {
    let identity = deployment.identity.as_ref()?;
    let mode = identity.mode.as_ref()?;
    let namespace = deployment.namespace.value.as_str();
    let account = identity.service_account.value.as_str();
    let statement = match mode {
        Mode::Irsa { .. } => irsa(mode, namespace, account)?,
        Mode::PodIdentity {
            cluster, region, ..
        } => {
            let role = mode.role()?;
            let (partition, owner) = (role.partition, role.account);
            let arn = format!(
                "arn:{partition}:eks:{}:{owner}:cluster/{}",
                region.value, cluster.value
            );
            pod_identity(owner, &arn, namespace, account)
        }
    };
    Some(json!({"Version": "2012-10-17", "Statement": [statement]}))
}

/// Both `sub` and `aud`: without `aud`, a token that the account has for somebody else would do.
fn irsa(mode: &Mode, namespace: &str, account: &str) -> Option<Value> {
    let role = mode.role()?;
    let provider = format!(
        "arn:{}:iam::{}:oidc-provider/{OIDC_PROVIDER}",
        role.partition, role.account
    );
    let subject = format!("system:serviceaccount:{namespace}:{account}");
    Some(json!({
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                format!("{OIDC_PROVIDER}:sub"): subject,
                format!("{OIDC_PROVIDER}:aud"): "sts.amazonaws.com",
            },
        },
    }))
}

/// The service assumes the role for every cluster of the account, and names the pod by session tags
/// (EKS User Guide, "Create IAM role with trust policy required by EKS Pod Identity").
fn pod_identity(owner: &str, cluster_arn: &str, namespace: &str, account: &str) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:SourceAccount": owner,
                "aws:RequestTag/eks-cluster-arn": cluster_arn,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": account,
            },
        },
    })
}
