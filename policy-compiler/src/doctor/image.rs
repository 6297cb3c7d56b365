//! The filter's image, as the live attachment names it.

use super::lines::Lines;
use super::report::Check;
use super::value::text;
use super::{Facts, Target};
use crate::deployment::Location;
use crate::diagnostic::Code;
use serde_json::Value;

pub(super) fn check(target: &Target<'_>, facts: &Facts, lines: &mut Lines) {
    let is_ours = |object: &&Value| {
        matches!(text(object, "/kind"), "WasmPlugin" | "TrafficExtension")
            && text(object, "/metadata/namespace") == target.namespace()
            && text(object, "/metadata/name") == target.server()
    };
    // That one is missing is said of the objects.
    let Some(object) = facts.objects.iter().find(is_ours) else {
        return;
    };
    let wasm = object.pointer("/spec/wasm").or_else(|| object.get("spec"));
    let wasm = wasm.unwrap_or(&Value::Null);
    let url = text(wasm, "/url");
    if target.deployment.image.location == Location::File && url.starts_with("file://") {
        let evidence = "comes from a volume, which Istio does not verify: whoever writes there chooses the filter";
        return lines.enforced(Check::Image, url, evidence);
    }
    let hash = text(wasm, "/sha256");
    let is_pinned = !hash.is_empty() || url.contains("@sha256:");
    if is_pinned {
        return lines.enforced(Check::Image, url, "is pinned by its digest");
    }
    let evidence = "is not pinned by a digest: its tag may mean another module tomorrow";
    let found = (Check::Image, Code::ImageNotPinned);
    lines.broken(
        found,
        url,
        evidence,
        "apply what `mcp-guard compile` writes",
    );
}
