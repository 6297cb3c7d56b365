//! `mcp-guard doctor`: whether a policy is really enforced in a live namespace.

mod gather;
mod kubectl;
mod program;

use crate::arguments::{Format, seconds};
use crate::artefacts::{self, Missing, Named};
use crate::files;
use crate::output::{self, tell};
use crate::report::{FINDINGS, Report as Findings, could_not_run, status};
use crate::selection::Selection;
use clap::{Args, ValueEnum};
use gather::Cluster;
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::Code;
use mcp_guard_compiler::doctor::{self, Facts, Report};
use mcp_guard_compiler::lower;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Tell whether a policy is really enforced in a live namespace
#[derive(Args)]
#[command(
    after_help = "It only reads: objects by `kubectl get`, and what each proxy runs by `kubectl exec … pilot-agent request`.\n\
    Each line is enforced [x], not enforced [ ], unknown [?], or unknown and accepted [a].\n\
    Exit status: 0 all is enforced or accepted, 1 it is not, 2 it could not be tried.\n\n\
    Examples:\n  \
    mcp-guard doctor policy.yaml --deploy deploy.yaml\n  \
    mcp-guard doctor policy.yaml --deploy deploy.yaml --stage enforce --wait 2m    # after `kubectl apply`\n  \
    mcp-guard doctor policy.yaml --deploy deploy.yaml --probe --format json\n  \
    mcp-guard doctor policy.yaml --deploy deploy.yaml --print-roles | kubectl apply -f -"
)]
pub(crate) struct Arguments {
    /// The policy, or a folder of policies; `-` is standard input
    policy: PathBuf,
    /// Where it runs
    #[arg(long, value_name = "FILE")]
    deploy: Vec<PathBuf>,
    /// Whether the policy is to act, or only to record [default: what the deployment says]
    #[arg(long, value_enum)]
    stage: Option<Stage>,
    /// Ask again until all is enforced, or this time is over: `90s`, `5m`
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    wait: Option<u32>,
    /// Also send requests through the API server that must be refused
    #[arg(long)]
    probe: bool,
    /// Vouch for what is unknown and has this code; never for a proxy that was not read
    #[arg(long, value_name = "CODE", value_parser = code)]
    accept: Vec<Code>,
    /// The format of the report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Namespaces in which the cluster's network plugin may run
    #[arg(long, value_name = "NAMESPACE", default_value = "kube-system")]
    cni_namespace: Vec<String>,
    /// The program that speaks to the API server
    #[arg(long, value_name = "PATH", default_value = "kubectl")]
    kubectl: PathBuf,
    /// The kubeconfig [default: that of kubectl]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// How a proxy is asked where `kubectl exec` is not to be had: a command with the words
    /// {namespace}, {pod}, {port} and {path}, whose output is the page
    #[arg(long, value_name = "COMMAND")]
    proxy_admin: Option<String>,
    /// Print the least roles that suffice, and read nothing
    #[arg(long)]
    print_roles: bool,
    /// Write what was read into this file, without certificates, to be judged elsewhere
    #[arg(long, value_name = "FILE", conflicts_with = "facts")]
    record: Option<PathBuf>,
    /// Judge what was recorded, and read nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["wait", "probe"])]
    facts: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Stage {
    /// It only records what it would have done
    Observe,
    /// It acts
    Enforce,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let compiled = match compile(arguments) {
        Ok(compiled) => compiled,
        Err(status) => return status,
    };
    if let Err(reason) = check_facts(arguments, &compiled) {
        return could_not_run(&reason);
    }
    if arguments.print_roles {
        return output::print(&roles(arguments, &compiled));
    }
    let (reports, faults) = judged(arguments, &compiled);
    // What failed for one policy leaves the reports of the others as they are.
    let mut ended = status(!reports.iter().all(Report::holds));
    for fault in &faults {
        ended = could_not_run(fault);
    }
    if reports.is_empty() {
        return ended;
    }
    let text = write(&reports, arguments.format);
    match arguments.format {
        Format::Human => output::answer(&text, ended),
        Format::Json => output::show(&text, ended),
    }
}

fn compile(arguments: &Arguments) -> Result<Vec<Named>, ExitCode> {
    let selection = Selection {
        policies: std::slice::from_ref(&arguments.policy),
        deploy: &arguments.deploy,
        tools: None,
    };
    let overrides = Overrides {
        stage: arguments.stage.map(Into::into),
        ..Overrides::default()
    };
    let compiled = artefacts::compile(selection, overrides);
    let compiled = compiled.map_err(|reason| could_not_run(&reason))?;
    // What is merely suspicious was said when it was compiled.
    if compiled.found.has_errors() {
        Findings::human().show(&compiled.sources, compiled.found);
        return Err(ExitCode::from(FINDINGS));
    }
    let is_deployed = |one: &Named| one.compilation.deployment.is_some();
    if !compiled.policies.iter().all(is_deployed) {
        return Err(could_not_run(&Missing::Deployment));
    }
    Ok(compiled.policies)
}

/// A file holds what was read for one policy.
fn check_facts(arguments: &Arguments, compiled: &[Named]) -> Result<(), String> {
    let of_one = [
        ("--record", &arguments.record),
        ("--facts", &arguments.facts),
    ];
    let given = of_one.iter().find(|(_, file)| file.is_some());
    match given {
        Some((option, _)) if compiled.len() > 1 => Err(format!(
            "`{option}` is about one policy, and `{}` holds {}: name the folder of one",
            arguments.policy.display(),
            compiled.len()
        )),
        _ => Ok(()),
    }
}

fn roles(arguments: &Arguments, compiled: &[Named]) -> String {
    let compilations = compiled.iter().map(|one| &one.compilation);
    doctor::roles(compilations, &arguments.cni_namespace, arguments.probe)
}

/// The reports of those policies for which it could be tried, and why not of the others.
type Judged = (Vec<Report>, Vec<String>);

/// Reads and judges, again and again where that is asked for.
fn judged(arguments: &Arguments, compiled: &[Named]) -> Judged {
    const PAUSE: Duration = Duration::from_secs(1);
    let patience = arguments.wait.map(|wait| Duration::from_secs(wait.into()));
    let began = Instant::now();
    let mut said = String::new();
    loop {
        let (reports, faults) = once(arguments, compiled);
        let is_over = patience.is_none_or(|patience| began.elapsed() >= patience);
        if is_over || !faults.is_empty() || reports.iter().all(Report::holds) {
            return (reports, faults);
        }
        let waiting = waiting_for(&reports);
        if waiting != said {
            tell(&format!("waiting for {waiting}\n"));
            said = waiting;
        }
        std::thread::sleep(PAUSE);
    }
}

/// The checks that do not hold yet.
fn waiting_for(reports: &[Report]) -> String {
    let lines = reports.iter().flat_map(|report| &report.lines);
    let open = lines.filter(|line| {
        !matches!(
            line.state,
            doctor::State::Enforced | doctor::State::Accepted
        )
    });
    let mut names: Vec<&str> = open.map(|line| line.check.as_str()).collect();
    names.dedup();
    names.join(", ")
}

fn once(arguments: &Arguments, compiled: &[Named]) -> Judged {
    let (mut reports, mut faults) = (Vec::new(), Vec::new());
    for one in compiled {
        match report(arguments, one) {
            Ok(report) => reports.push(report),
            Err(fault) => faults.push(fault),
        }
    }
    (reports, faults)
}

fn report(arguments: &Arguments, compiled: &Named) -> Result<Report, String> {
    let facts = facts(arguments, compiled)?;
    let report = doctor::judge(&compiled.compilation, &facts);
    let report = report.ok_or("the policy names no port: set `endpoints.port`")?;
    if let Some(file) = &arguments.record {
        let text = serde_json::to_string(&facts.trimmed()).map_err(|error| error.to_string())?;
        std::fs::write(file, text)
            .map_err(|error| format!("cannot write `{}`: {error}", file.display()))?;
    }
    Ok(report.accepting(&arguments.accept))
}

fn facts(arguments: &Arguments, compiled: &Named) -> Result<Facts, String> {
    if let Some(file) = &arguments.facts {
        let text = files::text(file).map_err(|unreadable| unreadable.to_string())?;
        return serde_json::from_str(&text)
            .map_err(|error| format!("`{}` holds no recorded facts: {error}", file.display()));
    }
    let cluster = Cluster {
        kubectl: kubectl::Kubectl {
            program: arguments.kubectl.clone(),
            kubeconfig: arguments.kubeconfig.clone(),
            context: arguments.context.clone(),
        },
        proxy_admin: arguments.proxy_admin.clone(),
        cni_namespaces: arguments.cni_namespace.clone(),
        is_probed: arguments.probe,
    };
    cluster.facts(&compiled.compilation)
}

fn write(reports: &[Report], format: Format) -> String {
    match format {
        Format::Human => {
            let texts: Vec<String> = reports.iter().map(Report::to_text).collect();
            texts.join("\n")
        }
        Format::Json => {
            let values: Vec<_> = reports.iter().map(Report::to_json).collect();
            format!("{:#}\n", serde_json::Value::from(values))
        }
    }
}

impl From<Stage> for lower::Stage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Observe => Self::Observe,
            Stage::Enforce => Self::Enforce,
        }
    }
}

fn code(text: &str) -> Result<Code, String> {
    text.parse()
        .map_err(|()| "there is no such code: they stand in brackets in the report".into())
}
