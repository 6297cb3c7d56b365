//! From a policy as people write it to the filter's plugin configuration.
//!
//! ```text
//! policy.yaml ─▶ Source ─▶ lower ─▶ PluginConfig ─▶ the engine's own reader ─▶ JSON
//! ```
//!
//! Text in, text out: this crate touches no file, network or clock, and decides nothing. What it
//! writes it reads back with the engine, so that nothing compiles that the filter would not load.

mod lower;
mod source;

use core::fmt;
use mcp_guard_engine::policy::{Guard, PolicyFault};

/// Whether a policy acts, or only records what it would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It is recorded what would be refused; nothing is.
    Observe,
    /// It acts.
    #[default]
    Enforce,
}

/// Why a policy does not compile.
#[derive(Debug)]
pub enum CompileError {
    /// The text is no policy: YAML's or the language's own rules are broken. With a snippet.
    Source(Box<serde_saphyr::Error>),
    /// A part of it cannot be expressed.
    Meaning {
        /// Keys from the outside in, with dots.
        path: String,
        /// What is wrong there.
        problem: String,
    },
    /// The engine cannot enforce it.
    Policy(PolicyFault),
}

/// Compiles a policy to the plugin configuration: one line of JSON.
///
/// # Errors
/// The first thing that is wrong with it.
///
/// # Example
/// ```
/// use mcp_guard_compiler::{Stage, compile};
///
/// let policy = "version: 1\nallow:\n  read:\n    tools: [search_code]\n";
/// let config = compile(policy, Stage::Enforce)?;
/// assert_eq!(config, r#"{"format":1,"policy":{"allow":{"read":{"tools":["search_code"]}}}}"#);
/// # Ok::<(), mcp_guard_compiler::CompileError>(())
/// ```
pub fn compile(policy: &str, stage: Stage) -> Result<String, CompileError> {
    let source: source::Policy =
        serde_saphyr::from_str(policy).map_err(|fault| CompileError::Source(Box::new(fault)))?;
    let config = lower::plugin_config(source, stage)?;
    let json = serde_json::to_string(&config).map_err(|fault| CompileError::Meaning {
        path: String::new(),
        problem: fault.to_string(),
    })?;
    Guard::from_json(json.as_bytes()).map_err(CompileError::Policy)?;
    Ok(json)
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(fault) => fault.fmt(f),
            Self::Meaning { path, problem } if path.is_empty() => f.write_str(problem),
            Self::Meaning { path, problem } => write!(f, "`{path}`: {problem}"),
            Self::Policy(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for CompileError {}

#[cfg(test)]
mod tests;
