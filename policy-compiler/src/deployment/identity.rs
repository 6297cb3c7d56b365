//! `identity`: who the workload is, to Kubernetes and to AWS, without a static credential.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Cidr, read_cidrs};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, fields::Fields};
use std::net::{IpAddr, Ipv4Addr};

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
        /// Addresses of that STS, for the NetworkPolicy: of a VPC endpoint, say.
        sts_cidrs: Vec<Spanned<Cidr>>,
    },
    /// EKS Pod Identity: an association with the role, and an agent on the node.
    PodIdentity {
        /// `arn:aws:iam::ACCOUNT:role/NAME`.
        role_arn: Spanned<String>,
        /// The cluster's name.
        cluster: Spanned<String>,
        /// The region of the cluster.
        region: Spanned<String>,
    },
}

/// The agent of EKS Pod Identity on every node (EKS User Guide, "EKS Pod Identity").
const POD_IDENTITY_AGENT: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23));

impl Mode {
    /// The agent on the node that hands out the credentials, by plain HTTP: it knows a pod by its address, so
    /// that the proxy must let calls to it pass.
    #[must_use]
    pub fn agent(&self) -> Option<Cidr> {
        match self {
            Self::PodIdentity { .. } => Some(Cidr::host(POD_IDENTITY_AGENT)),
            Self::Irsa { .. } => None,
        }
    }

    /// The role.
    #[must_use]
    pub fn role_arn(&self) -> &Spanned<String> {
        match self {
            Self::Irsa { role_arn, .. } | Self::PodIdentity { role_arn, .. } => role_arn,
        }
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &Spanned<String> {
        match self {
            Self::Irsa { region, .. } | Self::PodIdentity { region, .. } => region,
        }
    }

    /// The parts of the role's ARN. None cannot be: the reader refuses such an ARN.
    #[must_use]
    pub fn role(&self) -> Option<Role<'_>> {
        Role::parse(&self.role_arn().value)
    }
}

/// The parts of `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role<'a> {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'a str,
    /// 12 digits.
    pub account: &'a str,
    /// `/`, or `/…/`.
    pub path: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// The partitions of AWS that have EKS, and how the names of their regions begin.
const PARTITIONS: [(&str, &str); 3] = [("aws-cn", "cn-"), ("aws-us-gov", "us-gov-"), ("aws", "")];

impl<'a> Role<'a> {
    /// Reads an ARN (IAM User Guide, "IAM identifiers"; `CreateRole` for path and name).
    fn parse(arn: &'a str) -> Option<Self> {
        let (partition, rest) = arn.strip_prefix("arn:")?.split_once(":iam::")?;
        let (account, role) = rest.split_once(":role")?;
        let (path, name) = role.split_at_checked(role.rfind('/')?.saturating_add(1))?;
        let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
        let is_path = |c: char| ('!'..='~').contains(&c) && !"\\$%{}\"".contains(c);
        let is_role = PARTITIONS.iter().any(|(known, _)| *known == partition)
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && path.starts_with('/')
            && path.chars().all(is_path)
            && (1..=64).contains(&name.len())
            && name.chars().all(fits);
        is_role.then_some(Self {
            partition,
            account,
            path,
            name,
        })
    }
}

pub(super) const KEYS: &[&str] = &[
    "service_account",
    "create_service_account",
    "mode",
    "role_arn",
    "region",
    "sts_cidrs",
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
    let Some(kind) = fields.word("mode", MODES, found) else {
        check_without_mode(fields, found);
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
    let region = need("region");
    let mode = match kind.value {
        Kind::Irsa => Mode::Irsa {
            role_arn: role_arn?,
            region: region?,
            sts_cidrs: read_cidrs(fields, "sts_cidrs", found),
        },
        Kind::PodIdentity => Mode::PodIdentity {
            cluster: need("cluster")?,
            role_arn: role_arn?,
            region: region?,
        },
    };
    let foreign = match kind.value {
        Kind::Irsa => "cluster",
        Kind::PodIdentity => "sts_cidrs",
    };
    if let Some(key) = fields.key(foreign) {
        let message = format!("`{foreign}` says nothing in this mode");
        found.push(Diagnostic::new(Code::IdentityIncomplete, key.span, message));
    }
    check_role(&mode, found);
    check_region(&mode, found);
    check_cluster(&mode, found);
    Some(mode)
}

fn check_without_mode(fields: &Fields<'_>, found: &mut Diagnostics) {
    for key in ["role_arn", "region", "sts_cidrs", "cluster"] {
        if let (Some(key), None) = (fields.key(key), fields.get("mode")) {
            let message = format!("`{}` says nothing without `mode`", key.value);
            found.push(
                Diagnostic::new(Code::IdentityIncomplete, key.span, message)
                    .help("add `mode: irsa` or `mode: pod_identity`"),
            );
        }
    }
}

fn check_role(mode: &Mode, found: &mut Diagnostics) {
    if mode.role().is_some() {
        return;
    }
    let arn = mode.role_arn();
    let message = format!("`{}` is not the ARN of a role", arn.value);
    found.push(
        Diagnostic::new(Code::IdentityIncomplete, arn.span, message)
            .label("`arn:aws:iam::123456789012:role/NAME`"),
    );
}

/// A region, and one of the role's partition: credentials of one are worth nothing in another.
fn check_region(mode: &Mode, found: &mut Diagnostics) {
    let region = mode.region();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_region = region.value.split('-').count() >= 3
        && region.value.split('-').all(|part| !part.is_empty())
        && region.value.chars().all(fits);
    let partition = PARTITIONS
        .iter()
        .find(|(_, prefix)| region.value.starts_with(prefix))
        .map(|(partition, _)| *partition);
    let elsewhere = mode
        .role()
        .is_some_and(|role| Some(role.partition) != partition);
    let message = match (is_region, elsewhere) {
        (false, _) => format!("`{}` is not a region", region.value),
        (true, true) => format!(
            "the region `{}` is not in the role's partition",
            region.value
        ),
        (true, false) => return,
    };
    found.push(
        Diagnostic::new(Code::IdentityIncomplete, region.span, message)
            .label("as in `eu-central-1`"),
    );
}

/// EKS, `CreateCluster`: the name.
fn check_cluster(mode: &Mode, found: &mut Diagnostics) {
    let Mode::PodIdentity { cluster, .. } = mode else {
        return;
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let name = cluster.value.as_str();
    if !(1..=100).contains(&name.len()) || !name.chars().all(fits) {
        let message = format!("`{name}` is not the name of a cluster");
        found.push(Diagnostic::new(
            Code::IdentityIncomplete,
            cluster.span,
            message,
        ));
    }
}
