//! `mcp-guard check`: everything that is wrong, in one run.

use crate::files;
use crate::report::{FINDINGS, Report, could_not_run};
use clap::Args;
use mcp_guard_compiler::compilation;
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::Diagnostics;
use mcp_guard_compiler::source::Sources;
use std::path::PathBuf;
use std::process::ExitCode;

/// Find mistakes in policies
#[derive(Args)]
#[command(after_help = "Example:\n  mcp-guard check policy.yaml --deploy deploy.yaml")]
pub(crate) struct Arguments {
    /// The policies; `-` is standard input
    #[arg(required = true)]
    policies: Vec<PathBuf>,
    /// Where they run
    #[arg(long, value_name = "FILE")]
    deploy: Option<PathBuf>,
    /// What the server has: its answer to `tools/list`; else `tools.json` beside the policy
    #[arg(long, value_name = "FILE")]
    tools: Option<PathBuf>,
    #[command(flatten)]
    report: Report,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    for policy in &arguments.policies {
        let deploy = arguments.deploy.as_deref();
        let tools = arguments.tools.as_deref();
        let input = match files::load(&mut sources, policy, deploy, tools, Overrides::default()) {
            Ok(input) => input,
            Err(unreadable) => return could_not_run(&unreadable),
        };
        let mut own = Diagnostics::default();
        compilation::compile(&sources, &input, &mut own);
        found.extend(own.into_sorted());
    }
    match arguments.report.show(&sources, found) {
        true => ExitCode::from(FINDINGS),
        false => ExitCode::SUCCESS,
    }
}
