//! Callers that are missing, or that nobody uses.

use crate::deployment::Deployment;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Policy, Rule};

pub(super) fn check(policy: &Policy, deployment: Option<&Deployment>, found: &mut Diagnostics) {
    if policy.callers.is_empty() {
        found.push(none(policy, deployment));
        return;
    }
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
