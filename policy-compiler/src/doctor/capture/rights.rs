//! Containers that may undo the capture: they have a capability by which a pod's
//! network is changed.

use super::setup::Setup;
use crate::diagnostic::Code;
use crate::doctor::lines::Lines;
use crate::doctor::report::Check;
use crate::doctor::value::{items, text};
use crate::review::capture::PROXY_CONTAINER;
use serde_json::Value;

const CONTAINERS: [&str; 3] = [INIT_CONTAINERS, "/spec/containers", EPHEMERAL_CONTAINERS];

const INIT_CONTAINERS: &str = "/spec/initContainers";
/// Istio adds none of these.
const EPHEMERAL_CONTAINERS: &str = "/spec/ephemeralContainers";

pub(super) fn check(pod: &Value, lines: &mut Lines) {
    // One before `istio-init` counts, too: rules of its own come first.
    for container in others(pod).filter(|container| changes_networks(container)) {
        let found = (Check::Capture, Code::CaptureMayBeUndone);
        let evidence = format!(
            "container `{}` may change the pod's network, and so undo the capture",
            text(container, "/name")
        );
        let advice = "take `NET_ADMIN`, `SYS_ADMIN` and `privileged` from it; if you know what it does with them, say so by `--accept MCP0516`";
        lines.unknown(found, text(pod, "/metadata/name"), evidence, advice);
    }
}

/// The containers that Istio did not add. With `TPROXY`, the proxy has the capability, too.
pub(super) fn others(pod: &Value) -> impl Iterator<Item = &Value> {
    CONTAINERS.into_iter().flat_map(|list| {
        let containers = items(pod, list).iter();
        containers.filter(move |container| !is_injected(list, container))
    })
}

/// A name alone says nothing: what sets up the capture, or verifies it, is known by what it runs.
fn is_injected(list: &str, container: &Value) -> bool {
    match list {
        EPHEMERAL_CONTAINERS => false,
        INIT_CONTAINERS if Setup::new(container).is_some() => true,
        _ => text(container, "/name") == PROXY_CONTAINER,
    }
}

fn changes_networks(container: &Value) -> bool {
    let is_privileged = container.pointer("/securityContext/privileged");
    let added = items(container, "/securityContext/capabilities/add").iter();
    is_privileged == Some(&Value::Bool(true))
        || added.filter_map(Value::as_str).any(|name| {
            let name = name.to_ascii_uppercase();
            let name = name.strip_prefix("CAP_").unwrap_or(&name);
            matches!(name, "NET_ADMIN" | "SYS_ADMIN" | "ALL")
        })
}
