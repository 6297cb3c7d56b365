//! The workload's pods: each with a proxy, and each proxy asked.

use super::control_plane::manifest;
use super::lines::Lines;
use super::report::Check;
use super::value::{items, text};
use super::{Facts, Target, capture};
use crate::compilation::Compilation;
use crate::diagnostic::Code;
use crate::review::capture::PROXY_CONTAINER;
use crate::review::{Manifest, Subject, has_mcp_port};
use serde_json::Value;

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

/// Puts the pods as they are now in the place of those that were read before, and forgets what was
/// asked of one that is gone, or was made anew under its name.
pub fn replace_pods(facts: &mut Facts, pods: Vec<Value>) {
    let uid = |pods: &[Value], name: &str| {
        let mut pods = pods.iter().filter(|pod| text(pod, "/kind") == "Pod");
        let pod = pods.find(|pod| text(pod, "/metadata/name") == name);
        pod.map(|pod| text(pod, "/metadata/uid").to_owned())
    };
    let objects = &facts.objects;
    let is_there = |name: &str| {
        let now = uid(&pods, name);
        now.is_some() && now == uid(objects, name)
    };
    facts.replicas.retain(|replica| is_there(&replica.pod));
    facts.probes.retain(|probe| is_there(&probe.pod));
    facts
        .objects
        .retain(|object| text(object, "/kind") != "Pod");
    facts.objects.extend(pods);
}

/// Whether a pod serves, or may still come to. One that is being deleted serves on, connections that
/// are open at least, until its containers have ended.
pub(super) fn is_alive(pod: &Value) -> bool {
    let is_leaving = pod.pointer("/metadata/deletionTimestamp").is_some();
    let statuses = items(pod, "/status/containerStatuses");
    let has_ended = |status: &Value| status.pointer("/state/terminated").is_some();
    let is_gone = is_leaving && !statuses.is_empty() && statuses.iter().all(has_ended);
    !is_gone && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

/// The pods that the policy's selector chooses.
pub(super) fn of_workload<'f>(
    target: &'f Target<'_>,
    facts: &'f Facts,
) -> impl Iterator<Item = &'f Value> {
    beside(target, facts, "Pod")
        .filter(|pod| is_alive(pod))
        .filter(|pod| is_chosen(target, pod))
}

/// The objects of a kind in the workload's namespace.
fn beside<'f>(
    target: &'f Target<'_>,
    facts: &'f Facts,
    kind: &'f str,
) -> impl Iterator<Item = &'f Value> {
    let objects = facts.objects.iter();
    objects.filter(move |object| {
        text(object, "/kind") == kind && text(object, "/metadata/namespace") == target.namespace()
    })
}

fn is_chosen(target: &Target<'_>, pod: &Value) -> bool {
    let mut selector = target.deployment.selector.iter();
    selector.all(|(key, value)| label(pod, key) == Some(value))
}

/// Whether a pod has all of these labels.
pub(super) fn bears(pod: &Value, labels: &Value) -> bool {
    let mut labels = labels.as_object().into_iter().flatten();
    labels.all(|(key, value)| label(pod, key) == value.as_str())
}

fn label<'f>(pod: &'f Value, key: &str) -> Option<&'f str> {
    pod.pointer("/metadata/labels")?.get(key)?.as_str()
}

/// The pods that a Service leads to.
fn behind<'f>(target: &'f Target<'_>, facts: &'f Facts, service: &'f Value) -> Vec<&'f Value> {
    let selector = service.pointer("/spec/selector");
    let has_labels = |selector: &&Value| selector.as_object().is_some_and(|map| !map.is_empty());
    let Some(selector) = selector.filter(has_labels) else {
        return Vec::new();
    };
    let is_behind = |pod: &&Value| bears(pod, selector);
    let pods = beside(target, facts, "Pod").filter(|pod| is_alive(pod));
    pods.filter(is_behind).collect()
}

/// Callers name a Service: a pod behind it that the policy's selector leaves out serves them, too. By a Service
/// of other ports nobody calls.
fn check_services(target: &Target<'_>, facts: &Facts, lines: &mut Lines) {
    let pods: Vec<Manifest> = of_workload(target, facts).map(manifest).collect();
    let Some(subject) = Subject::new(target.compilation, &pods) else {
        return;
    };
    let services = beside(target, facts, "Service");
    for service in services.filter(|service| has_mcp_port(&subject, &manifest(service))) {
        let pods = behind(target, facts, service);
        if !pods.iter().any(|pod| is_chosen(target, pod)) {
            continue;
        }
        for pod in pods.into_iter().filter(|pod| !is_chosen(target, pod)) {
            let name = text(service, "/metadata/name");
            let evidence =
                format!("is behind the Service `{name}`, and the policy does not choose it");
            let found = (Check::Proxy, Code::PodNotChosen);
            let advice = "give the pod the labels of the deployment's `selector`, or take it out of the Service's";
            lines.broken(found, text(pod, "/metadata/name"), evidence, advice);
        }
    }
}

/// In Kubernetes from 1.29, the proxy may be an init container that goes on running.
fn has_proxy(pod: &Value) -> bool {
    let containers = items(pod, "/spec/containers").iter();
    let lasting = items(pod, "/spec/initContainers").iter();
    let lasting = lasting.filter(|container| text(container, "/restartPolicy") == "Always");
    let mut all = containers.chain(lasting);
    all.any(|container| text(container, "/name") == PROXY_CONTAINER)
}

pub(super) fn check(target: &Target<'_>, facts: &Facts, lines: &mut Lines) {
    check_services(target, facts, lines);
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
