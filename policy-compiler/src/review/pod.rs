//! Pods: by an annotation or a user id, traffic goes round the proxy.

use super::{Manifest, Subject, weakened};
use crate::deployment::Mode;
use crate::diagnostic::Diagnostics;
use crate::yaml::Node;

/// The address of the EKS Pod Identity agent, which the proxy must let pass.
const POD_IDENTITY_AGENT: &str = "169.254.170.23/32";

/// The user of the proxy: traffic of its processes is not captured.
const PROXY_USER: &str = "1337";

const ANNOTATIONS: &str = "traffic.sidecar.istio.io/";

pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    let Some(template) = subject.template(manifest) else {
        return;
    };
    check_injection(template, found);
    check_capture(subject, template, found);
    check_users(template, found);
}

/// A namespace that takes no part in the mesh.
pub(super) fn check_namespace(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    let injection = manifest.at(&["metadata", "labels", "istio-injection"]);
    if let Some(injection) = injection.filter(|label| label.scalar() == Some("disabled")) {
        let namespace = &subject.deployment.namespace.value;
        let message = format!("pods of `{namespace}` get no proxy");
        found.push(weakened(injection.span, message).label("nothing of the policy is enforced"));
    }
}

fn check_injection(template: &Node, found: &mut Diagnostics) {
    for place in ["labels", "annotations"] {
        let inject = template.at(&["metadata", place, "sidecar.istio.io/inject"]);
        if let Some(inject) = inject.filter(|inject| inject.scalar() == Some("false")) {
            let message = "the workload's pods get no proxy";
            found.push(weakened(inject.span, message).label("nothing of the policy is enforced"));
        }
    }
    let host_network = template.at(&["spec", "hostNetwork"]);
    if let Some(host) = host_network.filter(|host| host.scalar() == Some("true")) {
        let message = "the workload's pods use the network of their node";
        found.push(weakened(host.span, message).label("such pods get no proxy"));
    }
}

fn check_capture(subject: &Subject<'_>, template: &Node, found: &mut Diagnostics) {
    let annotation = |name: &str| {
        let key = format!("{ANNOTATIONS}{name}");
        template.at(&["metadata", "annotations", &key])
    };
    if let Some(node) = annotation("excludeInboundPorts").filter(|node| names_port(subject, node)) {
        let message = format!("port {} is taken out of the proxy", subject.port);
        found.push(weakened(node.span, message).label("calls to it meet no policy"));
    }
    let only = annotation("includeInboundPorts");
    if let Some(node) = only.filter(|node| !names_port(subject, node)) {
        let message = format!("port {} is not captured by the proxy", subject.port);
        found.push(weakened(node.span, message).label("calls to it meet no policy"));
    }
    let is_needed = |item: &str| {
        let identity = subject.deployment.identity.as_ref();
        let mode = identity.and_then(|identity| identity.mode.as_ref());
        matches!(mode, Some(Mode::PodIdentity { .. })) && item == POD_IDENTITY_AGENT
    };
    for name in ["excludeOutboundIPRanges", "excludeOutboundPorts"] {
        let Some(node) = annotation(name) else {
            continue;
        };
        if let Some(item) = list(node).find(|item| !is_needed(item)) {
            let message = format!("traffic to `{item}` goes round the proxy");
            found.push(
                weakened(node.span, message).label("the policy's egress does not hold for it"),
            );
        }
    }
    for name in ["includeOutboundIPRanges", "includeOutboundPorts"] {
        let Some(node) = annotation(name) else {
            continue;
        };
        if !list(node).any(|item| item == "*") {
            let message = "only some of the server's traffic is captured by the proxy";
            found.push(
                weakened(node.span, message)
                    .label("the policy's egress does not hold for the rest"),
            );
        }
    }
}

fn check_users(template: &Node, found: &mut Diagnostics) {
    let containers = ["containers", "initContainers"]
        .into_iter()
        .filter_map(|key| template.at(&["spec", key]))
        .flat_map(Node::items)
        .filter(|container| container.get("name").and_then(Node::scalar) != Some("istio-proxy"));
    let contexts = containers
        .filter_map(|container| container.get("securityContext"))
        .chain(template.at(&["spec", "securityContext"]));
    for context in contexts {
        for key in ["runAsUser", "runAsGroup"] {
            let user = context.get(key);
            if let Some(user) = user.filter(|user| user.scalar() == Some(PROXY_USER)) {
                let message = format!("`{key}` is that of the proxy");
                found.push(
                    weakened(user.span, message)
                        .label("what it sends goes round the proxy")
                        .help("choose another number"),
                );
            }
        }
    }
}

fn names_port(subject: &Subject<'_>, node: &Node) -> bool {
    let port = subject.port.to_string();
    list(node).any(|item| item == "*" || item == port)
}

/// The items of a list with commas.
fn list(node: &Node) -> impl Iterator<Item = &str> {
    let text = node.scalar().unwrap_or_default();
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}
