//! Telemetry: an access log that names nobody is lost without an error.

use super::{Manifest, Subject, mesh_config, weakened};
use crate::diagnostic::Diagnostics;
use crate::yaml::Node;
use std::collections::BTreeSet;

/// Providers that Istio knows by itself.
const BUILT_IN: &[&str] = &["envoy", "prometheus", "stackdriver"];

pub(super) fn check(
    subject: &Subject<'_>,
    manifest: &Manifest,
    manifests: &[Manifest],
    found: &mut Diagnostics,
) {
    let labels = manifest.at(&["spec", "selector", "matchLabels"]);
    if !subject.is_selected(labels) {
        return;
    }
    let is_for_workload = labels.is_some_and(|labels| labels.entries().next().is_some());
    if is_for_workload && !subject.is_ours(manifest) && subject.is_beside(manifest) {
        let message = format!(
            "{} is a second Telemetry of this workload",
            manifest.title()
        );
        found.push(
            weakened(manifest.span(), message).label("which of the two counts is not defined"),
        );
    }
    check_providers(subject, manifest, manifests, found);
}

fn check_providers(
    subject: &Subject<'_>,
    manifest: &Manifest,
    manifests: &[Manifest],
    found: &mut Diagnostics,
) {
    let defined: BTreeSet<String> = manifests.iter().flat_map(mesh_config::providers).collect();
    let is_defined = |name: &str| {
        let mut kept = subject.deployment.telemetry.providers.iter();
        BUILT_IN.contains(&name) || defined.contains(name) || kept.any(|kept| kept.value == name)
    };
    // Without the mesh's configuration, ours is defined by a snippet that is applied elsewhere.
    if subject.is_own(manifest) && defined.is_empty() {
        return;
    }
    let blocks = manifest.items(&["spec", "accessLogging"]).iter();
    let providers = blocks
        .filter_map(|block| block.get("providers"))
        .flat_map(Node::items)
        .filter_map(|provider| provider.get("name"));
    for provider in providers {
        let name = provider.scalar().unwrap_or_default();
        if !is_defined(name) {
            let message = format!("nothing here defines the provider `{name}`");
            found.push(
                weakened(provider.span, message)
                    .label("Istio then writes its own text log, without an error")
                    .help("define it under `extensionProviders` of the MeshConfig first")
                    .warning(),
            );
        }
    }
}
