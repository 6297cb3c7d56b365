//! Which artefact the command line names, and what the compiler calls it.

use crate::layout::Files;
use crate::selection::Member;
use clap::ValueEnum;
use mcp_guard_compiler::artefact;
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
    /// It is about a role that the deployment does not name.
    Role,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deployment => "this needs to know where the policy runs: add `--deploy FILE`",
            Self::OnePolicy => "this is made of one policy, and the folder is a fleet",
            Self::Role => "the deployment names no role: see `identity.mode`",
        })
    }
}

/// A policy with its name among others.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Name of the policy's folder.
    pub(crate) name: String,
    /// What came of it.
    pub(crate) compilation: Compilation,
}

impl Compiled {
    /// A policy by the folder that it stands in.
    pub(crate) fn new(member: &Member, compilation: Compilation) -> Self {
        let folder = member.policy.parent().and_then(|folder| folder.file_name());
        let name = folder.map(|name| name.to_string_lossy().into_owned());
        Self {
            name: name.unwrap_or_default(),
            compilation,
        }
    }
}

/// Finds what is wrong between policies that are each right.
pub(crate) fn check(compiled: &[Compiled], found: &mut Diagnostics) {
    artefact::check_fleet(&members(compiled), found);
}

/// One artefact as text.
pub(crate) fn emit(compiled: &[Compiled], emit: Emit, is_fleet: bool) -> Result<String, Missing> {
    if emit == Emit::Manifests {
        let files = layout(compiled, is_fleet)?;
        return Ok(manifests(&files));
    }
    let [Compiled { compilation, .. }] = compiled else {
        return Err(Missing::OnePolicy);
    };
    match emit {
        Emit::PluginConfig => Ok(format!("{}\n", compilation.plugin_config)),
        Emit::Envoy => Ok(artefact::envoy::config(compilation)),
        Emit::HelmValues => joined(&layout(compiled, false)?, "values.yaml"),
        Emit::Terraform | Emit::Manifests => joined(&layout(compiled, false)?, "terraform/"),
    }
}

/// Everything, by its path.
pub(crate) fn layout(compiled: &[Compiled], is_fleet: bool) -> Result<Files, Missing> {
    let has_none = |one: &Compiled| one.compilation.deployment.is_none();
    if compiled.iter().any(has_none) {
        return Err(Missing::Deployment);
    }
    let files = match compiled {
        [one] if !is_fleet => artefact::files(&one.compilation),
        _ => artefact::fleet_files(&members(compiled)),
    };
    let files = files.into_iter();
    Ok(files.map(|file| (file.path.into(), file.text)).collect())
}

/// The objects as one stream, in the order of their numbers wherever they stand.
fn manifests(files: &Files) -> String {
    let mut objects: Vec<_> = files
        .iter()
        .filter(|(path, _)| {
            path.components()
                .any(|part| part.as_os_str() == "manifests")
        })
        .collect();
    objects.sort_by_key(|(path, _)| path.file_name());
    let documents = objects.iter().map(|(_, text)| format!("---\n{text}"));
    documents.collect()
}

/// The files whose path begins so, one behind the other.
fn joined(files: &Files, start: &str) -> Result<String, Missing> {
    let texts: Vec<&str> = files
        .iter()
        .filter(|(path, _)| path.to_string_lossy().starts_with(start))
        .map(|(_, text)| text.as_str())
        .collect();
    match texts.is_empty() {
        true => Err(Missing::Role),
        false => Ok(texts.join("\n")),
    }
}

fn members(compiled: &[Compiled]) -> Vec<artefact::Member<'_>> {
    compiled
        .iter()
        .map(|one| artefact::Member {
            name: &one.name,
            compilation: &one.compilation,
        })
        .collect()
}
