//! Checks of what a policy means. Each kind of finding has its file.

mod callers;
mod egress;

use crate::deployment::Deployment;
use crate::diagnostic::Diagnostics;
use crate::policy::Policy;
use mcp_guard_engine::policy::format::PolicySpec;

/// Runs every check.
pub(crate) fn run(
    policy: &Policy,
    spec: &PolicySpec,
    deployment: Option<&Deployment>,
    found: &mut Diagnostics,
) {
    let _ = spec;
    callers::check(policy, deployment, found);
    egress::check(policy, deployment, found);
}
