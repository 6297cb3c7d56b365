//! ALLOWs in the proxy that are not of the policy: each adds to ours.
//!
//! What their objects say now is judged with the objects. Here it is held against what the proxy has,
//! which may be what it once was sent, or what somebody else put there.

use super::rbac::{self, Standing};
use super::{Chain, Proxy};
use crate::doctor::control_plane;
use crate::doctor::pods;
use crate::doctor::value::text;
use crate::doctor::{Facts, Target};
use serde_json::Value;

const DRY_RUN: &str = "istio.io/dry-run";

/// By what somebody else is let in that no object says, and why; the first of it.
pub(super) fn find(
    target: &Target<'_>,
    facts: &Facts,
    proxy: &Proxy<'_>,
    chain: &Chain<'_>,
) -> Option<String> {
    let ours = target.of_kind("AuthorizationPolicy");
    let ours = ours.map(|policy| rbac::prefix(policy.namespace(), policy.name()));
    let ours: Vec<String> = ours.collect();
    let allowing = chain.rules(rbac::ACTING, "ALLOW").into_iter();
    let mut strangers = allowing
        .filter(|(name, _)| !ours.iter().any(|ours| name.starts_with(ours)))
        .filter(|(_, rule)| rbac::may_hold(rule, target));
    strangers.find_map(|(name, rule)| {
        let fault = fault(target, facts, proxy, chain, (name, rule))?;
        Some(format!("lets in by `{name}`, {fault}"))
    })
}

/// What is wrong with a rule that may hold at the MCP port.
fn fault(
    target: &Target<'_>,
    facts: &Facts,
    proxy: &Proxy<'_>,
    chain: &Chain<'_>,
    (name, rule): (&str, &Value),
) -> Option<String> {
    let mut live = facts.objects.iter();
    let live = live.find(|object| {
        text(object, "/kind") == "AuthorizationPolicy" && name.starts_with(&prefix(object))
    });
    let Some(live) = live else {
        return Some("of which no object was read".into());
    };
    let annotations = live.pointer("/metadata/annotations");
    let dry_run = annotations.and_then(|annotations| annotations.get(DRY_RUN));
    if dry_run.and_then(Value::as_str) == Some("true") {
        return Some("and its AuthorizationPolicy is a dry run".into());
    }
    if !is_for(target, facts, proxy, live) {
        return Some("and its AuthorizationPolicy is for other pods".into());
    }
    match rbac::standing_of(target, chain, live, (name, rule)) {
        Standing::AsCompiled => None,
        Standing::Lacks => Some("and its AuthorizationPolicy has no such ALLOW".into()),
        Standing::Differs(how) => Some(format!("otherwise than its AuthorizationPolicy: {how}")),
        Standing::Unread(how) => Some(format!("in words that are not known here: {how}")),
    }
}

fn prefix(object: &Value) -> String {
    let [namespace, name] = ["/metadata/namespace", "/metadata/name"].map(|at| text(object, at));
    rbac::prefix(namespace, name)
}

/// Whether an AuthorizationPolicy is for a proxy's pod.
fn is_for(target: &Target<'_>, facts: &Facts, proxy: &Proxy<'_>, policy: &Value) -> bool {
    let namespace = text(policy, "/metadata/namespace");
    let reaches =
        namespace == target.namespace() || control_plane::roots(target, facts).contains(namespace);
    // Those are for gateways and waypoints.
    let has_targets = ["/spec/targetRef", "/spec/targetRefs"]
        .iter()
        .any(|place| policy.pointer(place).is_some());
    let selector = policy.pointer("/spec/selector/matchLabels");
    let mut pods = pods::of_workload(target, facts);
    let pod = pods.find(|pod| text(pod, "/metadata/name") == proxy.pod());
    let is_selected = |pod| selector.is_none_or(|labels| pods::bears(pod, labels));
    reaches && !has_targets && pod.is_some_and(is_selected)
}
