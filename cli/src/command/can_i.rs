//! `mcp-guard can-i`: what the filter would decide, asked of the engine itself.

mod list;

use crate::arguments::{Format, nested, pair};
use crate::explained::{Explained, play, rule_json, sentence};
use crate::output;
use crate::policy::{Enforced, PolicyArguments};
use crate::report::{COULD_NOT_RUN, FINDINGS, could_not_run};
use clap::{Args, ValueEnum};
use mcp_guard_cases::call::Call;
use mcp_guard_cases::case::Case;
use mcp_guard_cases::scenario::Scenario;
use serde_json::{Value, json};
use std::process::ExitCode;

const HELP: &str = "\
The request is built as a client would, and goes through the engine of the filter. An argument's
value is JSON if it can be read as such, else text; dots in its key lead into objects.
Exit status: 0 yes, 1 no, 2 it could not be asked.

Examples:
  mcp-guard can-i policy.yaml --as gateway tool search_code q=hello page=2
  mcp-guard can-i policy.yaml --as gateway resource repo://acme/app/README.md
  mcp-guard can-i policy.yaml --list";

/// Ask whether a caller may make a request
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    policy: PolicyArguments,
    /// What is asked for
    #[arg(value_enum, required_unless_present = "list")]
    kind: Option<Kind>,
    /// Name of the tool, prompt or method; URI of the resource
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// Arguments of the tool or prompt, parameters of the method
    #[arg(value_name = "KEY=VALUE", value_parser = pair)]
    arguments: Vec<(String, Value)>,
    /// Who asks, by the name that the policy gives; nobody in particular if it is left out
    #[arg(long = "as", value_name = "CALLER")]
    caller: Option<String>,
    /// Show who may call what
    #[arg(long, conflicts_with_all = ["kind", "name", "arguments", "caller"])]
    list: bool,
    /// Who reads the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Tool,
    Prompt,
    Resource,
    Method,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let compiled = match arguments.policy.compile() {
        Ok(compiled) => compiled,
        Err(status) => return status,
    };
    if arguments.list {
        return list::show(&compiled, arguments.format);
    }
    match ask(arguments, &compiled) {
        Ok(explained) => {
            let text = answer(arguments.format, &compiled, &explained);
            match arguments.format {
                Format::Human => output::answer(&text, status(&explained)),
                Format::Json => output::show(&text, status(&explained)),
            }
        }
        Err(error) => could_not_run(&error),
    }
}

fn status(explained: &Explained) -> ExitCode {
    match (explained.is_permit(), explained.field("decision")) {
        (true, _) => ExitCode::SUCCESS,
        (false, Some(_)) => ExitCode::from(FINDINGS),
        (false, None) => ExitCode::from(COULD_NOT_RUN),
    }
}

fn ask(arguments: &Arguments, compiled: &Enforced) -> Result<Explained, String> {
    compiled.check_caller(arguments.caller.as_deref())?;
    let case = Case {
        caller_name: arguments.caller.clone(),
        call: Some(call(arguments)?),
        ..Case::default()
    };
    let scenario = Scenario::new("can-i".to_owned(), case, &compiled.setting)?;
    play(compiled, &scenario)
}

fn call(arguments: &Arguments) -> Result<Call, String> {
    let name = arguments.name.clone();
    let values = (!arguments.arguments.is_empty()).then(|| nested(&arguments.arguments));
    let values = values.transpose()?;
    Ok(match arguments.kind {
        Some(Kind::Tool) => Call {
            tool: name,
            arguments: values,
            ..Call::default()
        },
        Some(Kind::Prompt) => Call {
            prompt: name,
            arguments: values,
            ..Call::default()
        },
        Some(Kind::Resource) => Call {
            resource: name,
            arguments: values,
            ..Call::default()
        },
        Some(Kind::Method) | None => Call {
            method: name,
            params: values,
            ..Call::default()
        },
    })
}

fn answer(format: Format, compiled: &Enforced, explained: &Explained) -> String {
    if format == Format::Json {
        let rule = explained.rule().map(|rule| rule_json(compiled, rule));
        let answer = json!({
            "allowed": explained.is_permit(),
            "reason": explained.field("reason"),
            "approval": explained.field("approval"),
            "by": rule,
        });
        return format!("{answer}\n");
    }
    let word = match explained.is_permit() {
        true => "yes",
        false => "no",
    };
    format!("{word}: {}\n", sentence(compiled, explained))
}
