//! A compiled policy, ready to be asked.

use crate::files;
use crate::report::{Report, could_not_run};
use crate::selection::{Selected, Selection};
use clap::Args;
use mcp_guard_cases::engine::Engine;
use mcp_guard_cases::explanation::RuleName;
use mcp_guard_cases::setting::Setting;
use mcp_guard_compiler::compilation::{self, Compilation};
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::{Diagnostics, closest};
use mcp_guard_compiler::lower::Stage;
use mcp_guard_compiler::source::{Sources, Span};
use mcp_guard_engine::policy::format::{PolicySpec, RuleSpec};
use mcp_guard_engine::policy::{Effect, Policy};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

/// The policy that is asked.
#[derive(Args, Clone)]
pub(crate) struct PolicyArguments {
    /// The policy, or the folder of `policy.yaml` and `deploy.yaml`; `-` is standard input
    pub(crate) policy: PathBuf,
    /// Where it runs, for the trust domains
    #[arg(long, value_name = "FILE")]
    pub(crate) deploy: Option<PathBuf>,
}

/// A policy that was compiled to be enforced, and the engine with it.
pub(crate) struct Enforced {
    sources: Sources,
    compilation: Compilation,
    /// Where its file stands.
    pub(crate) path: PathBuf,
    pub(crate) engine: Engine,
    pub(crate) setting: Setting,
    /// The policy in force.
    pub(crate) policy: Rc<Policy>,
}

/// Where a rule, or a part of one, stands.
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: usize,
}

impl PolicyArguments {
    /// Compiles the policy; shows what is wrong with it if it cannot.
    pub(crate) fn compile(&self) -> Result<Enforced, ExitCode> {
        match self.selected()?.as_slice() {
            [one] => compile(one),
            _ => Err(could_not_run(&format!(
                "`{}` is a fleet: name the folder of one policy",
                self.policy.display()
            ))),
        }
    }

    /// Compiles the policy, or each of a fleet.
    pub(crate) fn compile_each(&self) -> Result<Vec<Enforced>, ExitCode> {
        self.selected()?.iter().map(compile).collect()
    }

    fn selected(&self) -> Result<Vec<Selected>, ExitCode> {
        let selection = Selection {
            policies: std::slice::from_ref(&self.policy),
            deploy: self.deploy.as_slice(),
            tools: None,
        };
        selection
            .selected()
            .map_err(|unusable| could_not_run(&unusable))
    }
}

fn compile(selected: &Selected) -> Result<Enforced, ExitCode> {
    let mut sources = Sources::default();
    let overrides = Overrides {
        stage: Some(Stage::Enforce),
        ..Overrides::default()
    };
    let input = files::load(&mut sources, selected, overrides)
        .map_err(|unreadable| could_not_run(&unreadable))?;
    let mut found = Diagnostics::default();
    let Some(compilation) = compilation::compile(&sources, &input, &mut found) else {
        Report::human().show(&sources, found);
        return Err(could_not_run(&"the policy does not compile"));
    };
    let config = compilation.plugin_config.clone();
    let engine = Engine::of_config(&config).map_err(|error| could_not_run(&error))?;
    let Some(policy) = engine.guard().enforced.clone() else {
        return Err(could_not_run(&"the policy is not enforced"));
    };
    Ok(Enforced {
        path: selected.policy.clone(),
        engine,
        policy,
        setting: Setting::of_policy(&compilation.spec, config),
        sources,
        compilation,
    })
}

impl Enforced {
    /// The rule as the filter takes it.
    pub(crate) fn rule(&self, rule: &RuleName) -> RuleSpec {
        let spec = &self.compilation.spec;
        let rules = match rule.effect {
            Effect::Allow => &spec.allow,
            Effect::Deny => &spec.deny,
        };
        rules.get(&rule.id).cloned().unwrap_or_default()
    }

    /// The compiled policy.
    pub(crate) fn spec(&self) -> &PolicySpec {
        &self.compilation.spec
    }

    /// Where the rule stands.
    pub(crate) fn place(&self, rule: &RuleName) -> Option<Place> {
        let policy = &self.compilation.policy;
        let rules = match rule.effect {
            Effect::Allow => &policy.allow,
            Effect::Deny => &policy.deny,
        };
        rules.get(&rule.id).map(|entry| self.place_of(entry.name))
    }

    /// The rule as its author wrote it, with the numbers of its lines.
    pub(crate) fn source(&self, rule: &RuleName) -> Option<String> {
        let policy = &self.compilation.policy;
        let rules = match rule.effect {
            Effect::Allow => &policy.allow,
            Effect::Deny => &policy.deny,
        };
        let span = rules.get(&rule.id)?.name;
        let (first, column) = self.sources.line_column(span);
        let mut lines = self.sources.text(span.file).lines().enumerate();
        let mut lines = lines.by_ref().skip(first.checked_sub(1)?);
        let mut text = String::new();
        let mut add = |(place, line): (usize, &str)| {
            let number = place.saturating_add(1);
            text.push_str(&format!("{number:>4} | {}\n", line.trim_end()));
        };
        add(lines.next()?);
        // What belongs to a key is indented deeper than the key.
        let indent = |line: &str| line.len().saturating_sub(line.trim_start().len());
        let belongs = |line: &str| indent(line) >= column && !line.trim().is_empty();
        lines.take_while(|(_, line)| belongs(line)).for_each(add);
        Some(text)
    }

    fn place_of(&self, span: Span) -> Place {
        Place {
            file: self.sources.name(span.file).to_owned(),
            line: self.sources.line_column(span).0,
        }
    }

    /// `allow.read-code (policy.yaml:12)`.
    pub(crate) fn name_and_place(&self, rule: &RuleName) -> String {
        match self.place(rule) {
            Some(place) => format!("{} ({place})", rule.path()),
            None => rule.path(),
        }
    }

    /// Complains of a caller that the policy does not declare.
    pub(crate) fn check_caller(&self, name: Option<&str>) -> Result<(), String> {
        let Some(name) = name else { return Ok(()) };
        self.setting.caller(name).map(|_| ()).map_err(|error| {
            let known = self.setting.callers.keys().map(String::as_str);
            match closest(name, known) {
                Some(near) => format!("{error}; did you mean `{near}`?"),
                None => error,
            }
        })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
