//! AuthorizationPolicy: ALLOWs add up, and a dry run does nothing.

use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;
use crate::policy::{ServiceAccount, TRUST_DOMAIN_ALIAS};
use crate::yaml::Node;

const DRY_RUN: &str = "istio.io/dry-run";

pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if !subject.is_selected(manifest.at(&["spec", "selector", "matchLabels"])) {
        return;
    }
    if subject.is_own(manifest) {
        return check_own(subject, manifest, found);
    }
    if manifest.annotation(DRY_RUN).and_then(Node::scalar) == Some("true") {
        return;
    }
    match manifest.text(&["spec", "action"]).unwrap_or("ALLOW") {
        "ALLOW" => check_allow(subject, manifest, found),
        "DENY" => check_deny(subject, manifest, found),
        _ => {}
    }
}

/// What `observe` left behind makes a policy look enforced.
fn check_own(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    let Some(dry_run) = manifest.annotation(DRY_RUN) else {
        return;
    };
    if subject.enforces() && dry_run.scalar() == Some("true") {
        let message = format!(
            "{} is a dry run, and the stage is `enforce`",
            manifest.title()
        );
        found.push(
            weakened(dry_run.span, message)
                .label("the policy refuses nobody")
                .help("compile it anew, and apply that"),
        );
    }
}

/// What another ALLOW lets in passes layer 2, whatever ours says.
fn check_allow(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    for rule in manifest.items(&["spec", "rules"]) {
        if !reaches_port(subject, rule) {
            continue;
        }
        match widest(subject, rule) {
            Some(Width::Everyone) => {
                let message = format!("{} lets everyone in", manifest.title());
                found.push(
                    weakened(rule.span, message)
                        .label("names no source")
                        .help("ALLOW policies add up: name its `from`, or take this workload out of its selector"),
                );
            }
            Some(Width::Stranger(stranger)) => {
                let name = stranger.scalar().unwrap_or_default();
                let message = format!("{} lets `{name}` in", manifest.title());
                found.push(
                    weakened(stranger.span, message)
                        .label("not a caller of the policy")
                        .help("ALLOW policies add up: declare the caller in the policy, or remove it here"),
                );
            }
            None => {}
        }
    }
}

/// A DENY that asks for nothing refuses every call.
fn check_deny(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    for rule in manifest.items(&["spec", "rules"]) {
        let conditions = ["from", "to", "when"]
            .iter()
            .filter_map(|key| rule.get(key));
        let is_bare = conditions.flat_map(Node::items).next().is_none();
        if is_bare && reaches_port(subject, rule) {
            let message = format!("{} refuses every call", manifest.title());
            found.push(weakened(rule.span, message).label("holds for every request"));
        }
    }
}

/// Whether a rule holds on the MCP port. Without `to`, it holds on every port.
fn reaches_port(subject: &Subject<'_>, rule: &Node) -> bool {
    let Some(to) = rule.get("to") else {
        return true;
    };
    let port = subject.port.to_string();
    to.items().iter().any(|to| {
        let has = |key| {
            let ports = to.at(&["operation", key]).map(Node::items)?;
            Some(
                ports
                    .iter()
                    .any(|item| item.scalar() == Some(port.as_str())),
            )
        };
        has("ports").unwrap_or(true) && !has("notPorts").unwrap_or(false)
    })
}

enum Width<'n> {
    Everyone,
    Stranger(&'n Node),
}

/// Whom a rule lets in that the policy does not know.
fn widest<'n>(subject: &Subject<'_>, rule: &'n Node) -> Option<Width<'n>> {
    let from = rule.get("from").map(Node::items).unwrap_or_default();
    if from.is_empty() {
        return Some(Width::Everyone);
    }
    from.iter().find_map(|from| stranger(subject, from))
}

fn stranger<'n>(subject: &Subject<'_>, from: &'n Node) -> Option<Width<'n>> {
    let source = from.get("source");
    let names = |key: &str| source.and_then(|source| source.get(key)).map(Node::items);
    let principals = names("principals").unwrap_or_default();
    let accounts = names("serviceAccounts").unwrap_or_default();
    let namespaces = names("namespaces").unwrap_or_default();
    if principals.is_empty() && accounts.is_empty() && namespaces.is_empty() {
        return Some(Width::Everyone);
    }
    let is_known = |known: bool, node| (!known).then_some(Width::Stranger(node));
    let text = |node: &'n Node| node.scalar().unwrap_or_default();
    let mut principals = principals
        .iter()
        .map(|node| (knows_principal(subject, text(node)), node));
    let mut accounts = accounts
        .iter()
        .map(|node| (knows_account(subject, text(node)), node));
    let mut namespaces = namespaces
        .iter()
        .map(|node| (subject.namespaces.contains(text(node)), node));
    principals
        .find_map(|(known, node)| is_known(known, node))
        .or_else(|| accounts.find_map(|(known, node)| is_known(known, node)))
        .or_else(|| namespaces.find_map(|(known, node)| is_known(known, node)))
}

/// An account without a namespace is one of the policy's own, which is not said.
fn knows_account(subject: &Subject<'_>, text: &str) -> bool {
    let account = ServiceAccount::parse(text);
    account.is_some_and(|account| knows_principal(subject, &account.principal()))
}

/// Whether a principal is a caller, in whichever trust domain of the mesh.
fn knows_principal(subject: &Subject<'_>, principal: &str) -> bool {
    let Some((domain, rest)) = principal.split_once('/') else {
        return false;
    };
    let is_meshs = |domain: &str| {
        let mut domains = subject.deployment.trust_domains.iter();
        domain == TRUST_DOMAIN_ALIAS || domains.any(|own| own.value == domain)
    };
    // The alias means all of the mesh's, in Istio as in the filter.
    let is_same = |known: &str| {
        known == domain
            || (known == TRUST_DOMAIN_ALIAS && is_meshs(domain))
            || (domain == TRUST_DOMAIN_ALIAS && is_meshs(known))
    };
    let namespace = rest
        .strip_prefix("ns/")
        .and_then(|rest| rest.split('/').next());
    let in_namespace = namespace.is_some_and(|namespace| subject.namespaces.contains(namespace));
    in_namespace && is_meshs(domain) && !rest.contains('*')
        || subject.principals.iter().any(|known| {
            known
                .split_once('/')
                .is_some_and(|(known, own)| is_same(known) && own == rest)
        })
}
