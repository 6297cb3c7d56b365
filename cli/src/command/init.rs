//! `mcp-guard init`: a first policy.
use clap::Args;
use std::process::ExitCode;
/// Propose a first policy
#[derive(Args)]
pub(crate) struct Arguments {}
pub(crate) fn run(_: &Arguments) -> ExitCode {
    ExitCode::SUCCESS
}
