//! EnvoyFilter: it can do anything, and no schema says what.

use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;

pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if subject.is_selected(manifest.at(&["spec", "workloadSelector", "labels"])) {
        let message = format!("{} changes the workload's proxy", manifest.title());
        found.push(
            weakened(manifest.span(), message)
                .label("may remove the filter, or put a route around it")
                .help("read it: nothing can be said of it here")
                .warning(),
        );
    }
}
