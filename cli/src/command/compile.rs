//! `mcp-guard compile`: policies in, artefacts out.

use crate::artefacts::{self, Emit, Named};
use crate::layout::{self, Scope};
use crate::output::{self, tell};
use crate::report::{FINDINGS, Report, could_not_run, status};
use crate::selection::{self, Selection};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use mcp_guard_compiler::deployment::{Attachment, IstioVersion, Overrides};
use mcp_guard_compiler::lower;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compile a policy, or a folder of policies
#[derive(Args)]
#[command(after_help = format!("{}\n\n{}", selection::HELP, EXAMPLES))]
pub(crate) struct Arguments {
    /// The policy, or a folder of policies; `-` is standard input
    policy: PathBuf,
    /// Where it runs
    #[arg(long, value_name = "FILE")]
    deploy: Vec<PathBuf>,
    /// Write everything into this folder; only files that mcp-guard made are replaced or removed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Compare everything with this folder; a difference makes the exit status 1
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    check: Option<PathBuf>,
    /// Print one artefact [default: plugin-config, unless --out or --check is given]
    #[arg(long, value_enum, conflicts_with_all = ["out", "check"])]
    emit: Option<Emit>,
    /// Whether the policy acts, or only records what it would do [default: what the deployment says]
    #[arg(long, value_enum)]
    stage: Option<Stage>,
    /// The Istio that runs there [default: what the deployment says]
    #[arg(long, value_name = "VERSION", value_parser = istio_versions())]
    istio: Option<String>,
    /// The object that attaches the filter [default: what the deployment says]
    #[arg(long, value_enum)]
    attach: Option<Attach>,
    #[command(flatten)]
    report: Report,
}

const EXAMPLES: &str = "Examples:\n  \
    mcp-guard compile policy.yaml > plugin-config.json\n  \
    mcp-guard compile policy.yaml --deploy deploy.yaml --out github-mcp-server/\n  \
    mcp-guard compile policy.yaml --deploy deploy.yaml --emit manifests | kubectl apply --server-side -f -\n  \
    mcp-guard compile servers/ --check servers/          # in CI: is what is committed current?\n  \
    mcp-guard compile servers/ --deploy deploy-prod.yaml --stage observe --out out/prod/";

#[derive(Clone, Copy, ValueEnum)]
enum Stage {
    /// It only records what it would have done
    Observe,
    /// It acts
    Enforce,
}

#[derive(Clone, Copy, ValueEnum)]
enum Attach {
    /// In every supported version
    WasmPlugin,
    /// From Istio 1.30
    TrafficExtension,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let selection = Selection {
        policies: std::slice::from_ref(&arguments.policy),
        deploy: &arguments.deploy,
        tools: None,
    };
    let mut compiled = match artefacts::compile(selection, arguments.overrides()) {
        Ok(compiled) => compiled,
        Err(reason) => return could_not_run(&reason),
    };
    if let Some(emit) = arguments.emit {
        artefacts::check(&compiled.policies, emit, &mut compiled.found);
    }
    let failed = arguments.report.show(&compiled.sources, compiled.found);
    if failed || !compiled.is_whole {
        return ExitCode::from(FINDINGS);
    }
    let is_fleet = selection::is_fleet(&arguments.policy);
    deliver(arguments, &compiled.policies, is_fleet)
}

fn deliver(arguments: &Arguments, policies: &[Named], is_fleet: bool) -> ExitCode {
    let folder = arguments.out.as_deref().or(arguments.check.as_deref());
    let Some(folder) = folder else {
        let emit = arguments.emit.unwrap_or(Emit::PluginConfig);
        return match artefacts::emit(policies, emit, is_fleet) {
            Ok(text) => output::print(&text),
            Err(missing) => could_not_run(&missing),
        };
    };
    let files = match artefacts::layout(policies, is_fleet) {
        Ok(files) => files,
        Err(missing) => return could_not_run(&missing),
    };
    let scope = match is_fleet {
        true => Scope::Whole,
        false => Scope::Own,
    };
    match arguments.out {
        Some(_) => write(folder, &files, scope),
        None => compare(folder, &files, scope),
    }
}

fn write(folder: &Path, files: &layout::Files, scope: Scope) -> ExitCode {
    match layout::write(folder, files, scope) {
        Ok(()) => ExitCode::SUCCESS,
        Err(unwritten) => could_not_run(&unwritten),
    }
}

fn compare(folder: &Path, files: &layout::Files, scope: Scope) -> ExitCode {
    match layout::differences(folder, files, scope) {
        Ok(differences) => {
            differences
                .iter()
                .for_each(|line| tell(&format!("{line}\n")));
            status(!differences.is_empty())
        }
        Err(unread) => could_not_run(&unread),
    }
}

impl Arguments {
    fn overrides(&self) -> Overrides {
        let istio = self.istio.as_deref();
        Overrides {
            stage: self.stage.map(Into::into),
            istio: istio.and_then(|version| known(version, IstioVersion::WORDS)),
            attach: self.attach.map(Into::into),
        }
    }
}

fn istio_versions() -> PossibleValuesParser {
    PossibleValuesParser::new(IstioVersion::WORDS.iter().map(|(word, _)| *word))
}

fn known<T: Copy>(word: &str, words: &[(&str, T)]) -> Option<T> {
    words
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, value)| *value)
}

impl From<Stage> for lower::Stage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Observe => Self::Observe,
            Stage::Enforce => Self::Enforce,
        }
    }
}

impl From<Attach> for Attachment {
    fn from(attach: Attach) -> Self {
        match attach {
            Attach::WasmPlugin => Self::WasmPlugin,
            Attach::TrafficExtension => Self::TrafficExtension,
        }
    }
}
