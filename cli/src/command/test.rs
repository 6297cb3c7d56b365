//! `mcp-guard test`: a policy, held against its cases.

mod output;

use crate::explained::{Explained, part, play, sentence};
use crate::files;
use crate::output::{show, tell};
use crate::policy::{Compiled, Files};
use crate::report::{COULD_NOT_RUN, FINDINGS, could_not_run};
use clap::{Args, ValueEnum};
use mcp_guard_cases::expect::mismatches;
use mcp_guard_cases::explanation::RuleName;
use mcp_guard_cases::file;
use mcp_guard_cases::scenario::Scenario;
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
  mcp-guard test policy.yaml cases/reading.yaml --format junit > report.xml";

/// Hold a policy against its cases
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    files: Files,
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
struct Results {
    cases: Vec<Played>,
    /// Rules that no case touched.
    untouched: Vec<RuleName>,
}

/// What came of one case.
struct Played {
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

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let compiled = match arguments.files.compile() {
        Ok(compiled) => compiled,
        Err(status) => return status,
    };
    let scenarios = match scenarios(arguments, &compiled) {
        Ok(scenarios) => scenarios,
        Err(errors) => {
            for error in &errors {
                could_not_run(error);
            }
            return ExitCode::from(COULD_NOT_RUN);
        }
    };
    match play_all(&compiled, &scenarios) {
        Ok(results) => {
            for rule in &results.untouched {
                let rule = compiled.name_and_place(rule);
                tell(&format!("warning: no case touches {rule}\n"));
            }
            let text = output::write(arguments.format, &compiled, &results);
            show(&text, status(arguments, &results))
        }
        Err(error) => could_not_run(&error),
    }
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

/// Every case, or what is wrong with each that is none.
fn scenarios(arguments: &Arguments, compiled: &Compiled) -> Result<Vec<Scenario>, Vec<String>> {
    let (mut scenarios, mut errors) = (Vec::new(), Vec::new());
    for path in case_files(arguments).map_err(|error| vec![error])? {
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

fn case_files(arguments: &Arguments) -> Result<Vec<PathBuf>, String> {
    let beside = || {
        let folder = arguments.files.policy.parent().unwrap_or(Path::new(""));
        vec![folder.join("cases")]
    };
    let given = match arguments.cases.is_empty() {
        true => beside(),
        false => arguments.cases.clone(),
    };
    let mut files = Vec::new();
    for path in given {
        match path.is_dir() || arguments.cases.is_empty() {
            true => files.extend(files::yaml_under(&path).map_err(|error| error.to_string())?),
            false => files.push(path),
        }
    }
    match files.is_empty() && arguments.cases.is_empty() {
        true => Err(format!(
            "there are no cases in `{}`",
            beside_name(arguments)
        )),
        false => Ok(files),
    }
}

fn beside_name(arguments: &Arguments) -> String {
    let folder = arguments.files.policy.parent().unwrap_or(Path::new(""));
    folder.join("cases").display().to_string()
}

fn read(path: &Path, compiled: &Compiled) -> Result<Vec<Scenario>, String> {
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

fn play_all(compiled: &Compiled, scenarios: &[Scenario]) -> Result<Results, String> {
    let mut cases = Vec::new();
    let mut untouched = coverable(compiled);
    for scenario in scenarios {
        let start = std::time::Instant::now();
        let explained = play(compiled, scenario)?;
        untouched.retain(|rule| !explained.touched().any(|touched| touched == rule));
        let seconds = start.elapsed().as_secs_f64();
        cases.push(played(compiled, scenario, &explained, seconds));
    }
    Ok(Results { cases, untouched })
}

fn played(compiled: &Compiled, scenario: &Scenario, explained: &Explained, seconds: f64) -> Played {
    let rules = explained.messages.iter().flat_map(|message| &message.rules);
    let listing = rules.filter(|(_, part)| part.is_near());
    let line = |(rule, played): &(RuleName, _)| {
        let name = compiled.name_and_place(rule);
        format!("{name}: {}", part(compiled, rule, played))
    };
    Played {
        name: scenario.name.clone(),
        description: scenario.description.clone(),
        mismatches: mismatches(scenario, &explained.outcome),
        decided: sentence(compiled, explained),
        others: listing.map(line).collect(),
        seconds,
    }
}

/// The rules that a request can touch: not those that only let the server ask.
fn coverable(compiled: &Compiled) -> Vec<RuleName> {
    let rules = compiled.policy.rules();
    let names = rules.filter_map(|(index, _)| RuleName::of(&compiled.policy, index));
    let asks = |name: &RuleName| {
        let rule = compiled.rule(name);
        let lists = [&rule.tools, &rule.prompts, &rule.resources, &rule.methods];
        rule.tasks || lists.iter().any(|list| !list.is_empty())
    };
    names.filter(asks).collect()
}
