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
use crate::deployment::Mode;
use crate::diagnostic::Code;
use serde_json::Value;
use setup::Setup;

/// The address of the EKS Pod Identity agent, which the proxy must let pass.
const POD_IDENTITY_AGENT: &str = "169.254.170.23/32";

/// The proxy's user, unless a platform chooses another. Whoever else has it is found with the objects.
const PROXY_USER: &str = "1337";

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
    let mut faults = inbound(target, &setup);
    if target.enforces() {
        faults.extend(outbound(target, &setup));
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

/// What is left out of the calls that come to the pod.
fn inbound(target: &Target<'_>, setup: &Setup<'_>) -> Vec<String> {
    let port = target.port.to_string();
    let names_port = |flag| setup.lists(flag, "*") || setup.lists(flag, &port);
    let mut faults = Vec::new();
    if names_port(setup::PORTS_LEFT_OUT) {
        faults.push(format!("port {port} is taken out of the proxy"));
    }
    if !names_port(setup::PORTS) {
        faults.push(format!("port {port} is not captured by the proxy"));
    }
    let interfaces = setup.list(setup::INTERFACES_LEFT_OUT);
    faults.extend(
        interfaces.map(|interface| {
            format!("the traffic of interface `{interface}` goes round the proxy")
        }),
    );
    faults
}

/// What is left out of the calls that the server makes.
fn outbound(target: &Target<'_>, setup: &Setup<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    let groups = setup.variable(GROUPS).unwrap_or("*");
    if !setup.lists(setup::ADDRESSES, "*") || groups != "*" {
        faults.push("only some of the server's traffic is captured by the proxy".into());
    }
    let left_out = setup.variable(GROUPS_LEFT_OUT).unwrap_or_default();
    if !left_out.is_empty() {
        faults.push(format!(
            "what the groups `{left_out}` send goes round the proxy"
        ));
    }
    let addresses = setup.list(setup::ADDRESSES_LEFT_OUT);
    let ports = setup.list(setup::PORTS_OF_OTHERS_LEFT_OUT);
    let left_out = addresses.chain(ports);
    let left_out =
        left_out.filter(|item| !(is_pod_identity(target) && *item == POD_IDENTITY_AGENT));
    faults.extend(left_out.map(|item| format!("traffic to `{item}` goes round the proxy")));
    faults
}

fn is_pod_identity(target: &Target<'_>) -> bool {
    let identity = target.deployment.identity.as_ref();
    let mode = identity.and_then(|identity| identity.mode.as_ref());
    matches!(mode, Some(Mode::PodIdentity { .. }))
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
