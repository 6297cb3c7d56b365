//! Policies, compiled, and which artefact of them the command line names.

use crate::files;
use crate::layout::Files;
use crate::selection::{Selected, Selection};
use clap::ValueEnum;
use mcp_guard_compiler::artefact;
use mcp_guard_compiler::compilation::{self, Compilation};
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::Diagnostics;
use mcp_guard_compiler::source::Sources;
use std::fmt;

/// The policies that a command is about, compiled, and what was found in them.
pub(crate) struct Compiled {
    pub(crate) sources: Sources,
    pub(crate) found: Diagnostics,
    /// Those that hold no error.
    pub(crate) policies: Vec<Named>,
    /// Whether that is all of them.
    pub(crate) is_whole: bool,
}

/// Compiles every policy; what is wrong with one does not hide what is wrong with another, or between
/// them.
pub(crate) fn compile(selection: Selection<'_>, overrides: Overrides) -> Result<Compiled, String> {
    let selected = selection.selected();
    let selected = selected.map_err(|unusable| unusable.to_string())?;
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let mut policies = Vec::new();
    for one in &selected {
        let input = files::load(&mut sources, one, overrides)
            .map_err(|unreadable| unreadable.to_string())?;
        let mut own = Diagnostics::default();
        let compilation = compilation::compile(&sources, &input, &mut own);
        policies.extend(compilation.map(|compilation| Named::new(one, compilation)));
        found.extend(own.into_sorted());
    }
    artefact::check_fleet(&members(&policies), &mut found);
    Ok(Compiled {
        is_whole: policies.len() == selected.len(),
        sources,
        found,
        policies,
    })
}

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
pub(crate) struct Named {
    /// Name of the policy's folder.
    pub(crate) name: String,
    /// What came of it.
    pub(crate) compilation: Compilation,
}

impl Named {
    /// A policy by the folder that it stands in.
    fn new(selected: &Selected, compilation: Compilation) -> Self {
        let folder = selected
            .policy
            .parent()
            .and_then(|folder| folder.file_name());
        let name = folder.map(|name| name.to_string_lossy().into_owned());
        Self {
            name: name.unwrap_or_default(),
            compilation,
        }
    }
}

/// Finds what keeps an artefact from doing its work where all else is right.
pub(crate) fn check(policies: &[Named], emit: Emit, found: &mut Diagnostics) {
    if emit == Emit::Envoy {
        for one in policies {
            artefact::envoy::check(&one.compilation, found);
        }
    }
}

/// One artefact as text.
pub(crate) fn emit(policies: &[Named], emit: Emit, is_fleet: bool) -> Result<String, Missing> {
    if emit == Emit::Manifests {
        let files = layout(policies, is_fleet)?;
        return Ok(manifests(&files));
    }
    let [Named { compilation, .. }] = policies else {
        return Err(Missing::OnePolicy);
    };
    match emit {
        Emit::PluginConfig => Ok(format!("{}\n", compilation.plugin_config)),
        Emit::Envoy => Ok(artefact::envoy::config(compilation)),
        Emit::HelmValues => joined(&layout(policies, false)?, "values.yaml"),
        Emit::Terraform | Emit::Manifests => joined(&layout(policies, false)?, "terraform/"),
    }
}

/// Everything, by its path.
pub(crate) fn layout(policies: &[Named], is_fleet: bool) -> Result<Files, Missing> {
    let has_none = |one: &Named| one.compilation.deployment.is_none();
    if policies.iter().any(has_none) {
        return Err(Missing::Deployment);
    }
    let files = match policies {
        [one] if !is_fleet => artefact::files(&one.compilation),
        _ => artefact::fleet_files(&members(policies)),
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

fn members(policies: &[Named]) -> Vec<artefact::Member<'_>> {
    policies
        .iter()
        .map(|one| artefact::Member {
            name: &one.name,
            compilation: &one.compilation,
        })
        .collect()
}
