//! `identity`: who the workload is, to Kubernetes and to AWS, without a static credential.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, fields::Fields};

/// Who the workload is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Where `identity` stands.
    pub span: Span,
    /// Its service account.
    pub service_account: Spanned<String>,
    /// Emit the account too; else it is there already.
    pub create_service_account: bool,
    /// How it gets credentials of AWS; absent: it needs none.
    pub mode: Option<Mode>,
}

/// How a pod gets credentials of AWS.
#[derive(Clone, Debug)]
pub enum Mode {
    /// IAM roles for service accounts: a token that STS exchanges.
    Irsa {
        /// `arn:aws:iam::ACCOUNT:role/NAME`.
        role_arn: Spanned<String>,
        /// The region whose STS is asked.
        region: Spanned<String>,
    },
    /// EKS Pod Identity: an association with the role, and an agent on the node.
    PodIdentity {
        /// `arn:aws:iam::ACCOUNT:role/NAME`.
        role_arn: Spanned<String>,
        /// The cluster's name.
        cluster: Spanned<String>,
    },
}

impl Mode {
    /// The role.
    #[must_use]
    pub fn role_arn(&self) -> &Spanned<String> {
        match self {
            Self::Irsa { role_arn, .. } | Self::PodIdentity { role_arn, .. } => role_arn,
        }
    }
}

pub(super) const KEYS: &[&str] = &[
    "service_account",
    "create_service_account",
    "mode",
    "role_arn",
    "region",
    "cluster",
];

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Irsa,
    PodIdentity,
}

pub(super) const MODES: &[(&str, Kind)] =
    &[("irsa", Kind::Irsa), ("pod_identity", Kind::PodIdentity)];

pub(super) fn read(node: &Node, found: &mut Diagnostics) -> Option<Identity> {
    let fields = Fields::read(node, KEYS, found)?;
    fields.require("service_account", found);
    Some(Identity {
        span: node.span,
        service_account: super::object_name(&fields, "service_account", found)?,
        create_service_account: fields
            .flag("create_service_account", found)
            .is_some_and(|flag| flag.value),
        mode: mode(&fields, found),
    })
}

fn mode(fields: &Fields<'_>, found: &mut Diagnostics) -> Option<Mode> {
    let kind = fields.word("mode", MODES, found);
    let Some(kind) = kind else {
        for key in ["role_arn", "region", "cluster"] {
            if let (Some(key), None) = (fields.key(key), fields.get("mode")) {
                let message = format!("`{}` says nothing without `mode`", key.value);
                found.push(
                    Diagnostic::new(Code::IdentityIncomplete, key.span, message)
                        .help("add `mode: irsa` or `mode: pod_identity`"),
                );
            }
        }
        return None;
    };
    let mut need = |key: &str| {
        let value = fields.text(key, found);
        if value.is_none() && fields.get(key).is_none() {
            let message = format!("`{key}` is missing");
            found.push(Diagnostic::new(
                Code::IdentityIncomplete,
                kind.span,
                message,
            ));
        }
        value
    };
    let role_arn = need("role_arn");
    let mode = match kind.value {
        Kind::Irsa => Mode::Irsa {
            region: need("region")?,
            role_arn: role_arn?,
        },
        Kind::PodIdentity => Mode::PodIdentity {
            cluster: need("cluster")?,
            role_arn: role_arn?,
        },
    };
    check_role(mode.role_arn(), found);
    Some(mode)
}

/// `arn:PARTITION:iam::ACCOUNT:role/PATH-AND-NAME`, with an account of 12 digits.
fn check_role(arn: &Spanned<String>, found: &mut Diagnostics) {
    let parts: Vec<&str> = arn.value.splitn(6, ':').collect();
    let fits = matches!(parts.as_slice(), ["arn", partition, "iam", "", account, role]
        if partition.starts_with("aws")
            && account.len() == 12
            && account.chars().all(|c| c.is_ascii_digit())
            && role.strip_prefix("role/").is_some_and(is_role_name));
    if fits {
        return;
    }
    let message = format!("`{}` is not the ARN of a role", arn.value);
    found.push(
        Diagnostic::new(Code::IdentityIncomplete, arn.span, message)
            .label("`arn:aws:iam::123456789012:role/NAME`"),
    );
}

/// IAM, `CreateRole`: path and name.
fn is_role_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c);
    !text.is_empty() && !text.ends_with('/') && text.chars().all(fits)
}
