//! What the rules of an AuthorizationPolicy say in the proxy, held against what they say as compiled.
//!
//! Names of rules stay when their content changes: a proxy that is cut off from istiod runs what it
//! had, and an EnvoyFilter changes what it likes.

mod compiled;
mod condition;
mod field;
mod matched;
mod read;

use super::Chain;
use crate::artefact::Object;
use crate::doctor::Target;
use crate::doctor::value::{items, text};
use crate::source::Spanned;
use compiled::Place;
use condition::Condition;
use serde_json::Value;

/// Where a filter has the rules that act.
pub(super) const ACTING: &str = "rules";
/// Where it has those of a dry run.
pub(super) const DRY_RUN: &str = "shadow_rules";

/// What a chain does with a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// What is compiled.
    AsCompiled,
    /// It has not all of its rules.
    Lacks,
    /// A rule says something else.
    Differs(String),
    /// A rule has something that is not known here.
    Unread(String),
}

/// Names of a policy's rules: `ns[NAMESPACE]-policy[NAME]-rule[NUMBER]`.
pub(super) fn prefix(namespace: &str, name: &str) -> String {
    format!("ns[{namespace}]-policy[{name}]-rule[")
}

/// ALLOW or DENY: of a filter's rules, or of a policy's `spec`. The first value of an enumeration is left out.
pub(super) fn action(of: &Value) -> &str {
    match text(of, "/action") {
        "" => "ALLOW",
        action => action,
    }
}

/// That of an AuthorizationPolicy.
pub(super) fn action_of(policy: &Value) -> &str {
    policy.get("spec").map_or("ALLOW", action)
}

/// Whether a rule that a proxy has may hold of a call to the MCP port.
pub(super) fn may_hold(rule: &Value, target: &Target<'_>) -> bool {
    let is_port = |fact: &str| matched::is_port(fact, target.port);
    let rule = read::rule(rule, &target.deployment.trust_domains);
    rule.holds(&is_port) != Some(false)
}

/// Where the rules of an AuthorizationPolicy act.
fn place<'t>(target: &'t Target<'_>, chain: &Chain<'_>, policy: &'t Value) -> Place<'t> {
    Place {
        action: action_of(policy),
        namespace: text(policy, "/metadata/namespace"),
        is_http: chain.http().is_some(),
        trust_domains: &target.deployment.trust_domains,
    }
}

/// What a chain does with one ALLOW of an AuthorizationPolicy of the cluster, which has that rule there.
pub(super) fn standing_of(
    target: &Target<'_>,
    chain: &Chain<'_>,
    policy: &Value,
    (name, there): (&str, &Value),
) -> Standing {
    let place = place(target, chain, policy);
    let rules = items(policy, "/spec/rules").iter().enumerate();
    let prefix = prefix(place.namespace, text(policy, "/metadata/name"));
    let mut rules = rules.filter(|(number, _)| name == format!("{prefix}{number}]"));
    let rule = rules.next().filter(|_| place.action == "ALLOW");
    let wanted = rule.and_then(|(number, rule)| Some((number, compiled::rule(rule, place)?)));
    match wanted {
        Some((number, wanted)) => compare(number, &wanted, there, place.trust_domains),
        None => Standing::Lacks,
    }
}

/// What a chain does with a compiled policy, by the rules that act there, or those of a dry run.
pub(super) fn standing(
    target: &Target<'_>,
    chain: &Chain<'_>,
    policy: &Object,
    key: &str,
) -> Standing {
    let place = place(target, chain, policy.value());
    let prefix = prefix(policy.namespace(), policy.name());
    let there = chain.rules(key, place.action);
    let rules = items(policy.value(), "/spec/rules").iter().enumerate();
    let compiled: Vec<(usize, Condition)> = rules
        .filter_map(|(number, rule)| Some((number, compiled::rule(rule, place)?)))
        .collect();
    for (number, wanted) in &compiled {
        let name = format!("{prefix}{number}]");
        let Some((_, rule)) = there.iter().find(|(other, _)| *other == name) else {
            return Standing::Lacks;
        };
        let standing = compare(*number, wanted, rule, place.trust_domains);
        if standing != Standing::AsCompiled {
            return standing;
        }
    }
    let is_compiled = |name: &str| {
        compiled
            .iter()
            .any(|(number, _)| name == format!("{prefix}{number}]"))
    };
    let further = there
        .iter()
        .find(|(name, _)| name.starts_with(&prefix) && !is_compiled(name));
    match further {
        Some((name, _)) => Standing::Differs(format!("new: `{name}`")),
        None => Standing::AsCompiled,
    }
}

fn compare(
    number: usize,
    wanted: &Condition,
    rule: &Value,
    trust_domains: &[Spanned<String>],
) -> Standing {
    let there = read::rule(rule, trust_domains);
    if &there == wanted {
        return Standing::AsCompiled;
    }
    let (compiled, found) = (wanted.facts(), there.facts());
    let named = |title: &str, facts: Vec<&&str>| {
        const SHOWN: usize = 3;
        let facts: Vec<&str> = facts.into_iter().take(SHOWN).copied().collect();
        (!facts.is_empty()).then(|| format!("{title}: {}", facts.join(", ")))
    };
    let parts = [
        named("new", found.difference(&compiled).collect()),
        named("gone", compiled.difference(&found).collect()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let difference = match parts.is_empty() {
        true => "its conditions are combined otherwise".into(),
        false => parts.join("; "),
    };
    let text = format!("rule {number}, {difference}");
    match there.has_unread() || wanted.has_unread() {
        true => Standing::Unread(text),
        false => Standing::Differs(text),
    }
}

#[cfg(test)]
mod tests;
