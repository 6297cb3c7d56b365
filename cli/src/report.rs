//! Findings on standard error, and the exit status.

use crate::output::{tell, tell_raw};
use clap::{Args, ValueEnum};
use mcp_guard_compiler::diagnostic::render::{self, Format};
use mcp_guard_compiler::diagnostic::{Diagnostics, Severity};
use mcp_guard_compiler::source::Sources;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Something is wrong with what was given.
pub(crate) const FINDINGS: u8 = 1;

/// It could not be tried.
pub(crate) const COULD_NOT_RUN: u8 = 2;

/// How findings are shown.
#[derive(Args, Clone, Copy)]
pub(crate) struct Report {
    /// Who reads the findings, which go to standard error
    #[arg(long, value_enum, default_value_t = Reader::Human)]
    format: Reader,
    /// Let warnings fail the run, too
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Reader {
    /// A person
    Human,
    /// A program: one JSON object a line
    Json,
    /// A code scanner: SARIF 2.1.0
    Sarif,
    /// A GitHub workflow: annotations
    Github,
}

impl Report {
    /// Whether a program reads.
    pub(crate) fn is_json(self) -> bool {
        matches!(self.format, Reader::Json)
    }

    /// For people.
    pub(crate) fn human() -> Self {
        Self {
            format: Reader::Human,
            deny_warnings: false,
        }
    }

    /// Shows the findings; says whether they fail the run.
    pub(crate) fn show(self, sources: &Sources, found: Diagnostics) -> bool {
        let findings = found.into_sorted();
        let format = match self.format {
            Reader::Human => Format::Human {
                color: is_colored(),
            },
            Reader::Json => Format::Json,
            Reader::Sarif => Format::Sarif,
            Reader::Github => Format::Github,
        };
        tell_raw(&render::render(sources, &findings, format));
        findings
            .iter()
            .any(|finding| finding.severity == Severity::Error || self.deny_warnings)
    }
}

/// Says why nothing could be tried.
pub(crate) fn could_not_run(reason: &impl std::fmt::Display) -> ExitCode {
    tell(&format!("error: {reason}\n"));
    ExitCode::from(COULD_NOT_RUN)
}

/// The exit status of a run.
pub(crate) fn status(failed: bool) -> ExitCode {
    match failed {
        true => ExitCode::from(FINDINGS),
        false => ExitCode::SUCCESS,
    }
}

/// See <https://no-color.org>.
fn is_colored() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && std::io::stderr().is_terminal()
}
