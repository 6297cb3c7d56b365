//! The filter, attached exactly once.

use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;

/// Two attachments put the filter into the chain twice, or one of them without its policy.
pub(super) fn check(subject: &Subject<'_>, manifests: &[Manifest], found: &mut Diagnostics) {
    let attached: Vec<&Manifest> = manifests
        .iter()
        .filter(|manifest| subject.may_concern(manifest) && attaches(subject, manifest))
        .collect();
    let own = attached.iter().find(|manifest| subject.is_own(manifest));
    for manifest in &attached {
        // What stands in our place is a finding of its own.
        let is_replaced = subject.is_ours(manifest) && !subject.is_own(manifest);
        if is_replaced || own.is_some_and(|own| std::ptr::eq(*own, *manifest)) {
            continue;
        }
        let message = format!("{} attaches the filter a second time", manifest.title());
        let mut again = weakened(manifest.span(), message)
            .help("keep exactly one of WasmPlugin and TrafficExtension");
        if let Some(own) = own {
            again = again.also(own.span(), "attached here");
        }
        found.push(again);
    }
}

fn attaches(subject: &Subject<'_>, manifest: &Manifest) -> bool {
    let spec: &[&str] = match (manifest.group(), manifest.kind()) {
        ("extensions.istio.io", "WasmPlugin") => &["spec", "url"],
        ("extensions.istio.io", "TrafficExtension") => &["spec", "wasm", "url"],
        _ => return false,
    };
    let is_filter = manifest.text(spec).is_some_and(|url| {
        let ours = subject.deployment.image.url.value.as_str();
        repository(url) == repository(ours)
    });
    is_filter && subject.is_selected(manifest.at(&["spec", "selector", "matchLabels"]))
}

/// An address without scheme, tag and digest.
fn repository(url: &str) -> &str {
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let url = url.split_once('@').map_or(url, |(name, _)| name);
    match url.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => url,
    }
}
