//! Layer 2 in the proxy: the rules of our AuthorizationPolicies, in every chain that calls come to.

use super::chain::is_rbac;
use super::rbac::{self, ACTING, DRY_RUN, Standing};
use super::{Chain, Proxy, routes, strangers};
use crate::artefact::Object;
use crate::diagnostic::Code;
use crate::doctor::lines::Lines;
use crate::doctor::report::Check;
use crate::doctor::value::text;
use crate::doctor::{Facts, Target};

const FOUND: (Check, Code) = (Check::Callers, Code::CallersNotChecked);

const APPLY: &str = "apply what `mcp-guard compile` writes, and look for an EnvoyFilter that changes it; if it is applied, the proxy is cut off from istiod";

const UNREAD: &str =
    "look for an EnvoyFilter that changes it; a newer Istio may say the same in other words";

pub(super) fn check(target: &Target<'_>, facts: &Facts, proxy: &Proxy<'_>, lines: &mut Lines) {
    let mut is_fine = true;
    for chain in proxy.chains_of(target.port) {
        for policy in target.of_kind("AuthorizationPolicy") {
            is_fine &= check_policy(target, proxy, &chain, policy, lines);
        }
        if is_overridden(proxy, &chain) {
            is_fine = false;
            let evidence = format!("{} has RBAC, and a route overrides it", chain.title());
            let advice = "remove the EnvoyFilter that does so";
            lines.broken(FOUND, proxy.pod(), evidence, advice);
        }
        let stranger = || strangers::find(target, facts, proxy, &chain);
        if let Some(stranger) = target.enforces().then(stranger).flatten() {
            is_fine = false;
            let evidence = format!("{} {stranger}", chain.title());
            let advice = "look for an EnvoyFilter, and for an AuthorizationPolicy that is gone, has changed or stands in another root namespace; if it is well, the proxy is cut off from istiod";
            lines.unknown(FOUND, proxy.pod(), evidence, advice);
        }
    }
    if is_fine {
        let evidence = match target.enforces() {
            true => "checks callers by the policy's ALLOW and DENY rules, as they are compiled",
            false => "records whom the policy's ALLOW and DENY rules would refuse",
        };
        lines.enforced(Check::Callers, proxy.pod(), evidence);
    }
}

/// Says what a chain does otherwise with a policy than is compiled; whether it does the same.
fn check_policy(
    target: &Target<'_>,
    proxy: &Proxy<'_>,
    chain: &Chain<'_>,
    policy: &Object,
    lines: &mut Lines,
) -> bool {
    let key = if target.enforces() { ACTING } else { DRY_RUN };
    let (title, name) = (chain.title(), policy.name());
    match rbac::standing(target, chain, policy, key) {
        Standing::AsCompiled => return true,
        Standing::Lacks if rbac::standing(target, chain, policy, DRY_RUN) != Standing::Lacks => {
            let evidence =
                format!("{title} only records what AuthorizationPolicy `{name}` would refuse");
            let advice = "remove the annotation `istio.io/dry-run`";
            lines.broken(FOUND, proxy.pod(), evidence, advice);
        }
        Standing::Lacks => {
            let evidence = format!("{title} lacks rules of AuthorizationPolicy `{name}`");
            lines.broken(FOUND, proxy.pod(), evidence, APPLY);
        }
        Standing::Differs(how) => {
            let evidence =
                format!("{title} has AuthorizationPolicy `{name}` otherwise than compiled: {how}");
            lines.broken(FOUND, proxy.pod(), evidence, APPLY);
        }
        Standing::Unread(how) => {
            let evidence = format!(
                "{title} has AuthorizationPolicy `{name}` in words that are not known here: {how}"
            );
            lines.unknown(FOUND, proxy.pod(), evidence, UNREAD);
        }
    }
    false
}

/// Whether a route does otherwise than a chain's RBAC filters say.
fn is_overridden(proxy: &Proxy<'_>, chain: &Chain<'_>) -> bool {
    let filters = chain.http_filters().iter().filter(|filter| is_rbac(filter));
    let names: Vec<&str> = filters.map(|filter| text(filter, "/name")).collect();
    routes::override_any(proxy, chain, &names)
}

/// The DENY is for all ports but those that the deployment names: it must be in every chain.
pub(super) fn check_other_ports(target: &Target<'_>, proxy: &Proxy<'_>, lines: &mut Lines) {
    const FOUND: (Check, Code) = (Check::Ports, Code::PortOpen);
    let chains = proxy.other_chains(target.port);
    let (mut open, mut unclear) = (Vec::new(), Vec::new());
    for chain in &chains {
        match deny(target, proxy, chain) {
            Standing::AsCompiled => {}
            Standing::Unread(how) => unclear.push(format!("{}: {how}", chain.title())),
            Standing::Lacks | Standing::Differs(_) => open.push(chain.title()),
        }
    }
    if !open.is_empty() {
        let open = open.join(", ");
        let evidence = format!("nothing of the policy closes {open}, as it is compiled");
        let advice = "apply the DENY that `mcp-guard compile` writes, without `istio.io/dry-run`";
        lines.broken(FOUND, proxy.pod(), evidence, advice);
    } else if !unclear.is_empty() {
        let unclear = unclear.join(", ");
        let evidence = format!("whether the policy's DENY holds is not known of {unclear}");
        lines.unknown(FOUND, proxy.pod(), evidence, UNREAD);
    } else {
        let count = chains.len();
        let evidence = format!("each of {count} further filter chains has the policy's DENY");
        lines.enforced(Check::Ports, proxy.pod(), evidence);
    }
}

/// What a chain does with the policy's DENY.
fn deny(target: &Target<'_>, proxy: &Proxy<'_>, chain: &Chain<'_>) -> Standing {
    let mut policies = target.of_kind("AuthorizationPolicy");
    match policies.find(|policy| rbac::action_of(policy.value()) == "DENY") {
        Some(_) if chain.has_filters_of_upgrades() => {
            Standing::Unread("requests for an upgrade go by other filters".into())
        }
        Some(policy) if !is_overridden(proxy, chain) => {
            rbac::standing(target, chain, policy, ACTING)
        }
        _ => Standing::Lacks,
    }
}
