//! Rules with their patterns compiled, and their tool groups opened.

use crate::diagnostic::{Code, Diagnostic};
use crate::policy::{Named, Policy, Rule};
use crate::source::{Span, Spanned};
use mcp_guard_engine::glob::Glob;
use mcp_guard_engine::uri::ResourcePattern;

/// A rule.
pub(crate) struct View<'p> {
    pub(crate) id: &'p str,
    /// Where its id stands.
    pub(crate) name: Span,
    pub(crate) rule: &'p Rule,
    /// Its own tools and those of its groups.
    pub(crate) tools: Vec<Listing<'p>>,
    pub(crate) prompts: Vec<Listing<'p>>,
    pub(crate) resources: Vec<Resource<'p>>,
}

/// A name or glob in a list.
pub(crate) struct Listing<'p> {
    pub(crate) written: &'p Spanned<String>,
    /// The mention of the group that it stands in.
    pub(crate) group: Option<&'p Spanned<String>>,
    pub(crate) glob: Glob,
}

/// A URI or URI glob in a list.
pub(crate) struct Resource<'p> {
    pub(crate) written: &'p Spanned<String>,
    pub(crate) pattern: ResourcePattern,
}

/// The rules under one key. Patterns that are broken have been said, and are left out.
pub(crate) fn all<'p>(policy: &'p Policy, rules: &'p Named<Rule>) -> Vec<View<'p>> {
    let views = rules.iter().map(|(id, entry)| View {
        id,
        name: entry.name,
        rule: &entry.value,
        tools: tools(policy, &entry.value),
        prompts: listings(&entry.value.prompts, None).collect(),
        resources: resources(&entry.value),
    });
    views.collect()
}

impl View<'_> {
    /// Whether the rule holds for whomever the other holds for.
    pub(crate) fn holds_for_all_of(&self, other: &Self, policy: &Policy) -> bool {
        let own = &self.rule.callers;
        let names = |name: &str| own.iter().any(|caller| caller.value == name);
        match other.rule.callers.is_empty() {
            _ if own.is_empty() => true,
            true => !policy.callers.is_empty() && policy.callers.keys().all(|name| names(name)),
            false => other.rule.callers.iter().all(|caller| names(&caller.value)),
        }
    }
}

impl Listing<'_> {
    /// A finding about this entry of a rule: at the entry, or where the rule names its group.
    pub(crate) fn diagnose(&self, code: Code, message: String, label: &str) -> Diagnostic {
        match self.group {
            None => Diagnostic::new(code, self.written.span, message).label(label),
            Some(group) => Diagnostic::new(code, group.span, message)
                .label("by this group")
                .also(self.written.span, label),
        }
    }
}

fn tools<'p>(policy: &'p Policy, rule: &'p Rule) -> Vec<Listing<'p>> {
    let groups = rule.tool_groups.iter().filter_map(|mention| {
        let group = policy.tool_groups.get(&mention.value)?;
        Some(listings(&group.value.tools, Some(mention)))
    });
    listings(&rule.tools, None)
        .chain(groups.flatten())
        .collect()
}

fn listings<'p>(
    patterns: &'p [Spanned<String>],
    group: Option<&'p Spanned<String>>,
) -> impl Iterator<Item = Listing<'p>> {
    patterns.iter().filter_map(move |written| {
        Some(Listing {
            written,
            group,
            glob: Glob::name(&written.value).ok()?,
        })
    })
}

fn resources(rule: &Rule) -> Vec<Resource<'_>> {
    let resources = rule.resources.iter().filter_map(|written| {
        Some(Resource {
            written,
            pattern: ResourcePattern::new(&written.value).ok()?,
        })
    });
    resources.collect()
}
