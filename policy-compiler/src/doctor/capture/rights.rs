//! Containers that may undo the capture: they have the capability that changing a pod's network needs.

use crate::diagnostic::Code;
use crate::doctor::lines::Lines;
use crate::doctor::pods::PROXY_CONTAINER;
use crate::doctor::report::Check;
use crate::doctor::value::{items, text};
use serde_json::Value;

/// What Istio adds to a pod, and where. With `TPROXY`, the proxy has the capability, too.
const INJECTED: [(&str, &[&str]); 3] = [
    (
        "/spec/initContainers",
        &[PROXY_CONTAINER, "istio-init", "istio-validation"],
    ),
    ("/spec/containers", &[PROXY_CONTAINER]),
    ("/spec/ephemeralContainers", &[]),
];

pub(super) fn check(pod: &Value, lines: &mut Lines) {
    // One before `istio-init` counts, too: rules of its own come first.
    for container in others(pod).filter(|container| changes_networks(container)) {
        let found = (Check::Capture, Code::CaptureMayBeUndone);
        let evidence = format!(
            "container `{}` may change the pod's network, and so undo the capture",
            text(container, "/name")
        );
        let advice = "take `NET_ADMIN` and `privileged` from it; if you know what it does with them, say so by `--accept MCP0516`";
        lines.unknown(found, text(pod, "/metadata/name"), evidence, advice);
    }
}

/// The containers that Istio did not add.
pub(super) fn others(pod: &Value) -> impl Iterator<Item = &Value> {
    INJECTED.into_iter().flat_map(|(list, injected)| {
        let containers = items(pod, list).iter();
        containers.filter(|container| !injected.contains(&text(container, "/name")))
    })
}

fn changes_networks(container: &Value) -> bool {
    let is_privileged = container.pointer("/securityContext/privileged");
    let added = items(container, "/securityContext/capabilities/add").iter();
    is_privileged == Some(&Value::Bool(true))
        || added.filter_map(Value::as_str).any(|name| {
            let name = name.to_ascii_uppercase();
            let name = name.strip_prefix("CAP_").unwrap_or(&name);
            matches!(name, "NET_ADMIN" | "ALL")
        })
}
