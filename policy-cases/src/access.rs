//! Who may call what: every caller beside every tool that a policy names.

use crate::engine::peer;
use crate::explanation::RuleName;
use crate::setting::Setting;
use mcp_guard_engine::decision::{Decision, Question, Ruling, Trace, Weight};
use mcp_guard_engine::glob::Glob;
use mcp_guard_engine::policy::format::{Approval, PolicySpec};
use mcp_guard_engine::policy::{Policy, RuleIndex};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What one caller may do with one tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The caller, as the policy calls it; none: whoever calls.
    pub caller: Option<String>,
    /// Name of the tool, or a glob.
    pub tool: String,
    /// Whether a human is asked; none: it may not be called.
    pub approval: Option<Approval>,
    /// The rules that fit, in the order in which they are weighed.
    pub rules: Vec<RuleName>,
    /// Whether a rule makes it depend on the arguments.
    pub conditional: bool,
}

/// Every name and glob of a tool in `spec`, in order.
#[must_use]
pub fn tools(spec: &PolicySpec) -> Vec<String> {
    let rules = spec.allow.values().chain(spec.deny.values());
    let tools: BTreeSet<&String> = rules.flat_map(|rule| &rule.tools).collect();
    tools.into_iter().cloned().collect()
}

/// What the callers of `setting` may do with `tools`. A glob stands for a name that fits it, and no
/// other pattern but by chance.
#[must_use]
pub fn table(policy: &Policy, setting: &Setting, tools: &[String]) -> Vec<Access> {
    let callers = setting.callers.iter();
    let mut callers: Vec<_> = callers
        .map(|(name, identity)| (Some(name.clone()), peer(&identity.caller)))
        .collect();
    if callers.is_empty() {
        callers.push((None, peer(&crate::case::Caller::default())));
    }
    let cells = tools.iter().flat_map(|tool| {
        let cell = |(name, peer): &(Option<String>, _)| {
            access(policy, name.clone(), &policy.callers_of(peer), tool)
        };
        callers.iter().map(cell).collect::<Vec<_>>()
    });
    cells.collect()
}

fn access(
    policy: &Policy,
    caller: Option<String>,
    callers: &mcp_guard_engine::policy::Callers,
    tool: &str,
) -> Access {
    let seen = Seen::default();
    let ruling = Ruling {
        policy,
        callers,
        dry_run: false,
        trace: &seen,
    };
    let approval = ruling.shows_tool(&sample(tool));
    let weighed = seen.0.into_inner();
    let fits = |weight: &Weight| matches!(weight, Weight::Grants | Weight::Refuses);
    let rules = weighed.iter().filter(|(_, weight)| fits(weight));
    Access {
        caller,
        tool: tool.to_owned(),
        approval,
        rules: rules
            .filter_map(|(index, _)| RuleName::of(policy, *index))
            .collect(),
        conditional: is_conditional(&weighed),
    }
}

/// A refusal with conditions always makes the arguments matter; a grant only if none is without.
fn is_conditional(weighed: &[(RuleIndex, Weight)]) -> bool {
    let has = |rule: RuleIndex, wanted: Weight| weighed.contains(&(rule, wanted));
    let conditional = |rule| has(rule, Weight::Conditional);
    let granting = || {
        weighed
            .iter()
            .filter(|(_, weight)| *weight == Weight::Grants)
    };
    let refusing = weighed
        .iter()
        .any(|(rule, weight)| *weight == Weight::Conditional && !has(*rule, Weight::Grants));
    refusing || (granting().count() > 0 && granting().all(|(rule, _)| conditional(*rule)))
}

/// A name that fits the pattern: mostly the pattern itself, as `*` and `?` stand for themselves, too.
fn sample(pattern: &str) -> String {
    let fits = |name: &str| Glob::name(pattern).is_ok_and(|glob| glob.matches(name));
    if fits(pattern) {
        return pattern.to_owned();
    }
    let unescaped = pattern.replace('\\', "");
    match fits(&unescaped) {
        true => unescaped,
        false => one_of_each_class(pattern),
    }
}

/// The first character of each class in its place: `[ab]c` becomes `ac`.
fn one_of_each_class(pattern: &str) -> String {
    let mut name = String::new();
    let mut rest = pattern;
    while let Some((before, class)) = rest.split_once('[') {
        name.push_str(before);
        name.extend(class.chars().next());
        rest = class.split_once(']').map_or("", |(_, rest)| rest);
    }
    name.push_str(rest);
    name
}

#[derive(Debug, Default)]
struct Seen(RefCell<Vec<(RuleIndex, Weight)>>);

impl Trace for &Seen {
    fn asks(self, _: Question<'_>, _: bool) {}

    fn weighs(self, rule: RuleIndex, weight: Weight) {
        self.0.borrow_mut().push((rule, weight));
    }

    fn decides(self, _: &Decision, _: bool) {}
}
