//! `mcp-guard checklist`: what a deployment must fulfil, line by line.

use crate::artefacts;
use crate::output;
use crate::report::{FINDINGS, Report, could_not_run, status};
use crate::selection::Selection;
use clap::Args;
use mcp_guard_compiler::checklist::{self, Checklist};
use mcp_guard_compiler::deployment::Overrides;
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
    let selection = Selection {
        policies: std::slice::from_ref(&arguments.policy),
        deploy: &arguments.deploy,
        tools: None,
    };
    let compiled = match artefacts::compile(selection, Overrides::default()) {
        Ok(compiled) => compiled,
        Err(reason) => return could_not_run(&reason),
    };
    if arguments.report.show(&compiled.sources, compiled.found) {
        return ExitCode::from(FINDINGS);
    }
    let lists: Vec<Checklist> = compiled
        .policies
        .iter()
        .map(|one| checklist::of(&one.compilation))
        .collect();
    let status = status(lists.iter().any(|list| !list.is_met()));
    let text = write(&lists, arguments.report);
    match arguments.report.is_json() {
        true => output::show(&text, status),
        false => output::answer(&text, status),
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
