//! `network` and `telemetry`: what the mesh around the workload looks like.

use crate::diagnostic::Diagnostics;
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};

/// Where things are that every pod of a mesh needs.
#[derive(Clone, Debug)]
pub struct Network {
    /// Namespace of istiod.
    pub istio_namespace: String,
    /// Namespace of the scraper of metrics; absent: nobody scrapes.
    pub metrics_namespace: Option<Spanned<String>>,
    /// Address of NodeLocal DNSCache, where there is one.
    pub node_local_dns: Option<Spanned<String>>,
    /// Addresses of the registry that the sidecar pulls the filter from.
    pub registry_cidrs: Vec<Spanned<String>>,
}

/// Who gets the records.
#[derive(Clone, Debug, Default)]
pub struct Telemetry {
    /// Providers of access logs that the mesh has already, and that stay.
    pub providers: Vec<Spanned<String>>,
    /// In-mesh collectors of these providers, by `NAMESPACE/SERVICE`, that the sidecar must reach.
    pub collectors: Vec<Spanned<String>>,
}

pub(super) const KEYS: &[&str] = &[
    "istio_namespace",
    "metrics_namespace",
    "node_local_dns",
    "registry_cidrs",
];

pub(super) const TELEMETRY_KEYS: &[&str] = &["providers", "collectors"];

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Network {
    let fields = node.and_then(|node| Fields::read(node, KEYS, found));
    let Some(fields) = fields else {
        return Network {
            istio_namespace: "istio-system".into(),
            metrics_namespace: None,
            node_local_dns: None,
            registry_cidrs: Vec::new(),
        };
    };
    Network {
        istio_namespace: fields
            .text("istio_namespace", found)
            .map_or_else(|| "istio-system".into(), |name| name.value),
        metrics_namespace: fields.text("metrics_namespace", found),
        node_local_dns: fields.text("node_local_dns", found),
        registry_cidrs: fields.texts("registry_cidrs", found),
    }
}

pub(super) fn read_telemetry(node: Option<&Node>, found: &mut Diagnostics) -> Telemetry {
    let Some(fields) = node.and_then(|node| Fields::read(node, TELEMETRY_KEYS, found)) else {
        return Telemetry::default();
    };
    Telemetry {
        providers: fields.texts("providers", found),
        collectors: fields.texts("collectors", found),
    }
}
