//! The workload's pods: each with a proxy, and each proxy asked.

use super::report::{Check, Lines};
use super::value::{items, text};
use super::{Facts, Target, capture};
use crate::compilation::Compilation;
use crate::diagnostic::Code;
use serde_json::Value;

/// The container that Istio adds to a pod.
pub const PROXY_CONTAINER: &str = "istio-proxy";

/// Names of the pods whose proxies are to be asked: those that run, and have one.
#[must_use]
pub fn pods(compilation: &Compilation, facts: &Facts) -> Vec<String> {
    let Some(target) = Target::new(compilation) else {
        return Vec::new();
    };
    let pods = of_workload(&target, facts).filter(|pod| has_proxy(pod));
    pods.map(|pod| text(pod, "/metadata/name").to_owned())
        .collect()
}

/// Whether a pod serves, or may still come to.
pub(super) fn is_alive(pod: &Value) -> bool {
    let is_leaving = pod.pointer("/metadata/deletionTimestamp").is_some();
    !is_leaving && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

/// The pods that the policy's selector chooses.
pub(super) fn of_workload<'f>(
    target: &'f Target<'_>,
    facts: &'f Facts,
) -> impl Iterator<Item = &'f Value> {
    let is_selected = |pod: &&Value| {
        let labels = pod.pointer("/metadata/labels").unwrap_or(&Value::Null);
        let mut selector = target.deployment.selector.iter();
        selector.all(|(key, value)| labels.get(key).and_then(Value::as_str) == Some(value))
    };
    facts
        .objects
        .iter()
        .filter(|object| text(object, "/kind") == "Pod")
        .filter(|pod| text(pod, "/metadata/namespace") == target.namespace())
        .filter(|pod| is_alive(pod))
        .filter(is_selected)
}

/// In Kubernetes from 1.29, the proxy may be an init container that goes on running.
fn has_proxy(pod: &Value) -> bool {
    let containers = items(pod, "/spec/containers").iter();
    let mut all = containers.chain(items(pod, "/spec/initContainers"));
    all.any(|container| text(container, "/name") == PROXY_CONTAINER)
}

pub(super) fn check(target: &Target<'_>, facts: &Facts, lines: &mut Lines) {
    let mut count = 0_usize;
    for pod in of_workload(target, facts) {
        count = count.saturating_add(1);
        check_pod(target, facts, pod, lines);
    }
    if count == 0 {
        let found = (Check::Proxy, Code::FactUnknown);
        let evidence = "no pod of the workload runs, so there is nothing to verify";
        lines.unknown(
            found,
            target.server(),
            evidence,
            "compare the deployment's `selector` with the pods' labels",
        );
    }
}

fn check_pod(target: &Target<'_>, facts: &Facts, pod: &Value, lines: &mut Lines) {
    let name = text(pod, "/metadata/name");
    if !has_proxy(pod) {
        let found = (Check::Proxy, Code::NoProxy);
        let evidence = format!(
            "has no container `{PROXY_CONTAINER}`: nothing of the policy is enforced in it"
        );
        let advice = "label the namespace for injection, remove `sidecar.istio.io/inject: \"false\"` and `hostNetwork`, and restart the pod";
        lines.broken(found, name, evidence, advice);
        return;
    }
    capture::check(target, pod, lines);
    let is_asked = facts.replicas.iter().any(|replica| replica.pod == name);
    if !is_asked {
        let found = (Check::Proxy, Code::FactUnknown);
        lines.unknown(found, name, "its proxy was not asked", "run it again");
    }
}
