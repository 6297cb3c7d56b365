//! What the proxy gets of a pod's traffic, by the arguments that its init container ran with.
//!
//! The pod's annotations are judged with the other objects; these arguments are what they, and the
//! mesh's own defaults, came to when the pod was made. `pilot-agent istio-iptables`:
//!
//! ```text
//! -b PORTS  inbound ports that are captured          -d PORTS  those that are not
//! -i CIDRS  outbound addresses that are captured     -x CIDRS  those that are not
//! -q PORTS  outbound ports that are captured anyway  -o PORTS  those that are not
//! ```
//!
//! With Istio's CNI plugin there is no init container, and only the annotations say it.

use super::Target;
use super::lines::Lines;
use super::report::Check;
use super::value::{items, text};
use crate::deployment::Mode;
use crate::diagnostic::Code;
use serde_json::Value;

const INIT_CONTAINER: &str = "istio-init";

/// The address of the EKS Pod Identity agent, which the proxy must let pass.
const POD_IDENTITY_AGENT: &str = "169.254.170.23/32";

pub(super) fn check(target: &Target<'_>, pod: &Value, lines: &mut Lines) {
    let name = text(pod, "/metadata/name");
    let containers = items(pod, "/spec/initContainers").iter();
    let mut init = containers.filter(|container| text(container, "/name") == INIT_CONTAINER);
    let Some(init) = init.next() else {
        return;
    };
    let arguments: Vec<&str> = items(init, "/args")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let value = |flag: &str| {
        let mut pairs = arguments.iter().zip(arguments.iter().skip(1));
        pairs.find_map(|(key, value)| (*key == flag).then_some(*value))
    };
    let listed = |flag: &str| -> Vec<&str> {
        let list = value(flag).unwrap_or_default().split(',').map(str::trim);
        list.filter(|item| !item.is_empty()).collect()
    };
    let port = target.port.to_string();
    let mut broken = |evidence: String| {
        let found = (Check::Capture, Code::CaptureBypassed);
        let advice =
            "remove the annotation, or the mesh's default, that says so, and restart the pod";
        lines.broken(found, name, evidence, advice);
    };
    let names_port = |flag| {
        listed(flag)
            .iter()
            .any(|item| *item == "*" || *item == port)
    };
    if names_port("-d") {
        broken(format!("port {port} is taken out of the proxy"));
    }
    if value("-b").is_some() && !names_port("-b") {
        broken(format!("port {port} is not captured by the proxy"));
    }
    if !target.enforces() {
        return;
    }
    if value("-i").is_some_and(|list| !list.split(',').any(|item| item.trim() == "*")) {
        broken("only some of the server's traffic is captured by the proxy".into());
    }
    for item in listed("-x").into_iter().chain(listed("-o")) {
        if !(is_pod_identity(target) && item == POD_IDENTITY_AGENT) {
            broken(format!("traffic to `{item}` goes round the proxy"));
        }
    }
}

fn is_pod_identity(target: &Target<'_>) -> bool {
    let identity = target.deployment.identity.as_ref();
    let mode = identity.and_then(|identity| identity.mode.as_ref());
    matches!(mode, Some(Mode::PodIdentity { .. }))
}
