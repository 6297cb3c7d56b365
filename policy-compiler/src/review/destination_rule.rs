//! DestinationRule: by it callers speak to the server. One that gives up mutual TLS takes their
//! identity from them.

use super::{Manifest, Subject, service, weakened};
use crate::diagnostic::Diagnostics;
use crate::yaml::Node;

/// The domain of a cluster, unless it was given another.
const DOMAIN: &str = "svc.cluster.local";

pub(super) fn check(
    subject: &Subject<'_>,
    manifest: &Manifest,
    manifests: &[Manifest],
    found: &mut Diagnostics,
) {
    let names = services(subject, manifests);
    let host = manifest.text(&["spec", "host"]).unwrap_or_default();
    let is_named = names
        .iter()
        .any(|name| is_host(subject, manifest, host, name));
    if !is_named || !reaches_callers(subject, manifest) {
        return;
    }
    let subsets = manifest.items(&["spec", "subsets"]).iter();
    let policies = subsets
        .filter_map(|subset| subset.get("trafficPolicy"))
        .chain(manifest.at(&["spec", "trafficPolicy"]));
    for mode in policies.flat_map(modes) {
        if mode.scalar() == Some("ISTIO_MUTUAL") {
            continue;
        }
        let message = format!(
            "{} makes callers speak to `{host}` without the mesh's certificates",
            manifest.title()
        );
        found.push(
            weakened(mode.span, message)
                .label("such a caller has no identity")
                .help("leave `tls` out, or say `mode: ISTIO_MUTUAL`"),
        );
    }
}

/// Names of the Services that lead to the workload.
fn services<'m>(subject: &'m Subject<'_>, manifests: &'m [Manifest]) -> Vec<&'m str> {
    let service = subject.deployment.service.as_ref();
    let patched = service.unwrap_or(&subject.policy.server);
    let leading = manifests
        .iter()
        .filter(|manifest| service::is_one(manifest) && service::leads_to(subject, manifest));
    leading
        .map(Manifest::name)
        .chain([patched.value.as_str()])
        .collect()
}

/// Whether a host means a Service of the workload's namespace.
fn is_host(subject: &Subject<'_>, manifest: &Manifest, host: &str, service: &str) -> bool {
    let namespace = &subject.deployment.namespace.value;
    let full = format!("{service}.{namespace}.{DOMAIN}");
    if let Some(rest) = host.strip_prefix('*') {
        return full.ends_with(rest);
    }
    // A name without a dot is one of the rule's own namespace.
    let is_short = host == service && subject.is_beside(manifest);
    let short = format!("{service}.{namespace}.svc");
    is_short || host == short || host.starts_with(&format!("{short}."))
}

/// Rules of the root namespace may be kept there, and those for some workloads hold for these alone.
fn reaches_callers(subject: &Subject<'_>, manifest: &Manifest) -> bool {
    let exports = manifest.items(&["spec", "exportTo"]);
    let mut exports = exports.iter().filter_map(Node::scalar);
    let is_kept = manifest.items(&["spec", "exportTo"]).len() == 1
        && exports.all(|namespace| namespace == ".");
    let is_for_some = manifest.at(&["spec", "workloadSelector"]).is_some();
    !is_for_some && (subject.is_beside(manifest) || !is_kept)
}

/// How a traffic policy has callers speak TLS: on all ports, and on single ones.
fn modes(policy: &Node) -> Vec<&Node> {
    let ports = policy.get("portLevelSettings").map(Node::items);
    let settings = ports.unwrap_or_default().iter().chain([policy]);
    settings
        .filter_map(|setting| setting.at(&["tls", "mode"]))
        .collect()
}
