//! `mcp-guard test`: a policy, held against its cases.

mod output;

use crate::explained::{Explained, part, play, rule_json, sentence};
use crate::files;
use crate::output::{answer, show, tell};
use crate::policy::{Enforced, PolicyArguments};
use crate::report::{COULD_NOT_RUN, FINDINGS, could_not_run};
use clap::{Args, ValueEnum};
use mcp_guard_cases::expect::mismatches;
use mcp_guard_cases::explanation::RuleName;
use mcp_guard_cases::file;
use mcp_guard_cases::scenario::Scenario;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
A case says who asks for what, and what must come of it:

  cases:
  - description: reading is open to the gateway
    as: gateway
    call: { tool: search_code, arguments: { query: hello } }
    expect: { allowed: true, rule: read-code }
  - as: gateway
    call: { tool: delete_repo }
    expect: { denied: tool_not_allowed }

Exit status: 0 all pass, 1 some fail, 2 they could not be run.

Examples:
  mcp-guard test policy.yaml
  mcp-guard test servers/                        # each policy of a fleet, with the cases beside it
  mcp-guard test policy.yaml cases/reading.yaml --format junit > report.xml";

/// Hold a policy against its cases
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    policy: PolicyArguments,
    /// Files and folders of cases [default: the folder `cases` beside the policy]
    cases: Vec<PathBuf>,
    /// Who reads the results
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Let rules that no case touched fail the run
    #[arg(long)]
    deny_untouched: bool,
}

/// Who reads the results.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
    Junit,
}

/// What came of all cases.
#[derive(Default)]
struct Results {
    cases: Vec<Played>,
    untouched: Vec<Untouched>,
}

/// What came of one case.
struct Played {
    /// The server of its policy.
    server: String,
    /// File and line.
    name: String,
    description: String,
    /// What is not as expected.
    mismatches: Vec<String>,
    /// What was decided, and by which rule.
    decided: String,
    /// Rules that listed what was asked for, and did not decide.
    others: Vec<String>,
    seconds: f64,
}

