//! `mcp-guard explain`: what a code means.

use crate::output;
use crate::report::could_not_run;
use clap::Args;
use mcp_guard_compiler::diagnostic::{Code, page};
use std::process::ExitCode;

/// Explain the code of a finding
#[derive(Args)]
#[command(after_help = "Example:\n  mcp-guard explain MCP0203")]
pub(crate) struct Arguments {
    /// The code, as findings show it
    code: String,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match arguments.code.parse::<Code>() {
        Ok(code) => output::print(page(code)),
        Err(()) => could_not_run(&format!("`{}` is not a code", arguments.code)),
    }
}
