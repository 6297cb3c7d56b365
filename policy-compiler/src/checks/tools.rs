//! Tools that the server does not have.

use super::Context;
use crate::captured::Captured;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pattern::Budget;
use crate::source::Spanned;
use crate::yaml::fields::suggest;
use mcp_guard_engine::glob::Glob;
use std::collections::BTreeSet;

/// What it costs to look for the nearest name, per name.
const SUGGESTION: u32 = 16;

pub(super) fn check(context: &Context<'_>, budget: &mut Budget, found: &mut Diagnostics) {
    let Some(captured) = context.captured else {
        return;
    };
    let names: BTreeSet<&str> = names(captured).collect();
    let rules = context.allow.iter().chain(&context.deny);
    let in_rules = rules.flat_map(|view| &view.rule.tools);
    let groups = context.policy.tool_groups.values();
    // What an imported group holds may be another server's.
    let own = groups.filter(|group| group.name.file == context.policy.file);
    let in_groups = own.flat_map(|group| &group.value.tools);
    for entry in in_rules.chain(in_groups) {
        let Ok(glob) = Glob::name(&entry.value) else {
            continue;
        };
        match glob.exact_text() {
            Some(name) if names.contains(name) => {}
            Some(_) => found.push(unknown(entry, captured, budget)),
            None => check_glob(entry, &glob, captured, budget, found),
        }
    }
}

fn names(captured: &Captured) -> impl Iterator<Item = &str> {
    captured.tools.iter().map(|tool| tool.name.value.as_str())
}

fn unknown(entry: &Spanned<String>, captured: &Captured, budget: &mut Budget) -> Diagnostic {
    let message = format!("the server has no tool `{}`", entry.value);
    let unknown = Diagnostic::new(Code::UnmatchedTool, entry.span, message);
    let names: Vec<&str> = names(captured).collect();
    let cost = u32::try_from(names.len())
        .unwrap_or(u32::MAX)
        .saturating_mul(SUGGESTION);
    match budget.take(cost) {
        true => suggest(unknown, &entry.value, &names, entry.span),
        false => unknown,
    }
}

fn check_glob(
    entry: &Spanned<String>,
    glob: &Glob,
    captured: &Captured,
    budget: &mut Budget,
    found: &mut Diagnostics,
) {
    let cost = u32::try_from(captured.tools.len()).unwrap_or(u32::MAX);
    if budget.take(cost) && !names(captured).any(|name| glob.matches(name)) {
        let message = format!("no tool of the server matches `{}`", entry.value);
        found.push(Diagnostic::new(Code::UnmatchedTool, entry.span, message));
    }
}
