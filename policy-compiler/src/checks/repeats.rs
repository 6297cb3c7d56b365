//! Entries of a list that say nothing new.

use super::Context;
use super::view::{Listing, View};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pattern::{Alphabet, Budget, Forbidden, Language, is_included};
use crate::policy::{Rule, Test};
use crate::source::{Span, Spanned};
use mcp_guard_engine::glob::Glob;
use std::collections::BTreeMap;

pub(super) fn check(context: &Context<'_>, budget: &mut Budget, found: &mut Diagnostics) {
    for (views, denies) in [(&context.allow, false), (&context.deny, true)] {
        for view in views {
            check_plain_lists(view.rule, found);
            check_names(own(&view.tools), budget, found);
            check_names(own(&view.prompts), budget, found);
            check_resources(view, denies, budget, found);
        }
    }
    for group in context.policy.tool_groups.values() {
        if group.name.file != context.policy.file {
            continue;
        }
        let globs = group.value.tools.iter().filter_map(|written| {
            let glob = Glob::name(&written.value).ok()?;
            Some((written, glob))
        });
        let globs: Vec<_> = globs.collect();
        check_names(
            globs.iter().map(|(written, glob)| (*written, glob)),
            budget,
            found,
        );
    }
}

/// What a rule lists itself. What a group holds is for all rules that use it.
fn own<'v, 'p>(
    listings: &'v [Listing<'p>],
) -> impl Iterator<Item = (&'p Spanned<String>, &'v Glob)> {
    listings
        .iter()
        .filter(|listing| listing.group.is_none())
        .map(|listing| (listing.written, &listing.glob))
}

fn check_plain_lists(rule: &Rule, found: &mut Diagnostics) {
    for list in [&rule.callers, &rule.tool_groups, &rule.methods] {
        check_equal(
            list.iter().map(|entry| (entry.value.clone(), entry.span)),
            found,
        );
    }
    let requests = rule.server_requests.iter();
    check_equal(
        requests.map(|entry| (format!("{:?}", entry.value).to_lowercase(), entry.span)),
        found,
    );
    for argument in &rule.arguments {
        if let Test::OneOf(values) = &argument.test {
            let values = values.iter();
            check_equal(
                values.map(|entry| (super::arguments::written(&entry.value), entry.span)),
                found,
            );
        }
    }
}

fn check_equal(entries: impl Iterator<Item = (String, Span)>, found: &mut Diagnostics) {
    let mut first = BTreeMap::new();
    for (text, span) in entries {
        match first.get(&text) {
            Some(first) => found.push(twice(&text, span, *first)),
            None => {
                first.insert(text, span);
            }
        }
    }
}

fn check_names<'v>(
    entries: impl Iterator<Item = (&'v Spanned<String>, &'v Glob)>,
    budget: &mut Budget,
    found: &mut Diagnostics,
) {
    let mut exact: BTreeMap<&str, Span> = BTreeMap::new();
    let mut names = Vec::new();
    let mut globs: Vec<(&Spanned<String>, &Glob)> = Vec::new();
    for (written, glob) in entries {
        let Some(name) = glob.exact_text() else {
            globs.push((written, glob));
            continue;
        };
        match exact.get(name) {
            Some(first) => found.push(twice(&written.value, written.span, *first)),
            None => {
                exact.insert(name, written.span);
                names.push((written, name));
            }
        }
    }
    for (written, name) in names {
        let mut wider = globs.iter();
        if let Some((wide, _)) = wider.find(|(_, glob)| budget.take(1) && glob.matches(name)) {
            found.push(covered(written, wide));
        }
    }
    check_included(&globs, Glob::clone, Glob::clone, budget, found);
}

fn check_resources(view: &View<'_>, denies: bool, budget: &mut Budget, found: &mut Diagnostics) {
    let patterns: Vec<_> = view
        .resources
        .iter()
        .map(|resource| (resource.written, &resource.pattern))
        .collect();
    match denies {
        false => check_included(
            &patterns,
            |pattern| pattern.glob().clone(),
            |pattern| pattern.glob().clone(),
            budget,
            found,
        ),
        // A refusal holds for every spelling of what it lists.
        true => check_included(
            &patterns,
            |pattern| Forbidden::inner(pattern),
            |pattern| Forbidden::outer(pattern),
            budget,
            found,
        ),
    }
}

/// Says of each pattern that another of the list includes it. Of two equal ones, the second is said.
fn check_included<P: Copy, A: Language, B: Language>(
    patterns: &[(&Spanned<String>, P)],
    inner: impl Fn(P) -> A,
    outer: impl Fn(P) -> B,
    budget: &mut Budget,
    found: &mut Diagnostics,
) {
    let mut left_out = vec![false; patterns.len()];
    for (place, (written, pattern)) in patterns.iter().enumerate().rev() {
        let wider = patterns.iter().enumerate().find(|(other, (_, wide))| {
            *other != place
                && left_out.get(*other) == Some(&false)
                && budget.take(1)
                && is_included(
                    &inner(*pattern),
                    &[outer(*wide)],
                    Alphabet::Identifier,
                    budget,
                ) == Some(true)
        });
        let Some((_, (wide, _))) = wider else {
            continue;
        };
        if let Some(flag) = left_out.get_mut(place) {
            *flag = true;
        }
        found.push(match wide.value == written.value {
            true => twice(&written.value, written.span, wide.span),
            false => covered(written, wide),
        });
    }
}

fn twice(text: &str, span: Span, first: Span) -> Diagnostic {
    let message = format!("`{text}` stands twice in the list");
    Diagnostic::new(Code::RepeatedEntry, span, message)
        .label("again")
        .also(first, "first here")
        .help("remove one of them")
}

fn covered(entry: &Spanned<String>, wider: &Spanned<String>) -> Diagnostic {
    let message = format!("`{}` is covered by `{}`", entry.value, wider.value);
    Diagnostic::new(Code::RepeatedEntry, entry.span, message)
        .label("says nothing new")
        .also(wider.span, "covers it")
        .help("remove the narrower one, or the wider one if it was not meant")
}
