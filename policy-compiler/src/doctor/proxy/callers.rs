//! Layer 2 in the proxy: the rules of our AuthorizationPolicies, in every chain that calls come to.

use super::{Chain, Proxy};
use crate::artefact::Object;
use crate::diagnostic::Code;
use crate::doctor::Target;
use crate::doctor::lines::Lines;
use crate::doctor::report::Check;
use crate::doctor::value::{items, text};

const ACTING: &str = "rules";
const DRY_RUN: &str = "shadow_rules";

pub(super) fn check(target: &Target<'_>, proxy: &Proxy<'_>, lines: &mut Lines) {
    let key = if target.enforces() { ACTING } else { DRY_RUN };
    let mut missing = Vec::new();
    for chain in proxy.chains_of(target.port) {
        for policy in target.of_kind("AuthorizationPolicy") {
            // Where bytes are passed, Istio drops an ALLOW that asks for HTTP; that such a chain is
            // there at all is said of the filter.
            let is_dropped = chain.http().is_none() && action(policy) == "ALLOW";
            if !is_dropped && !has(&chain, policy, key) {
                missing.push((chain, policy));
            }
        }
    }
    for (chain, policy) in &missing {
        let is_dry = has(chain, policy, DRY_RUN);
        let evidence = match is_dry {
            true => format!(
                "{} only records what AuthorizationPolicy `{}` would refuse",
                chain.title(),
                policy.name()
            ),
            false => format!(
                "{} lacks rules of AuthorizationPolicy `{}`",
                chain.title(),
                policy.name()
            ),
        };
        let advice = match is_dry {
            true => "remove the annotation `istio.io/dry-run`",
            false => {
                "apply what `mcp-guard compile` writes, and look for an EnvoyFilter that removes them"
            }
        };
        let found = (Check::Callers, Code::CallersNotChecked);
        lines.broken(found, proxy.pod(), evidence, advice);
    }
    if missing.is_empty() {
        let evidence = match target.enforces() {
            true => "checks callers by the policy's ALLOW and DENY rules",
            false => "records whom the policy's ALLOW and DENY rules would refuse",
        };
        lines.enforced(Check::Callers, proxy.pod(), evidence);
    }
}

/// The DENY is for all ports but those that the deployment names: it must be in every chain.
pub(super) fn check_other_ports(target: &Target<'_>, proxy: &Proxy<'_>, lines: &mut Lines) {
    let is_deny = |policy: &&Object| action(policy) == "DENY";
    let denies: Vec<&Object> = target
        .of_kind("AuthorizationPolicy")
        .filter(is_deny)
        .collect();
    let chains = proxy.other_chains(target.port);
    let is_open = |chain: &&Chain<'_>| !denies.iter().any(|policy| has(chain, policy, ACTING));
    let open: Vec<String> = chains.iter().filter(is_open).map(Chain::title).collect();
    if open.is_empty() {
        let evidence = format!(
            "each of {} further filter chains has the policy's DENY",
            chains.len()
        );
        lines.enforced(Check::Ports, proxy.pod(), evidence);
        return;
    }
    let evidence = format!("nothing of the policy closes {}", open.join(", "));
    let advice = "apply the DENY that `mcp-guard compile` writes, without `istio.io/dry-run`";
    lines.broken(
        (Check::Ports, Code::PortOpen),
        proxy.pod(),
        evidence,
        advice,
    );
}

fn action(policy: &Object) -> &str {
    text(policy.value(), "/spec/action")
}

/// Whether a chain has every rule of a policy, which Istio calls
/// `ns[NAMESPACE]-policy[NAME]-rule[NUMBER]`.
fn has(chain: &Chain<'_>, policy: &Object, key: &str) -> bool {
    let names = chain.rules(key, action(policy));
    let count = items(policy.value(), "/spec/rules").len();
    (0..count).all(|number| {
        let name = format!(
            "ns[{}]-policy[{}]-rule[{number}]",
            policy.namespace(),
            policy.name()
        );
        names.contains(&name.as_str())
    })
}
