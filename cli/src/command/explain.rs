//! `mcp-guard explain`: a decision, or a kind of finding.

mod audit;

use crate::arguments::Format;
use crate::explained::{Explained, part, play, rule_json, sentence};
use crate::files;
use crate::output;
use crate::policy::{Enforced, PolicyArguments};
use crate::report::could_not_run;
use crate::table::table;
use clap::Args;
use mcp_guard_cases::case::{Case, RequestText};
use mcp_guard_cases::explanation::Explanation;
use mcp_guard_cases::file;
use mcp_guard_cases::scenario::Scenario;
use mcp_guard_cases::wording;
use mcp_guard_compiler::diagnostic::Code;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
With --request: what is decided about it, by which rule, and why the others did not decide. The
engine of the filter decides, and tells on the way what it does. FILE is the body of a request
(JSON-RPC), or a case (its name ends in .yaml), which also holds path, headers and caller.

With --audit: lines of the audit log (docs/audit.md), what they say, and the rule that they name as it
stands in the policy.

Examples:
  mcp-guard explain policy.yaml --request call.json --as gateway
  kubectl logs deploy/github -c istio-proxy | grep mcp_guard | mcp-guard explain policy.yaml --audit -
  mcp-guard explain policy.yaml --request cases/reading.yaml
  mcp-guard explain MCP0204";

/// Explain a decision, or a finding by its code
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// The policy that decides; or the code of a finding
    #[arg(value_name = "POLICY|CODE")]
    subject: PathBuf,
    /// The request that is decided about; `-` is standard input
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// Lines of the audit log; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "request")]
    audit: Option<PathBuf>,
    /// Who asks, by the name that the policy gives
    #[arg(long = "as", value_name = "CALLER", requires = "request")]
    caller: Option<String>,
    /// A header of the request
    #[arg(long = "header", value_name = "NAME:VALUE", value_parser = super::header, requires = "request")]
    headers: Vec<(String, String)>,
    /// Where the policy runs, for the trust domains
    #[arg(long, value_name = "FILE", requires = "request")]
    deploy: Option<PathBuf>,
    /// Who reads the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    if arguments.request.is_none() && arguments.audit.is_none() {
        return explain_code(&arguments.subject);
    }
    let files = PolicyArguments {
        policy: arguments.subject.clone(),
        deploy: arguments.deploy.clone(),
    };
    let compiled = match files.compile() {
        Ok(compiled) => compiled,
        Err(status) => return status,
    };
    let explained = match (&arguments.request, &arguments.audit) {
        (Some(request), _) => explain_request(arguments, &compiled, request),
        (None, Some(log)) => explain_audit(arguments, &compiled, log),
        (None, None) => Ok(String::new()),
    };
    match explained {
        Ok(text) if arguments.format == Format::Human => output::answer(&text, ExitCode::SUCCESS),
        Ok(text) => output::print(&text),
        Err(error) => could_not_run(&error),
    }
}

fn explain_code(subject: &Path) -> ExitCode {
    match subject.to_string_lossy().parse::<Code>() {
        Ok(code) => output::print(code.page()),
        Err(()) => could_not_run(&format!(
            "`{}` is not the code of a finding; to explain a decision, add `--request FILE` or `--audit FILE`",
            subject.display()
        )),
    }
}

fn explain_request(
    arguments: &Arguments,
    compiled: &Enforced,
    request: &Path,
) -> Result<String, String> {
    compiled.check_caller(arguments.caller.as_deref())?;
    let mut texts = Vec::new();
    for (name, case) in cases(arguments, request)? {
        let scenario = Scenario::new(name, case, &compiled.setting)?;
        let explained = play(compiled, &scenario)?;
        texts.push(match arguments.format {
            Format::Human => human(compiled, &scenario, &explained),
            Format::Json => format!("{}\n", to_json(compiled, &scenario, &explained)),
        });
    }
    Ok(texts.join("\n"))
}

