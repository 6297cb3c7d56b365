//! One compilation: a policy, perhaps with its deployment, checked and lowered.

use crate::artefact;
use crate::captured;
use crate::checks;
use crate::deployment::{self, Deployment, Overrides};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::lower::{self, Stage};
use crate::policy::{self, Imported, Policy};
use crate::source::{FileId, Sources};
use mcp_guard_engine::policy::Guard;
use mcp_guard_engine::policy::format::PolicySpec;

/// What is compiled.
#[derive(Clone, Debug)]
pub struct Input {
    /// The policy file.
    pub policy: FileId,
    /// The files that it imports.
    pub imported: Imported,
    /// The deployment file, where objects are wanted.
    pub deployment: Option<FileId>,
    /// A captured answer to `tools/list`, where there is one.
    pub captured: Option<FileId>,
    /// What the command line says instead of the deployment file.
    pub overrides: Overrides,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Compilation {
    /// The policy as it was written.
    pub policy: Policy,
    /// The deployment as it was written.
    pub deployment: Option<Deployment>,
    /// The policy as the filter takes it.
    pub spec: PolicySpec,
    /// The filter's whole configuration.
    pub plugin_config: String,
    /// The policy's digest, as the filter's metrics and records name it.
    pub digest: String,
}

/// Reads, checks and lowers. None: something is wrong, and `found` says what.
pub fn compile(sources: &Sources, input: &Input, found: &mut Diagnostics) -> Option<Compilation> {
    let compiled = try_compile(sources, input, found);
    // INVARIANT: silence means success. Whoever only looks for errors must not miss a failure.
    if compiled.is_none() && !found.has_errors() {
        let message = "the policy was not compiled, and no reason was found";
        found.push(Diagnostic::unplaced(Code::Internal, message));
    }
    compiled
}

fn try_compile(sources: &Sources, input: &Input, found: &mut Diagnostics) -> Option<Compilation> {
    let deployment = input
        .deployment
        .map(|file| deployment::read(sources, file, input.overrides, found));
    let policy = policy::read(sources, input.policy, &input.imported, found)?;
    // A broken deployment does not hide what is wrong with the policy: the errors stop it later.
    let deployment = deployment.flatten();
    let domains: Vec<String> = deployment
        .iter()
        .flat_map(|deployment| &deployment.trust_domains)
        .map(|domain| domain.value.clone())
        .collect();
    let captured = input
        .captured
        .and_then(|file| captured::read(sources, file, found));
    let spec = lower::policy(&policy, &domains, found);
    checks::run(&policy, deployment.as_ref(), captured.as_ref(), found);
    let stage = deployment.as_ref().map(|deployment| deployment.stage);
    let stage = input.overrides.stage.or(stage).unwrap_or(Stage::Enforce);
    let plugin_config = lower::plugin_config(spec.clone(), stage, found)?;
    if found.has_errors() {
        return None;
    }
    let compilation = Compilation {
        digest: digest(&plugin_config)?,
        policy,
        deployment,
        spec,
        plugin_config,
    };
    artefact::size::check(&compilation, found);
    (!found.has_errors()).then_some(compilation)
}

fn digest(plugin_config: &str) -> Option<String> {
    let guard = Guard::from_json(plugin_config.as_bytes()).ok()?;
    let policy = guard.policies().next()?;
    Some(policy.digest.clone())
}
