//! ServiceEntry: two for one host are not merged.

use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;

/// The later one's port never appears.
pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if subject.is_ours(manifest) || !subject.is_beside(manifest) {
        return;
    }
    let hosts = &subject.policy.egress.hosts;
    for host in manifest.items(&["spec", "hosts"]) {
        let name = host.scalar().unwrap_or_default();
        if let Some(ours) = hosts.get(name) {
            let message = format!("{} names `{name}`, too", manifest.title());
            found.push(
                weakened(host.span, message)
                    .label("two entries for one host are not merged")
                    .also(ours.name, "named here")
                    .help("keep the policy's alone"),
            );
        }
    }
}
