//! Checks of what a policy means. Each kind of finding has its file.

pub(crate) mod approval;
mod arguments;
pub(crate) mod breadth;
mod callers;
mod conditions;
mod cover;
mod egress;
mod groups;
mod imported;
mod issuers;
mod methods;
mod path_globs;
mod paths;
mod reachability;
mod repeats;
mod shadowing;
#[cfg(test)]
mod tests;
mod tools;
pub(crate) mod verbs;
pub(crate) mod view;
mod workload;

use crate::captured::Captured;
use crate::deployment::Deployment;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pattern::Budget;
use crate::policy::Policy;
use view::View;

/// What the checks look at.
struct Context<'p> {
    policy: &'p Policy,
    allow: Vec<View<'p>>,
    deny: Vec<View<'p>>,
    captured: Option<&'p Captured>,
}

/// Runs every check.
pub(crate) fn run(
    policy: &Policy,
    deployment: Option<&Deployment>,
    captured: Option<&Captured>,
    found: &mut Diagnostics,
) {
    let context = Context {
        policy,
        allow: view::all(policy, &policy.allow),
        deny: view::all(policy, &policy.deny),
        captured,
    };
    // The cheap ones come first: what is left of the budget is for the others.
    let mut budget = Budget::new();
    callers::check(policy, deployment, found);
    egress::check(policy, deployment, found);
    groups::check(policy, found);
    imported::check(policy, found);
    methods::check(policy, found);
    path_globs::check(&context, found);
    paths::check(policy, found);
    reachability::check(&context, &mut budget, found);
    breadth::check(&context, &mut budget, found);
    shadowing::check(&context, &mut budget, found);
    repeats::check(&context, &mut budget, found);
    approval::check(&context, &mut budget, found);
    tools::check(&context, &mut budget, found);
    arguments::check(&context, &mut budget, found);
    issuers::check(policy, found);
    workload::check(policy, deployment, found);
    if budget.is_spent() {
        found.push(not_all_checked(policy));
    }
}

/// Silence must not read as agreement.
fn not_all_checked(policy: &Policy) -> Diagnostic {
    Diagnostic::new(
        Code::NotAllChecked,
        policy.server.span,
        "the policy has more patterns than could be compared with each other",
    )
    .help("use fewer patterns, or exact names")
}
