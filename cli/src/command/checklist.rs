//! `mcp-guard checklist`: what a deployment must fulfil, line by line.

use crate::command::check::compile_all;
use crate::output;
use crate::report::{FINDINGS, Report, could_not_run, status};
use crate::selection;
use clap::Args;
use mcp_guard_compiler::checklist::{self, Checklist};
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::Diagnostics;
use mcp_guard_compiler::source::Sources;
use std::path::PathBuf;
use std::process::ExitCode;

/// Hold a policy against the checklist for MCP deployments
#[derive(Args)]
#[command(
    after_help = "Each line is met, not met, or not in the hands of a policy, with the evidence.\n\
    One that is not met makes the exit status 1.\n\n\
    Examples:\n  \
    mcp-guard checklist policy.yaml --deploy deploy.yaml\n  \
    mcp-guard checklist policy.yaml --deploy deploy.yaml --format json"
)]
pub(crate) struct Arguments {
    /// The policy, or a folder of policies; `-` is standard input
    policy: PathBuf,
    /// Where it runs
    #[arg(long, value_name = "FILE")]
    deploy: Vec<PathBuf>,
    #[command(flatten)]
    report: Report,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let policies = std::slice::from_ref(&arguments.policy);
    let members = match selection::members(policies, &arguments.deploy) {
        Ok(members) => members,
        Err(unusable) => return could_not_run(&unusable),
    };
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let compiled = match compile_all(&members, Overrides::default(), &mut sources, &mut found) {
        Ok(compiled) => compiled,
        Err(unreadable) => return could_not_run(&unreadable),
    };
    if arguments.report.show(&sources, found) {
        return ExitCode::from(FINDINGS);
    }
    let lists: Vec<Checklist> = compiled
        .iter()
        .map(|one| checklist::of(&one.compilation))
        .collect();
    let written = output::print(&write(&lists, arguments.report));
    match written == ExitCode::SUCCESS {
        true => status(lists.iter().any(|list| !list.is_met())),
        false => written,
    }
}

fn write(lists: &[Checklist], report: Report) -> String {
    if report.is_json() {
        let lists: Vec<_> = lists.iter().map(Checklist::to_json).collect();
        return format!("{:#}\n", serde_json::Value::from(lists));
    }
    let lists: Vec<_> = lists.iter().map(Checklist::to_text).collect();
    lists.join("\n")
}
