//! Callers that are missing, or that nobody uses.

use crate::deployment::Deployment;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Caller, Policy, Rule};
use crate::source::{Spanned, values};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(policy: &Policy, deployment: Option<&Deployment>, found: &mut Diagnostics) {
    if policy.callers.is_empty() {
        found.push(none(policy, deployment));
        return;
    }
    check_indistinct(policy, found);
    let rules = || policy.allow.values().chain(policy.deny.values());
    let uses = |rule: &Rule, name: &str| {
        rule.callers.is_empty() || rule.callers.iter().any(|caller| caller.value == name)
    };
    for (name, entry) in &policy.callers {
        // An imported caller may be another policy's.
        let own = entry.name.file == policy.file;
        if own && !rules().any(|rule| uses(&rule.value, name)) {
            let message = format!("no rule speaks of the caller `{name}`");
            found.push(
                Diagnostic::new(Code::UnusedCaller, entry.name, message)
                    .label("reaches the server, and may call nothing")
                    .help("name it in a rule, or remove it"),
            );
        }
    }
}

/// Callers that are recognised by the same things: what is granted to one is granted to the other.
fn check_indistinct(policy: &Policy, found: &mut Diagnostics) {
    let mut first = BTreeMap::new();
    for (name, entry) in &policy.callers {
        let marks = marks(&entry.value);
        if marks == Marks::default() {
            continue;
        }
        let Some((other, span)) = first.insert(marks, (name, entry.name)) else {
            continue;
        };
        if entry.name.file != policy.file {
            continue;
        }
        let message = format!("`{other}` and `{name}` are recognised by the same things");
        found.push(
            Diagnostic::new(Code::IndistinctCallers, entry.name, message)
                .label("whoever is this one")
                .also(span, "is this one, too")
                .help("what one may do, the other may: make them one caller"),
        );
    }
}

/// All by which a caller is recognised.
fn marks(caller: &Caller) -> Marks<'_> {
    let principals = crate::lower::principals(caller).into_iter().collect();
    let token = caller.jwt.as_ref().map(|jwt| {
        let claims = jwt.claims.iter();
        Token {
            issuer: &jwt.issuer.value,
            audiences: texts(&jwt.audiences),
            claims: claims
                .map(|(name, values)| (name.value.as_str(), texts(values)))
                .collect(),
        }
    });
    (principals, texts(&caller.namespaces), token)
}

/// Principals, namespaces and the token.
type Marks<'p> = (BTreeSet<String>, BTreeSet<&'p str>, Option<Token<'p>>);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Token<'p> {
    issuer: &'p str,
    audiences: BTreeSet<&'p str>,
    claims: BTreeMap<&'p str, BTreeSet<&'p str>>,
}

fn texts(spanned: &[Spanned<String>]) -> BTreeSet<&str> {
    values(spanned).collect()
}

/// The objects of layer 2 cannot say "everyone".
fn none(policy: &Policy, deployment: Option<&Deployment>) -> Diagnostic {
    let code = match deployment {
        Some(_) => Code::CallersRequired,
        None => Code::NoCallers,
    };
    Diagnostic::new(
        code,
        policy.server.span,
        "the policy names no callers: its rules hold for everyone whom the mesh lets in",
    )
    .help("name them: `callers: { gateway: { service_accounts: [NAMESPACE/SERVICE-ACCOUNT] } }`")
}
