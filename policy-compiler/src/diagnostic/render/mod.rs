//! Findings as text for people and for programs. One format, one file.

mod excerpt;
mod github;
mod human;
mod json;
mod sarif;
#[cfg(test)]
mod tests;
mod visible;

pub use visible::visible;

use super::{Diagnostic, Severity};
use crate::source::Sources;

/// Who reads the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A person, at a terminal; `color` only if that can show it.
    Human {
        /// With ANSI colours.
        color: bool,
    },
    /// A program: one object a line.
    Json,
    /// A code scanner: SARIF 2.1.0, one document.
    Sarif,
    /// A GitHub workflow: annotations in its log.
    Github,
}

/// Renders findings, in the order given; empty for none (a document without results in SARIF).
#[must_use]
pub fn render(sources: &Sources, findings: &[Diagnostic], format: Format) -> String {
    match format {
        Format::Human { color } => human::render(sources, findings, color),
        Format::Json => json::render(sources, findings),
        Format::Sarif => sarif::render(sources, findings),
        Format::Github => github::render(sources, findings),
    }
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
