//! Who may connect to which port of the pod.

use super::{block, namespace, rule, tcp};
use crate::artefact::egress::Workload;
use crate::deployment::Deployment;
use crate::policy::{Caller, TRUST_DOMAIN_ALIAS};
use crate::source::Spanned;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The agent's port for merged metrics, and Envoy's own.
const METRICS: [u16; 2] = [15020, 15090];

pub(super) fn rules(workload: Workload<'_>) -> Vec<Value> {
    let deployment = workload.deployment;
    let port = workload.compilation.policy.endpoints.port.iter();
    let mcp = port.filter_map(|port| rule("from", callers(workload), vec![tcp(port.value)]));
    let others = deployment.ports.values().filter_map(|entry| {
        let accounts = entry.value.service_accounts.iter();
        let names: BTreeSet<&str> = accounts
            .map(|account| account.value.namespace.as_str())
            .collect();
        let peers = names.into_iter().map(namespace).collect();
        rule("from", peers, vec![tcp(entry.value.port.value)])
    });
    let scraper = deployment.network.metrics_namespace.iter();
    let metrics = scraper.filter_map(|name| {
        rule(
            "from",
            vec![namespace(&name.value)],
            METRICS.map(tcp).to_vec(),
        )
    });
    mcp.chain(others).chain(metrics).collect()
}

fn callers(workload: Workload<'_>) -> Vec<Value> {
    let deployment = workload.deployment;
    let callers = || workload.compilation.policy.reaching_callers();
    let outside = deployment.network.caller_cidrs.iter();
    let outside = outside.map(|cidr| block(&cidr.value));
    // A caller known by its token alone may come from any pod of the cluster: layer 2 and the filter
    // ask for the token. From outside the cluster it comes through a gateway, or `caller_cidrs`.
    if callers().any(is_known_by_token_alone) {
        let anywhere = json!({"namespaceSelector": {}});
        return [anywhere].into_iter().chain(outside).collect();
    }
    let names: BTreeSet<&str> = callers()
        .flat_map(|caller| namespaces(caller, deployment))
        .collect();
    names.into_iter().map(namespace).chain(outside).collect()
}

fn is_known_by_token_alone(caller: &Caller) -> bool {
    caller.service_accounts.is_empty()
        && caller.principals.is_empty()
        && caller.namespaces.is_empty()
}

/// The namespaces of this cluster that a caller's pods are in.
fn namespaces<'a>(caller: &'a Caller, deployment: &'a Deployment) -> impl Iterator<Item = &'a str> {
    let accounts = caller.service_accounts.iter();
    let accounts = accounts.map(|account| account.value.namespace.as_str());
    let principals = caller.principals.iter();
    let principals = principals
        .filter(|principal| !is_foreign(principal, deployment))
        .filter_map(|principal| principal.value.split('/').nth(2));
    let namespaces = caller.namespaces.iter().map(|name| name.value.as_str());
    accounts.chain(principals).chain(namespaces)
}

/// Whether a principal is of another mesh: its pods are not this cluster's, whatever their namespace
/// is called.
pub(crate) fn is_foreign(principal: &Spanned<String>, deployment: &Deployment) -> bool {
    let domain = principal.value.split('/').next().unwrap_or_default();
    let mut own = deployment.trust_domains.iter();
    domain != TRUST_DOMAIN_ALIAS && !own.any(|own| own.value == domain)
}
