//! What a NetworkPolicy, which knows addresses and namespaces alone, can let through.

use crate::artefact::{is_foreign, outside};
use crate::deployment::{Deployment, Location, Mode};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Cidr, Policy, are_most};
use crate::source::Spanned;
use std::collections::BTreeMap;

pub(super) fn check(policy: &Policy, deployment: Option<&Deployment>, found: &mut Diagnostics) {
    let mut by_port: BTreeMap<u16, Vec<&Spanned<Cidr>>> = BTreeMap::new();
    for entry in policy.egress.hosts.values() {
        let blocks = by_port.entry(entry.value.port.value).or_default();
        blocks.extend(&entry.value.cidrs);
    }
    for blocks in by_port.values() {
        check_blocks(blocks, found);
    }
    let Some(deployment) = deployment else {
        return;
    };
    let network = &deployment.network;
    for blocks in [
        &network.registry_cidrs[..],
        &network.caller_cidrs,
        sts_cidrs(deployment),
    ] {
        check_blocks(&blocks.iter().collect::<Vec<_>>(), found);
    }
    found.extend(registry(deployment));
    found.extend(hosts_without(policy, deployment));
    found.extend(callers_without(policy, deployment));
}

fn sts_cidrs(deployment: &Deployment) -> &[Spanned<Cidr>] {
    let identity = deployment.identity.as_ref();
    match identity.and_then(|identity| identity.mode.as_ref()) {
        Some(Mode::Irsa { sts_cidrs, .. }) => sts_cidrs,
        Some(Mode::PodIdentity { .. }) | None => &[],
    }
}

/// Blocks that one rule of the NetworkPolicy lets through.
fn check_blocks(blocks: &[&Spanned<Cidr>], found: &mut Diagnostics) {
    found.extend(blocks.iter().filter_map(|block| metadata(block)));
    let values: Vec<Cidr> = blocks.iter().map(|block| block.value).collect();
    let Some(last) = blocks.last().filter(|_| are_most(&values)) else {
        return;
    };
    let alone = blocks.iter().find(|block| are_most(&[block.value]));
    let message = match alone {
        Some(block) => format!("`{}` is half of all addresses, or more", block.value),
        None => "these blocks are together half of all addresses, or more".to_owned(),
    };
    let mut broad = Diagnostic::new(Code::OverBroad, alone.unwrap_or(last).span, message)
        .label("the NetworkPolicy cuts next to nothing on this port")
        .help("name the blocks that the host publishes");
    if alone.is_none() {
        let others = blocks.iter().filter(|block| block.span != last.span);
        broad = others.fold(broad, |broad, block| {
            broad.also(block.span, "with this one")
        });
    }
    found.push(broad);
}

/// A block that is nothing but the metadata service; from a wider one it is taken out.
fn metadata(cidr: &Spanned<Cidr>) -> Option<Diagnostic> {
    let block = cidr.value;
    if block.metadata().all(|metadata| metadata != block) {
        return None;
    }
    let message = format!("`{block}` is the node's metadata service");
    Some(
        Diagnostic::new(Code::MetadataReachable, cidr.span, message)
            .help("give the workload an `identity` of its own in the deployment file"),
    )
}

fn registry(deployment: &Deployment) -> Option<Diagnostic> {
    let image = &deployment.image;
    if image.location == Location::File || !deployment.network.registry_cidrs.is_empty() {
        return None;
    }
    let message = "the NetworkPolicy cuts the registry of the filter";
    Some(
        Diagnostic::new(Code::EgressWithoutAddress, image.url.span, message)
            .label("a pod that starts without its filter refuses every call")
            .help(
                "name its addresses, and those that it redirects to: `network: { registry_cidrs: […] }`; or use `file://`",
            ),
    )
}

fn hosts_without(policy: &Policy, deployment: &Deployment) -> Vec<Diagnostic> {
    let hosts = outside(policy, Some(deployment));
    hosts
        .into_iter()
        .filter(|(_, host)| host.cidrs.is_empty())
        .map(|(name, host)| {
            let key = match host.path == "identity.region" {
                true => "identity.sts_cidrs",
                false => "cidrs",
            };
            let message = format!("the NetworkPolicy cuts `{name}`, whose addresses it is not told");
            Diagnostic::new(Code::EgressWithoutAddress, host.span, message)
                .label("a NetworkPolicy knows no names")
                .help(format!(
                    "name its addresses as `{key}`; or add a policy of the network plugin that knows names: a CiliumNetworkPolicy with `toFQDNs`, Calico's `domains`, EKS Auto Mode's `domainNames`"
                ))
        })
        .collect()
}

/// Callers of another mesh are no pods of this cluster.
fn callers_without(policy: &Policy, deployment: &Deployment) -> Vec<Diagnostic> {
    if !deployment.network.caller_cidrs.is_empty() {
        return Vec::new();
    }
    let callers = policy.callers.values();
    let principals = callers.flat_map(|entry| &entry.value.principals);
    principals
        .filter(|principal| is_foreign(principal, deployment))
        .map(|principal| {
            let message = format!(
                "the NetworkPolicy cuts `{}`, which is not of this cluster",
                principal.value
            );
            Diagnostic::new(Code::CallerWithoutAddress, principal.span, message).help(
                "name the addresses it comes from: `network: { caller_cidrs: […] }`; or, if that trust domain is this mesh's, put it into `trust_domains`",
            )
        })
        .collect()
}
