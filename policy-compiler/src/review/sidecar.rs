//! Sidecar: only one of them counts for a pod.

use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;

pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if subject.is_ours(manifest) || !subject.is_beside(manifest) {
        return;
    }
    let labels = manifest.at(&["spec", "workloadSelector", "labels"]);
    if labels.is_none_or(|labels| labels.entries().next().is_none()) {
        let message = format!("{} is replaced for this workload, whole", manifest.title());
        found.push(
            weakened(manifest.span(), message)
                .label("the namespace's default")
                .help("what the server needs of its hosts must stand in the policy's `egress`")
                .warning(),
        );
        return;
    }
    if !subject.is_selected(labels) {
        return;
    }
    let message = format!("{} is a second Sidecar of this workload", manifest.title());
    found.push(
        weakened(manifest.span(), message)
            .label("which of the two counts is not defined")
            .help("remove it, and put its hosts into the policy's `egress`"),
    );
    if let Some((ingress, _)) = manifest.entry(&["spec", "ingress"]) {
        let message = format!(
            "{} changes how the MCP port is listened on",
            manifest.title()
        );
        found.push(
            weakened(ingress.span, message)
                .label("the filter is attached to the port of the container"),
        );
    }
}
