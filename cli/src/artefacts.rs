//! Which artefact the command line names, and what the compiler calls it.

use crate::layout::Files;
use clap::ValueEnum;
use mcp_guard_compiler::compilation::Compilation;
use mcp_guard_compiler::diagnostic::Diagnostics;
use std::fmt;

/// One artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Emit {
    /// The filter's configuration, as JSON
    PluginConfig,
    /// Every object, as a stream of YAML documents
    Manifests,
    /// The values of the Helm chart
    HelmValues,
    /// A whole configuration of Envoy, for a server without Istio
    Envoy,
    /// The role of the workload's identity
    Terraform,
}

/// What was asked for cannot be made of what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It says where something runs.
    Deployment,
    /// It is about one policy.
    OnePolicy,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deployment => "this needs to know where the policy runs: add `--deploy FILE`",
            Self::OnePolicy => "this is made of one policy, and the folder is a fleet",
        })
    }
}

/// Finds what is wrong between policies that are each right.
pub(crate) fn check(compiled: &[Compilation], found: &mut Diagnostics) {
    let _ = (compiled, found);
}

/// One artefact as text.
pub(crate) fn emit(compiled: &[Compilation], emit: Emit) -> Result<String, Missing> {
    let [one] = compiled else {
        return Err(Missing::OnePolicy);
    };
    match emit {
        Emit::PluginConfig => Ok(format!("{}\n", one.plugin_config)),
        _ => Err(Missing::Deployment),
    }
}

/// Everything, by its path.
pub(crate) fn layout(compiled: &[Compilation], is_fleet: bool) -> Result<Files, Missing> {
    let _ = (compiled, is_fleet);
    Err(Missing::Deployment)
}
