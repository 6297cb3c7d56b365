//! Rules.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Argument, Named, Policy, Rule, Test};
use crate::source::{self, Spanned};
use crate::yaml::fields::suggest;
use mcp_guard_engine::glob::{Glob, GlobError};
use mcp_guard_engine::policy::format::{ArgumentSpec, RangeSpec, RuleSpec};
use mcp_guard_engine::uri::{PatternFault, ResourcePattern};
use std::collections::BTreeMap;

pub(super) fn lower(
    policy: &Policy,
    rules: &Named<Rule>,
    found: &mut Diagnostics,
) -> BTreeMap<String, RuleSpec> {
    rules
        .iter()
        .map(|(id, entry)| (id.clone(), rule(policy, &entry.value, found)))
        .collect()
}

fn rule(policy: &Policy, rule: &Rule, found: &mut Diagnostics) -> RuleSpec {
    for resource in &rule.resources {
        check_resource(resource, found);
    }
    let mut tools = globs(&rule.tools, found);
    for group in &rule.tool_groups {
        match policy.tool_groups.get(&group.value) {
            Some(entry) => tools.extend(globs(&entry.value.tools, found)),
            None => found.push(unknown(
                Code::UnknownToolGroup,
                "tool group",
                group,
                policy.tool_groups.keys(),
            )),
        }
    }
    RuleSpec {
        callers: known_callers(policy, rule, found),
        tools,
        prompts: globs(&rule.prompts, found),
        resources: values(&rule.resources),
        methods: values(&rule.methods),
        server_requests: rule
            .server_requests
            .iter()
            .map(|request| request.value)
            .collect(),
        tasks: rule.tasks,
        arguments: rule
            .arguments
            .iter()
            .map(|given| argument(given, found))
            .collect(),
        approval: rule.approval.as_ref().map(|level| level.value),
        dry_run: rule.dry_run,
    }
}

fn known_callers(policy: &Policy, rule: &Rule, found: &mut Diagnostics) -> Vec<String> {
    for caller in &rule.callers {
        if !policy.callers.contains_key(&caller.value) {
            found.push(unknown(
                Code::UnknownCaller,
                "caller",
                caller,
                policy.callers.keys(),
            ));
        }
    }
    values(&rule.callers)
}

fn unknown<'n>(
    code: Code,
    what: &str,
    name: &Spanned<String>,
    known: impl Iterator<Item = &'n String>,
) -> Diagnostic {
    let known: Vec<&str> = known.map(String::as_str).collect();
    let message = format!("no {what} is called `{}`", name.value);
    let unknown = Diagnostic::new(code, name.span, message);
    suggest(unknown, &name.value, &known, name.span)
}

/// Patterns over names, of which the broken ones are said.
pub(super) fn globs(patterns: &[Spanned<String>], found: &mut Diagnostics) -> Vec<String> {
    for pattern in patterns {
        if let Err(error) = Glob::name(&pattern.value) {
            found.push(invalid_glob(pattern, error));
        }
    }
    values(patterns)
}

fn invalid_glob(pattern: &Spanned<String>, error: GlobError) -> Diagnostic {
    let message = format!("`{}` is not a pattern", pattern.value);
    Diagnostic::new(Code::InvalidGlob, pattern.span, message).label(error.to_string())
}

fn check_resource(pattern: &Spanned<String>, found: &mut Diagnostics) {
    match ResourcePattern::new(&pattern.value) {
        Ok(_) => {}
        Err(PatternFault::Glob(error)) => found.push(invalid_glob(pattern, error)),
        Err(fault @ PatternFault::Scheme) => {
            let message = format!("`{}` is not a pattern over URIs", pattern.value);
            found.push(
                Diagnostic::new(Code::InvalidGlob, pattern.span, message)
                    .label(fault.to_string())
                    .help("begin with the scheme: `file:///srv/data/**`"),
            );
        }
        Err(fault) => {
            let message = format!("`{}` could escape its root, or fit no URI", pattern.value);
            found.push(
                Diagnostic::new(Code::EscapingResource, pattern.span, message)
                    .label(fault.to_string()),
            );
        }
    }
}

fn argument(argument: &Argument, found: &mut Diagnostics) -> ArgumentSpec {
    let spec = ArgumentSpec {
        path: argument.path.value.split('.').map(Into::into).collect(),
        ..ArgumentSpec::default()
    };
    match &argument.test {
        Test::Equals(value) => ArgumentSpec {
            equals: Some(value.value.clone()),
            ..spec
        },
        Test::OneOf(options) => ArgumentSpec {
            one_of: Some(options.iter().map(|value| value.value.clone()).collect()),
            ..spec
        },
        Test::Glob(pattern) => ArgumentSpec {
            glob: globs(core::slice::from_ref(pattern), found).pop(),
            ..spec
        },
        Test::Range { min, max } => ArgumentSpec {
            range: Some(RangeSpec {
                min: min.as_ref().map(|bound| bound.value),
                max: max.as_ref().map(|bound| bound.value),
            }),
            ..spec
        },
    }
}

fn values(texts: &[Spanned<String>]) -> Vec<String> {
    source::values(texts).map(str::to_owned).collect()
}
