//! What the proxy gets of a pod's traffic: by the init container that set up the capture, or looked
//! whether it is there, and by the other containers that may change it.
//!
//! The pod's annotations are judged with the other objects. They say what was wanted, and prove
//! nothing: with Istio's CNI plugin, `istio-validation` does, which ends a pod that is not captured.

mod rights;
mod setup;

use super::Target;
use super::lines::Lines;
use super::report::Check;
use super::value::text;
use crate::diagnostic::Code;
use crate::review::capture::{List, PROXY_USER};
use serde_json::Value;
use setup::{Flag, Setup};

/// Of the calls that come in: the flags, and what their lists mean.
const INBOUND: [(Flag, List); 3] = [
    (setup::PORTS_LEFT_OUT, List::PortsLeftOut),
    (setup::PORTS, List::Ports),
    (setup::INTERFACES_LEFT_OUT, List::InterfacesLeftOut),
];

/// Of the calls that the server makes.
const OUTBOUND: [(Flag, List); 3] = [
    (setup::ADDRESSES, List::Destinations),
    (setup::ADDRESSES_LEFT_OUT, List::DestinationsLeftOut),
    (setup::PORTS_OF_OTHERS_LEFT_OUT, List::DestinationsLeftOut),
];

/// Environment that makes the capture depend on the group of the process that calls.
const GROUPS: &str = "ISTIO_OUTBOUND_OWNER_GROUPS";
const GROUPS_LEFT_OUT: &str = "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE";

const LEFT_OUT: (Check, Code) = (Check::Capture, Code::CaptureBypassed);

pub(super) fn check(target: &Target<'_>, pod: &Value, lines: &mut Lines) {
    let name = text(pod, "/metadata/name");
    rights::check(pod, lines);
    let Some(setup) = Setup::of(pod) else {
        let found = (Check::Capture, Code::CaptureUnproven);
        let evidence = "no `istio-init` set up the capture, and no `istio-validation` looked whether it is there";
        let advice = "restart the pod, so that it is injected anew; `--probe` shows that calls to it are captured. If you know that its own calls are, too, say so by `--accept MCP0515`";
        lines.unknown(found, name, evidence, advice);
        return;
    };
    let mut faults = left_out(target, &setup, &INBOUND);
    if target.enforces() {
        faults.extend(left_out(target, &setup, &OUTBOUND));
        faults.extend(groups(&setup));
        faults.extend(users(pod, &setup));
    }
    for fault in &faults {
        let advice =
            "remove the annotation, or the mesh's default, that says so, and restart the pod";
        lines.broken(LEFT_OUT, name, fault.clone(), advice);
    }
    if faults.is_empty() {
        let evidence = format!("`{}` left nothing of its traffic out", setup.by());
        lines.enforced(Check::Capture, name, evidence);
    }
}

fn left_out(target: &Target<'_>, setup: &Setup<'_>, lists: &[(Flag, List)]) -> Vec<String> {
    let faults = lists.iter().flat_map(|(flag, list)| {
        let items: Vec<&str> = setup.list(*flag).collect();
        list.faults(target.deployment, target.port, &items)
    });
    faults.collect()
}

/// What is left out by the group of the process that calls.
fn groups(setup: &Setup<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    let captured = setup.variable(GROUPS).unwrap_or("*");
    if captured != "*" {
        faults.push(format!(
            "of what the server sends, only that of the groups `{captured}` is captured"
        ));
    }
    let left_out = setup.variable(GROUPS_LEFT_OUT).unwrap_or_default();
    if !left_out.is_empty() {
        faults.push(format!(
            "what the groups `{left_out}` send goes round the proxy"
        ));
    }
    faults
}

/// Containers whose user or group was left out as if it were the proxy's.
fn users(pod: &Value, setup: &Setup<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for container in rights::others(pod) {
        for (flag, key) in [
            (setup::USERS_LEFT_OUT, "runAsUser"),
            (setup::GROUPS_LEFT_OUT, "runAsGroup"),
        ] {
            let own = container.pointer(&format!("/securityContext/{key}"));
            let id = own.or_else(|| pod.pointer(&format!("/spec/securityContext/{key}")));
            let id = id.map(Value::to_string).unwrap_or_default();
            // Whoever has the proxy's is found with the objects.
            if id != PROXY_USER && setup.lists(flag, &id) {
                faults.push(format!(
                    "what container `{}` sends goes round the proxy: its `{key}` is left out",
                    text(container, "/name")
                ));
            }
        }
    }
    faults
}
