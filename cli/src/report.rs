//! Findings on standard error, and the exit status.

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
    /// Who reads the findings
    #[arg(long, value_enum, default_value_t = Reader::Human)]
    format: Reader,
    /// Let warnings fail the run, too
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Reader {
    Human,
    Json,
    Sarif,
    Github,
}

impl Report {
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
        eprint!("{}", render::render(sources, &findings, format));
        findings
            .iter()
            .any(|finding| finding.severity == Severity::Error || self.deny_warnings)
    }
}

/// Says why nothing could be tried.
pub(crate) fn could_not_run(reason: &impl std::fmt::Display) -> ExitCode {
    eprintln!("error: {reason}");
    ExitCode::from(COULD_NOT_RUN)
}

/// See <https://no-color.org>.
fn is_colored() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && std::io::stderr().is_terminal()
}
