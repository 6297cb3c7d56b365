//! What the proxy gets of a pod's traffic, by the arguments that its init container ran with.
//!
//! The pod's annotations are judged with the other objects; these arguments are what they, and the
//! mesh's own defaults, came to when the pod was made. `pilot-agent istio-iptables`:
//!
//! ```text
//! -b PORTS  inbound ports that are captured          -d PORTS  those that are not
//! -i CIDRS  outbound addresses that are captured     -x CIDRS  those that are not
//! -q PORTS  outbound ports that are captured anyway  -o PORTS  those that are not
//! -c NAMES  interfaces whose traffic is not captured
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
    let arguments = Arguments::of(init);
    let port = target.port.to_string();
    let mut broken = |evidence: String| {
        let found = (Check::Capture, Code::CaptureBypassed);
        let advice =
            "remove the annotation, or the mesh's default, that says so, and restart the pod";
        lines.broken(found, name, evidence, advice);
    };
    let names_port = |flag| arguments.lists(flag, "*") || arguments.lists(flag, &port);
    if names_port("-d") {
        broken(format!("port {port} is taken out of the proxy"));
    }
    if arguments.has("-b") && !names_port("-b") {
        broken(format!("port {port} is not captured by the proxy"));
    }
    for interface in arguments.list("-c") {
        broken(format!(
            "the traffic of interface `{interface}` goes round the proxy"
        ));
    }
    if !target.enforces() {
        return;
    }
    if arguments.has("-i") && !arguments.lists("-i", "*") {
        broken("only some of the server's traffic is captured by the proxy".into());
    }
    for item in arguments.list("-x").chain(arguments.list("-o")) {
        if !(is_pod_identity(target) && item == POD_IDENTITY_AGENT) {
            broken(format!("traffic to `{item}` goes round the proxy"));
        }
    }
}

/// What the init container ran with.
struct Arguments<'f>(Vec<&'f str>);

impl<'f> Arguments<'f> {
    fn of(container: &'f Value) -> Self {
        let arguments = items(container, "/args").iter();
        Self(arguments.filter_map(Value::as_str).collect())
    }

    fn value(&self, flag: &str) -> Option<&'f str> {
        let mut pairs = self.0.iter().zip(self.0.iter().skip(1));
        pairs.find_map(|(key, value)| (*key == flag).then_some(*value))
    }

    fn has(&self, flag: &str) -> bool {
        self.value(flag).is_some()
    }

    fn list(&self, flag: &str) -> impl Iterator<Item = &'f str> {
        let list = self.value(flag).unwrap_or_default().split(',');
        list.map(str::trim).filter(|item| !item.is_empty())
    }

    fn lists(&self, flag: &str, wanted: &str) -> bool {
        self.list(flag).any(|item| item == wanted)
    }
}

fn is_pod_identity(target: &Target<'_>) -> bool {
    let identity = target.deployment.identity.as_ref();
    let mode = identity.and_then(|identity| identity.mode.as_ref());
    matches!(mode, Some(Mode::PodIdentity { .. }))
}
