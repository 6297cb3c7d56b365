//! Whether anybody enforces NetworkPolicies: the API server takes them in any cluster, also where no
//! network plugin reads them, and no object says so. The plugins that are known are told by their
//! DaemonSets.

use super::lines::Lines;
use super::report::Check;
use super::value::{items, text};
use super::{Facts, Target};
use crate::diagnostic::Code;
use serde_json::Value;

/// What a DaemonSet says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Enforces,
    /// It would, and runs on no node.
    Idle,
    /// It is a network plugin, and leaves policies alone.
    Ignores,
    /// It depends on what cannot be seen.
    Unclear,
}

/// Plugins that enforce whatever is asked of them.
const ENFORCERS: [&str; 8] = [
    "calico-node",
    "canal",
    "cilium",
    "antrea-agent",
    "anetd",
    "azure-npm",
    "ovnkube-node",
    "kube-router",
];

/// Plugins that know no policies.
const OTHERS: [&str; 3] = ["kube-flannel-ds", "kube-flannel", "kube-bridge"];

/// The first image of kind's plugin with policies: that of kind 0.24.
const KINDNET_WITH_POLICIES: u32 = 2024_0813;

pub(super) fn check(target: &Target<'_>, facts: &Facts, lines: &mut Lines) {
    let Some(policy) = target.of_kind("NetworkPolicy").next() else {
        return;
    };
    let subject = format!("NetworkPolicy {}/{}", target.namespace(), policy.name());
    let known: Vec<(&str, Verdict)> = facts
        .objects
        .iter()
        .filter(|object| text(object, "/kind") == "DaemonSet")
        .filter_map(|set| Some((text(set, "/metadata/name"), verdict(set)?)))
        .collect();
    let named = |wanted: Verdict| known.iter().find(|(_, verdict)| *verdict == wanted);
    if let Some((name, _)) = named(Verdict::Enforces) {
        return lines.enforced(
            Check::NetworkPolicy,
            &subject,
            format!("DaemonSet `{name}` enforces it"),
        );
    }
    let code = Code::NetworkPolicyUnenforced;
    let advice = "install or switch on a network plugin that enforces NetworkPolicies; until then a process that goes round the proxy reaches everything";
    match (named(Verdict::Unclear), named(Verdict::Ignores)) {
        (None, Some((name, _))) => {
            let evidence =
                format!("the cluster's network plugin, DaemonSet `{name}`, does not enforce it");
            lines.broken((Check::NetworkPolicy, code), &subject, evidence, advice);
        }
        (unclear, _) => {
            let evidence = match unclear.or_else(|| named(Verdict::Idle)) {
                Some((name, Verdict::Idle)) => {
                    format!(
                        "none of the pods of DaemonSet `{name}` is ready, so nobody may enforce it"
                    )
                }
                Some((name, _)) => format!("whether DaemonSet `{name}` enforces it cannot be told"),
                None => {
                    "no network plugin that is known was found, so nobody may enforce it".into()
                }
            };
            let advice = "find out, and if it is enforced, say so by `--accept MCP0510`; name the plugin's namespace by `--cni-namespace`";
            lines.unknown((Check::NetworkPolicy, code), &subject, evidence, advice);
        }
    }
}

fn verdict(set: &Value) -> Option<Verdict> {
    let ready = set.pointer("/status/numberReady").and_then(Value::as_u64);
    match said(set)? {
        Verdict::Enforces if ready.unwrap_or(0) == 0 => Some(Verdict::Idle),
        verdict => Some(verdict),
    }
}

/// What it says, whether it runs or not.
fn said(set: &Value) -> Option<Verdict> {
    let name = text(set, "/metadata/name");
    match name {
        "aws-node" => Some(amazon(set)),
        "kindnet" => Some(kindnet(set)),
        _ if ENFORCERS.contains(&name) => Some(Verdict::Enforces),
        _ if OTHERS.contains(&name) => Some(Verdict::Ignores),
        _ => None,
    }
}

fn containers(set: &Value) -> &[Value] {
    items(set, "/spec/template/spec/containers")
}

/// The VPC CNI enforces by its node agent, where that was switched on.
fn amazon(set: &Value) -> Verdict {
    let is_on = |container: &Value| {
        let mut arguments = items(container, "/args").iter().filter_map(Value::as_str);
        arguments.any(|argument| argument == "--enable-network-policy=true")
    };
    match containers(set).iter().any(is_on) {
        true => Verdict::Enforces,
        false => Verdict::Ignores,
    }
}

/// `docker.io/kindest/kindnetd:vYYYYMMDD-HASH`.
fn kindnet(set: &Value) -> Verdict {
    let image = containers(set)
        .first()
        .map(|container| text(container, "/image"));
    let date = image
        .and_then(|image| image.rsplit_once(":v"))
        .and_then(|(_, tag)| tag.get(..8)?.parse::<u32>().ok());
    match date {
        Some(date) if date >= KINDNET_WITH_POLICIES => Verdict::Enforces,
        Some(_) => Verdict::Ignores,
        None => Verdict::Unclear,
    }
}
