//! `mcp-guard compile`: a policy in, the plugin configuration out.

use crate::files;
use crate::report::{FINDINGS, Report, could_not_run};
use clap::{Args, ValueEnum};
use mcp_guard_compiler::compilation;
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::Diagnostics;
use mcp_guard_compiler::source::Sources;
use std::path::PathBuf;
use std::process::ExitCode;

/// Compile a policy
#[derive(Args)]
#[command(after_help = "Example:\n  mcp-guard compile policy.yaml > plugin-config.json")]
pub(crate) struct Arguments {
    /// The policy; `-` is standard input
    policy: PathBuf,
    /// Where it runs
    #[arg(long, value_name = "FILE")]
    deploy: Option<PathBuf>,
    /// Whether the policy acts, or only records what it would do
    #[arg(long, value_enum)]
    stage: Option<Stage>,
    #[command(flatten)]
    report: Report,
}

#[derive(Clone, Copy, ValueEnum)]
enum Stage {
    Observe,
    Enforce,
}

impl From<Stage> for mcp_guard_compiler::lower::Stage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Observe => Self::Observe,
            Stage::Enforce => Self::Enforce,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut sources = Sources::default();
    let overrides = Overrides {
        stage: arguments.stage.map(Into::into),
        ..Overrides::default()
    };
    let loaded = files::load(
        &mut sources,
        &arguments.policy,
        arguments.deploy.as_deref(),
        None,
        overrides,
    );
    let input = match loaded {
        Ok(input) => input,
        Err(unreadable) => return could_not_run(&unreadable),
    };
    let mut found = Diagnostics::default();
    let compiled = compilation::compile(&sources, &input, &mut found);
    let failed = arguments.report.show(&sources, found);
    match compiled {
        Some(compiled) if !failed => {
            println!("{}", compiled.plugin_config);
            ExitCode::SUCCESS
        }
        _ => ExitCode::from(FINDINGS),
    }
}
