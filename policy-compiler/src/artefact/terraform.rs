//! Terraform of the IAM role that the workload, and nobody else, may assume.

use super::identity::{OIDC_PROVIDER, trust_policy};
use crate::compilation::Compilation;
use crate::deployment::{Deployment, Mode, Role};
use serde_json::Value;

/// The files by path. None of them: the workload has no role.
#[must_use]
pub fn files(compilation: &Compilation, deployment: &Deployment) -> Vec<(String, String)> {
    let Some(main) = main(compilation, deployment) else {
        return Vec::new();
    };
    vec![
        ("main.tf".into(), main),
        ("variables.tf".into(), variables(deployment)),
        ("outputs.tf".into(), OUTPUTS.into()),
    ]
}

const PROVIDERS: &str = r#"terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.30"
    }
  }
}
"#;

const ATTACHMENTS: &str = r#"
# What the role may do is not the policy's to say.
resource "aws_iam_role_policy_attachment" "server" {
  for_each   = toset(var.policy_arns)
  role       = aws_iam_role.server.name
  policy_arn = each.value
}
"#;

const POLICY_ARNS: &str = r#"variable "policy_arns" {
  description = "IAM policies of the role: what the server may do in AWS"
  type        = list(string)
  default     = []
}
"#;

const OIDC_VARIABLE: &str = r#"
variable "oidc_provider" {
  description = "The cluster's OIDC issuer without https://, as in oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+(/[A-Za-z0-9._-]+)*$", var.oidc_provider))
    error_message = "The issuer's host and path, without https://."
  }
}
"#;

const OUTPUTS: &str = r#"output "role_arn" {
  description = "The role that the service account is bound to"
  value       = aws_iam_role.server.arn
}
"#;

fn main(compilation: &Compilation, deployment: &Deployment) -> Option<String> {
    let identity = deployment.identity.as_ref()?;
    let mode = identity.mode.as_ref()?;
    let role = role(compilation, deployment, mode)?;
    let association = match mode {
        Mode::Irsa { .. } => String::new(),
        Mode::PodIdentity { cluster, .. } => {
            let namespace = &deployment.namespace.value;
            let account = &identity.service_account.value;
            association(&cluster.value, namespace, account)
        }
    };
    Some(format!("{PROVIDERS}\n{role}{association}{ATTACHMENTS}"))
}

fn role(compilation: &Compilation, deployment: &Deployment, mode: &Mode) -> Option<String> {
    let Role { path, name, .. } = mode.role()?;
    let server = quoted(&compilation.policy.server.value);
    let arn = quoted(&mode.role_arn().value);
    let (name, path) = (quoted(name), quoted(path));
    // JSON is an expression of HCL, in which `${…}` is filled in; `terraform fmt` wants the space.
    let trust = pretty(&trust_policy(deployment)?)
        .replace("\": ", "\" : ")
        .replace(OIDC_PROVIDER, "${var.oidc_provider}")
        .replace('\n', "\n  ");
    Some(format!(
        r#"resource "aws_iam_role" "server" {{
  name = {name}
  path = {path}
  tags = {{ "mcp-guard/server" = {server} }}

  assume_role_policy = jsonencode({trust})

  lifecycle {{
    postcondition {{
      condition     = self.arn == {arn}
      error_message = "The deployment file names another account or partition."
    }}
  }}
}}
"#
    ))
}

fn association(cluster: &str, namespace: &str, account: &str) -> String {
    let (cluster, namespace, account) = (quoted(cluster), quoted(namespace), quoted(account));
    format!(
        r#"
resource "aws_eks_pod_identity_association" "server" {{
  cluster_name    = {cluster}
  namespace       = {namespace}
  service_account = {account}
  role_arn        = aws_iam_role.server.arn
}}
"#
    )
}

fn variables(deployment: &Deployment) -> String {
    let identity = deployment.identity.as_ref();
    match identity.and_then(|identity| identity.mode.as_ref()) {
        Some(Mode::Irsa { .. }) => format!("{POLICY_ARNS}{OIDC_VARIABLE}"),
        Some(Mode::PodIdentity { .. }) | None => POLICY_ARNS.into(),
    }
}

/// Text of HCL: JSON's, but for the two sequences that begin a template (HCL, "Template Expressions").
fn quoted(text: &str) -> String {
    Value::from(text)
        .to_string()
        .replace("${", "$${")
        .replace("%{", "%%{")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::files;
    use crate::testing::{DEPLOYMENT, POLICY, compiled};

    fn with(identity: &str) -> Vec<(String, String)> {
        let compilation = compiled(POLICY, &format!("{DEPLOYMENT}{identity}"));
        files(&compilation, compilation.deployment.as_ref().unwrap())
    }

    #[test]
    fn no_role_no_terraform() {
        assert_eq!(with(""), []);
        assert_eq!(with("identity: { service_account: sa }"), []);
    }

    #[test]
    fn the_role_is_that_of_the_deployment() {
        let files = with(
            r#"identity: { service_account: sa, mode: irsa, region: eu-central-1, role_arn: "arn:aws:iam::123456789012:role/mcp/reader" }"#,
        );
        let (_, main) = &files[0];
        for line in [
            r#"  name = "reader""#,
            r#"  path = "/mcp/""#,
            r#"            "${var.oidc_provider}:sub" : "system:serviceaccount:ai-agents:sa","#,
            r#"            "${var.oidc_provider}:aud" : "sts.amazonaws.com""#,
        ] {
            assert!(main.lines().any(|other| other == line), "{line}\n{main}");
        }
        assert!(!main.contains("OIDC_PROVIDER"), "{main}");
        assert!(files[1].1.contains(r#"variable "oidc_provider""#));
    }

    #[test]
    fn pod_identity_has_its_association() {
        let files = with(
            r#"identity: { service_account: sa, mode: pod_identity, region: eu-central-1, cluster: main, role_arn: "arn:aws:iam::123456789012:role/reader" }"#,
        );
        assert!(files[0].1.contains(
            r#"resource "aws_eks_pod_identity_association" "server" {
  cluster_name    = "main"
  namespace       = "ai-agents"
  service_account = "sa"
"#
        ));
        assert!(!files[1].1.contains("oidc"));
    }
}