/// A rule that no case touched.
struct Untouched {
    /// Its path and its place.
    name: String,
    json: Value,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let policies = match arguments.policy.compile_each() {
        Ok(policies) => policies,
        Err(status) => return status,
    };
    match play_each(arguments, &policies) {
        Ok(results) => {
            for rule in &results.untouched {
                tell(&format!("warning: no case touches {}\n", rule.name));
            }
            let text = output::write(arguments.format, &results);
            match arguments.format {
                Format::Human => answer(&text, status(arguments, &results)),
                Format::Json | Format::Junit => show(&text, status(arguments, &results)),
            }
        }
        Err(errors) => {
            for error in &errors {
                could_not_run(error);
            }
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// Every case of every policy, or what is wrong with each that is none.
fn play_each(arguments: &Arguments, policies: &[Enforced]) -> Result<Results, Vec<String>> {
    if policies.len() > 1 && !arguments.cases.is_empty() {
        let reason = "cases are about one policy: in a fleet, put them into the folder `cases` beside each `policy.yaml`";
        return Err(vec![reason.to_owned()]);
    }
    let (mut read, mut errors) = (Vec::new(), Vec::new());
    for policy in policies {
        match scenarios(&arguments.cases, policy) {
            Ok(scenarios) => read.push((policy, scenarios)),
            Err(wrong) => errors.extend(wrong),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut results = Results::default();
    for (policy, scenarios) in read {
        play_all(policy, &scenarios, &mut results).map_err(|error| vec![error])?;
    }
    Ok(results)
}

fn status(arguments: &Arguments, results: &Results) -> ExitCode {
    let failed = results.cases.iter().any(Played::is_failed);
    let untouched = arguments.deny_untouched && !results.untouched.is_empty();
    match failed || untouched {
        true => ExitCode::from(FINDINGS),
        false => ExitCode::SUCCESS,
    }
}

impl Played {
    fn is_failed(&self) -> bool {
        !self.mismatches.is_empty()
    }
}

fn scenarios(given: &[PathBuf], compiled: &Enforced) -> Result<Vec<Scenario>, Vec<String>> {
    let (mut scenarios, mut errors) = (Vec::new(), Vec::new());
    for path in case_files(given, &compiled.path).map_err(|error| vec![error])? {
        match read(&path, compiled) {
            Ok(read) => scenarios.extend(read),
            Err(error) => errors.push(error),
        }
    }
    match errors.is_empty() {
        true if scenarios.is_empty() => Err(vec!["there are no cases".to_owned()]),
        true => Ok(scenarios),
        false => Err(errors),
    }
}

/// The files that are given, and those of the folders that are; else of the folder beside the policy.
fn case_files(given: &[PathBuf], policy: &Path) -> Result<Vec<PathBuf>, String> {
    if given.is_empty() {
        let beside = policy.parent().unwrap_or(Path::new("")).join("cases");
        let files = files::yaml_under(&beside).map_err(|error| error.to_string())?;
        return match files.is_empty() {
            true => Err(format!("there are no cases in `{}`", beside.display())),
            false => Ok(files),
        };
    }
    let mut files = Vec::new();
    for path in given {
        match path.is_dir() {
            true => files.extend(files::yaml_under(path).map_err(|error| error.to_string())?),
            false => files.push(path.clone()),
        }
    }
    Ok(files)
}

fn read(path: &Path, compiled: &Enforced) -> Result<Vec<Scenario>, String> {
    let file = path.display();
    let text = files::text(path).map_err(|error| error.to_string())?;
    let placed = file::read(&text).map_err(|fault| format!("{file}:{fault}"))?;
    let scenario = |placed: file::Placed| {
        let name = format!("{file}:{}", placed.line);
        let caller = placed.case.caller_name.as_deref();
        let known = compiled.check_caller(caller);
        known
            .and_then(|()| Scenario::new(name.clone(), placed.case, &compiled.setting))
            .map_err(|error| format!("{name}: {error}"))
    };
    placed.into_iter().map(scenario).collect()
}

fn play_all(
    compiled: &Enforced,
    scenarios: &[Scenario],
    results: &mut Results,
) -> Result<(), String> {
    let mut untouched = coverable(compiled);
    for scenario in scenarios {
        let start = std::time::Instant::now();
        let explained = play(compiled, scenario)?;
        untouched.retain(|rule| !explained.touched().any(|touched| touched == rule));
        let seconds = start.elapsed().as_secs_f64();
        let played = played(compiled, scenario, &explained, seconds);
        results.cases.push(played);
    }
    let untouched = untouched.iter().map(|rule| Untouched {
        name: compiled.name_and_place(rule),
        json: rule_json(compiled, rule),
    });
    results.untouched.extend(untouched);
    Ok(())
}

fn played(compiled: &Enforced, scenario: &Scenario, explained: &Explained, seconds: f64) -> Played {
    let rules = explained.messages.iter().flat_map(|message| &message.rules);
    let listing = rules.filter(|(_, part)| part.is_near());
    let line = |(rule, played): &(RuleName, _)| {
        let name = compiled.name_and_place(rule);
        format!("{name}: {}", part(compiled, rule, played))
    };
    Played {
        server: compiled.spec().server.clone(),
        name: scenario.name.clone(),
        description: scenario.description.clone(),
        mismatches: mismatches(scenario, &explained.outcome),
        decided: sentence(compiled, explained),
        others: listing.map(line).collect(),
        seconds,
    }
}

/// The rules that a request can touch: not those that only let the server ask.
fn coverable(compiled: &Enforced) -> Vec<RuleName> {
    let rules = compiled.policy.rules();
    let names = rules.filter_map(|(index, _)| RuleName::of(&compiled.policy, index));
    let asks = |name: &RuleName| {
        let rule = compiled.rule(name);
        let lists = [&rule.tools, &rule.prompts, &rule.resources, &rule.methods];
        rule.tasks || lists.iter().any(|list| !list.is_empty())
    };
    names.filter(asks).collect()
}