fn explain_audit(arguments: &Arguments, compiled: &Enforced, log: &Path) -> Result<String, String> {
    let text = files::text(log).map_err(|error| error.to_string())?;
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let mut texts = Vec::new();
    for (place, line) in lines {
        let line = audit::Line::read(compiled, line)
            .map_err(|error| format!("{}:{}: {error}", log.display(), place.saturating_add(1)))?;
        texts.push(match arguments.format {
            Format::Human => line.human(compiled),
            Format::Json => format!("{}\n", line.json(compiled)),
        });
    }
    let between = match arguments.format {
        Format::Human => "\n",
        Format::Json => "",
    };
    Ok(texts.join(between))
}

/// What the file asks, with what the command line adds.
fn cases(arguments: &Arguments, request: &Path) -> Result<Vec<(String, Case)>, String> {
    let name = request.display().to_string();
    let mut cases = match files::is_yaml(request) {
        false => vec![(name, of_body(request)?)],
        true => {
            let text = files::text(request).map_err(|error| error.to_string())?;
            let placed = file::read(&text).map_err(|fault| format!("{name}:{fault}"))?;
            let placed = placed.into_iter();
            placed
                .map(|placed| (format!("{name}:{}", placed.line), placed.case))
                .collect()
        }
    };
    for (_, case) in &mut cases {
        case.request
            .headers
            .extend(arguments.headers.iter().cloned());
        if arguments.caller.is_some() {
            case.caller = None;
            case.caller_name.clone_from(&arguments.caller);
        }
    }
    Ok(cases)
}

/// The bytes of the file are the body, so that what a body hides is explained as well.
fn of_body(request: &Path) -> Result<Case, String> {
    let bytes = files::bytes(request).map_err(|error| error.to_string())?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Case {
        request: RequestText {
            body_hex: Some(hex),
            ..RequestText::default()
        },
        ..Case::default()
    })
}

fn human(compiled: &Enforced, scenario: &Scenario, explained: &Explained) -> String {
    let mut text = format!("{}: {}\n", scenario.name, sentence(compiled, explained));
    for message in &explained.messages {
        text.push('\n');
        text.push_str(&rules(compiled, message));
    }
    if explained.messages.is_empty() {
        text.push_str("\nNo rule was asked.\n");
    }
    for (message, other) in explained.messages.iter().zip(&explained.dry_run) {
        if (message.reason, &message.rule) != (other.reason, &other.rule) {
            let by = other.rule.as_ref();
            let by = by.map(|rule| format!(" by {}", compiled.name_and_place(rule)));
            let reason = other.reason.label();
            let by = by.unwrap_or_default();
            text.push_str(&format!("\nIf rules in dry run counted: {reason}{by}\n"));
        }
    }
    text
}

fn rules(compiled: &Enforced, message: &Explanation) -> String {
    let row = |(rule, played): &(_, _)| {
        let place = compiled.place(rule);
        let place = place.map_or_else(String::new, |place| place.to_string());
        vec![rule.path(), place, part(compiled, rule, played)]
    };
    let rows: Vec<_> = message.rules.iter().map(row).collect();
    table(&rows)
}

fn to_json(compiled: &Enforced, scenario: &Scenario, explained: &Explained) -> Value {
    let message = |message: &Explanation| {
        let rules = message.rules.iter().map(|(rule, played)| {
            let mut json = rule_json(compiled, rule);
            if let Some(members) = json.as_object_mut() {
                members.insert("part".to_owned(), Value::from(wording::part_label(played)));
                members.insert("why".to_owned(), Value::from(part(compiled, rule, played)));
            }
            json
        });
        json!({
            "allowed": message.is_permit(),
            "reason": message.reason.label(),
            "approval": wording::approval(message.approval),
            "by": message.rule.as_ref().map(|rule| rule_json(compiled, rule)),
            "rules": rules.collect::<Vec<_>>(),
        })
    };
    json!({
        "request": scenario.name,
        "allowed": explained.is_permit(),
        "reason": explained.field("reason"),
        "by": explained.rule().map(|rule| rule_json(compiled, rule)),
        "messages": explained.messages.iter().map(message).collect::<Vec<_>>(),
        "dry_run": explained.dry_run.iter().map(message).collect::<Vec<_>>(),
        "record": explained.outcome.record,
    })
}
