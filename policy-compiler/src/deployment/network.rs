//! `network` and `telemetry`: what the mesh around the workload looks like.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Cidr, EgressService, Named, check_label, read_cidrs, read_services};
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};
use std::net::IpAddr;

const ISTIO_NAMESPACE: &str = "istio-system";

/// What Istio calls the revision without a name.
const DEFAULT_REVISION: &str = "default";

/// Where things are that every pod of a mesh needs.
#[derive(Clone, Debug)]
pub struct Network {
    /// Namespace of istiod.
    pub istio_namespace: String,
    /// The mesh's root namespace, whose objects reach all others.
    pub root_namespace: String,
    /// Revisions of istiod, and tags for them, that may serve the workload; none: the default one.
    pub istio_revisions: Vec<Spanned<String>>,
    /// Namespace of the scraper of metrics; absent: nobody scrapes.
    pub metrics_namespace: Option<Spanned<String>>,
    /// Address of NodeLocal DNSCache, where there is one.
    pub node_local_dns: Option<Spanned<IpAddr>>,
    /// Addresses of the registry that the sidecar pulls the filter from.
    pub registry_cidrs: Vec<Spanned<Cidr>>,
    /// Addresses of callers that are no pods of this cluster: of an east-west gateway, say.
    pub caller_cidrs: Vec<Spanned<Cidr>>,
}

/// Who gets the records.
#[derive(Clone, Debug, Default)]
pub struct Telemetry {
    /// Providers of access logs that the mesh has already, and that stay.
    pub providers: Vec<Spanned<String>>,
    /// In-mesh collectors of these providers, by `NAMESPACE/SERVICE`, that the sidecar must reach.
    pub collectors: Named<EgressService>,
}

pub(super) const KEYS: &[&str] = &[
    "istio_namespace",
    "root_namespace",
    "istio_revisions",
    "metrics_namespace",
    "node_local_dns",
    "registry_cidrs",
    "caller_cidrs",
];

pub(super) const TELEMETRY_KEYS: &[&str] = &["providers", "collectors"];

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Network {
    let fields = node.and_then(|node| Fields::read(node, KEYS, found));
    let Some(fields) = fields else {
        return Network {
            istio_namespace: ISTIO_NAMESPACE.into(),
            root_namespace: ISTIO_NAMESPACE.into(),
            istio_revisions: Vec::new(),
            metrics_namespace: None,
            node_local_dns: None,
            registry_cidrs: Vec::new(),
            caller_cidrs: Vec::new(),
        };
    };
    let istio_namespace = namespace(&fields, "istio_namespace", found)
        .map_or_else(|| ISTIO_NAMESPACE.into(), |name| name.value);
    let root_namespace = namespace(&fields, "root_namespace", found);
    Network {
        root_namespace: root_namespace.map_or_else(|| istio_namespace.clone(), |name| name.value),
        istio_namespace,
        istio_revisions: revisions(&fields, found),
        metrics_namespace: namespace(&fields, "metrics_namespace", found),
        node_local_dns: resolver(&fields, "node_local_dns", found),
        registry_cidrs: read_cidrs(&fields, "registry_cidrs", found),
        caller_cidrs: read_cidrs(&fields, "caller_cidrs", found),
    }
}

impl Network {
    /// Whether a revision or a tag is one of those that may serve the workload.
    #[must_use]
    pub fn is_revision(&self, name: &str) -> bool {
        let mut revisions = self.istio_revisions.iter();
        match self.istio_revisions.is_empty() {
            true => name == DEFAULT_REVISION,
            false => revisions.any(|revision| revision.value == name),
        }
    }
}

fn revisions(fields: &Fields<'_>, found: &mut Diagnostics) -> Vec<Spanned<String>> {
    let revisions = fields.texts("istio_revisions", found);
    for revision in &revisions {
        check_label(revision, found);
    }
    revisions
}

fn namespace(fields: &Fields<'_>, key: &str, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let name = fields.text(key, found)?;
    check_label(&name, found);
    Some(name)
}

/// The address of a resolver; that of the metadata service, which resolves names on some clouds, too,
/// would hand out the node's credentials beside them.
fn resolver(fields: &Fields<'_>, key: &str, found: &mut Diagnostics) -> Option<Spanned<IpAddr>> {
    let resolver = address(fields, key, found)?;
    if Cidr::is_metadata(resolver.value) {
        let message = format!("`{}` is the node's metadata service", resolver.value);
        found.push(
            Diagnostic::new(Code::MetadataReachable, resolver.span, message).help(
                "name the address of NodeLocal DNSCache, as in `169.254.20.10`, or leave it out",
            ),
        );
    }
    Some(resolver)
}

fn address(fields: &Fields<'_>, key: &str, found: &mut Diagnostics) -> Option<Spanned<IpAddr>> {
    let text = fields.text(key, found)?;
    let Ok(value) = text.value.parse() else {
        let message = format!("`{}` is not an address", text.value);
        found.push(
            Diagnostic::new(Code::Malformed, text.span, message).label("as in `169.254.20.10`"),
        );
        return None;
    };
    Some(Spanned {
        value,
        span: text.span,
    })
}

pub(super) fn read_telemetry(node: Option<&Node>, found: &mut Diagnostics) -> Telemetry {
    let Some(fields) = node.and_then(|node| Fields::read(node, TELEMETRY_KEYS, found)) else {
        return Telemetry::default();
    };
    Telemetry {
        providers: fields.texts("providers", found),
        collectors: read_services(fields.get("collectors"), found),
    }
}
