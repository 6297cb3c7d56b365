//! Pods: by an annotation or a user id, traffic goes round the proxy.

use super::capture::{COMMAND, List, PROXY_CONTAINER, PROXY_USER, VALIDATES, VALIDATION};
use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;
use crate::yaml::Node;

/// Which revision of istiod, or which tag, a pod or a namespace belongs to. An object with this label is read by
/// that istiod alone.
pub(crate) const REVISION: &str = "istio.io/rev";

const ANNOTATIONS: &str = "traffic.sidecar.istio.io/";

/// Lists of what is captured and what is not, and what it means to be left out.
const LISTS: [(&str, List, &str); 7] = [
    ("excludeInboundPorts", List::PortsLeftOut, NO_POLICY),
    ("includeInboundPorts", List::Ports, NO_POLICY),
    (
        "excludeInterfaces",
        List::InterfacesLeftOut,
        "what comes and leaves by it meets no policy",
    ),
    (
        "excludeOutboundIPRanges",
        List::DestinationsLeftOut,
        NO_EGRESS,
    ),
    ("excludeOutboundPorts", List::DestinationsLeftOut, NO_EGRESS),
    ("includeOutboundIPRanges", List::Destinations, NO_EGRESS),
    ("includeOutboundPorts", List::Destinations, NO_EGRESS),
];

const NO_POLICY: &str = "calls to what is left out meet no policy";
const NO_EGRESS: &str = "the policy's egress does not hold for what is left out";

/// How traffic is captured: by `REDIRECT`, by `TPROXY`, or not at all.
const INTERCEPTION: &str = "sidecar.istio.io/interceptionMode";

pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    let Some(template) = subject.template(manifest) else {
        return;
    };
    check_injection(template, found);
    check_revision(subject, template.at(&["metadata", "labels"]), found);
    check_capture(subject, template, found);
    check_users(template, found);
}

/// A namespace that takes no part in the mesh.
pub(super) fn check_namespace(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    let injection = manifest.at(&["metadata", "labels", "istio-injection"]);
    if let Some(injection) = injection.filter(|label| label.scalar() != Some("enabled")) {
        let namespace = &subject.deployment.namespace.value;
        let message = format!("pods of `{namespace}` get no proxy");
        found.push(weakened(injection.span, message).label("nothing of the policy is enforced"));
    }
    // Of the two, the older label counts.
    if injection.is_none() {
        check_revision(subject, manifest.at(&["metadata", "labels"]), found);
    }
}

/// A proxy of another revision gets what another istiod reads.
fn check_revision(subject: &Subject<'_>, labels: Option<&Node>, found: &mut Diagnostics) {
    let revision = labels.and_then(|labels| labels.get(REVISION));
    let other = revision.filter(|revision| {
        let name = revision.scalar().unwrap_or_default();
        !subject.deployment.network.is_revision(name)
    });
    if let Some(other) = other {
        let name = other.scalar().unwrap_or_default();
        let message = format!("the workload's pods get the proxy of revision `{name}`");
        found.push(
            weakened(other.span, message)
                .label("the deployment does not name it: its istiod may read other objects, and be of another version")
                .help("name it under `network.istio_revisions`, or change the label and restart the pods")
                .warning(),
        );
    }
}

fn check_injection(template: &Node, found: &mut Diagnostics) {
    let says = |place| template.at(&["metadata", place, "sidecar.istio.io/inject"]);
    // Of the two, the label counts. An empty one leaves it to the namespace.
    let inject = says("labels").or_else(|| says("annotations"));
    if let Some(inject) = inject.filter(|inject| !is_on(inject) && inject.scalar() != Some("")) {
        let message = "the workload's pods get no proxy";
        found.push(weakened(inject.span, message).label("nothing of the policy is enforced"));
    }
    let host_network = template.at(&["spec", "hostNetwork"]);
    if let Some(host) = host_network.filter(|host| is_on(host)) {
        let message = "the workload's pods use the network of their node";
        found.push(weakened(host.span, message).label("such pods get no proxy"));
    }
}

/// What Istio, and YAML 1.1, take for yes.
fn is_on(node: &Node) -> bool {
    let text = node.scalar().unwrap_or_default().to_ascii_lowercase();
    matches!(text.as_str(), "y" | "yes" | "true" | "on")
}

fn check_capture(subject: &Subject<'_>, template: &Node, found: &mut Diagnostics) {
    let mode = template.at(&["metadata", "annotations", INTERCEPTION]);
    if let Some(mode) = mode.filter(|mode| mode.scalar() == Some("NONE")) {
        let message = "none of the workload's traffic is captured by the proxy";
        found.push(weakened(mode.span, message).label("nothing of the policy is enforced"));
    }
    for (name, lists, label) in LISTS {
        let key = format!("{ANNOTATIONS}{name}");
        let Some(node) = template.at(&["metadata", "annotations", &key]) else {
            continue;
        };
        let items: Vec<&str> = list(node).collect();
        let faults = lists.faults(subject.deployment, subject.port, &items);
        if let Some(fault) = faults.into_iter().next() {
            found.push(weakened(node.span, fault).label(label));
        }
    }
}

fn check_users(template: &Node, found: &mut Diagnostics) {
    let items = |key| {
        template
            .at(&["spec", key])
            .map(Node::items)
            .unwrap_or_default()
    };
    let lasting = items("containers").iter().chain(items("initContainers"));
    let contexts = lasting
        .filter(|container| !is_injected(container))
        .chain(items("ephemeralContainers"))
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

/// The containers that Istio adds to a pod: the proxy, and the check of its capture, which ends before.
fn is_injected(container: &Node) -> bool {
    let args = container.get("args").map(Node::items).unwrap_or_default();
    let has = |word| args.iter().any(|arg| arg.scalar() == Some(word));
    match container.get("name").and_then(Node::scalar) {
        Some(PROXY_CONTAINER) => true,
        Some(VALIDATION) => has(COMMAND) && has(VALIDATES),
        _ => false,
    }
}

/// The items of a list with commas.
fn list(node: &Node) -> impl Iterator<Item = &str> {
    let text = node.scalar().unwrap_or_default();
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}
