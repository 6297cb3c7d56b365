//! PeerAuthentication: who is let in without a certificate has no identity.

use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;
use crate::yaml::Node;

pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    let labels = manifest.at(&["spec", "selector", "matchLabels"]);
    if subject.is_own(manifest) || !subject.is_selected(labels) {
        return;
    }
    let is_for_workload = labels.is_some_and(|labels| labels.entries().next().is_some());
    let port = subject.port.to_string();
    let modes = [
        manifest.at(&["spec", "portLevelMtls", &port, "mode"]),
        manifest.at(&["spec", "mtls", "mode"]),
    ];
    for mode in modes.into_iter().flatten() {
        if !matches!(mode.scalar(), Some("PERMISSIVE" | "DISABLE")) {
            continue;
        }
        // Ours selects the workload, and so stands above what holds for a namespace.
        if subject.enforces() && !is_for_workload {
            continue;
        }
        found.push(weak(manifest, mode, is_for_workload));
    }
}

fn weak(manifest: &Manifest, mode: &Node, is_for_workload: bool) -> crate::diagnostic::Diagnostic {
    let message = format!("{} lets callers in without mutual TLS", manifest.title());
    let weak = weakened(mode.span, message).label("such a caller has no identity");
    match is_for_workload {
        true => weak.help("Istio takes the older of two that select one workload: remove this one"),
        // Ours replaces it as soon as the policy is enforced.
        false => weak
            .help("the policy knows its callers only by mutual TLS; `enforce` makes it STRICT here")
            .warning(),
    }
}
