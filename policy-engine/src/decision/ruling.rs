//! The rules that hold, and what they say together.

use super::approval;
use super::trace::{Question, Silent, Trace, Weight};
use crate::json::Value;
use crate::policy::format::{Approval, ServerRequestKind};
use crate::policy::{ArgumentFault, Callers, Effect, Policy, Rule, RuleIndex};

/// A policy as it holds for certain callers.
#[derive(Clone, Copy, Debug)]
pub struct Ruling<'p, T = Silent> {
    /// The policy.
    pub policy: &'p Policy,
    /// Who calls.
    pub callers: &'p Callers,
    /// Whether rules that are only recorded count.
    pub dry_run: bool,
    /// Who watches.
    pub trace: T,
}

/// What the rules that list something say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed {
        rule: RuleIndex,
        approval: Option<Approval>,
    },
    Denied {
        rule: RuleIndex,
    },
    /// Granted, but not with these arguments.
    ArgumentsRefused {
        rule: RuleIndex,
    },
    NotListed,
}

/// The arguments of a call, for rules that have conditions on them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arguments<'d> {
    /// A call with these.
    Given(Option<Value<'d>>),
    /// No call, but the question whether any call of the tool could pass.
    Any,
    /// No tool, so that conditions on arguments say nothing.
    None,
}

impl<T: Trace> Ruling<'_, T> {
    /// Tells who watches what the rules are asked.
    #[inline]
    pub(super) fn asking(self, question: Question<'_>) -> Self {
        self.trace.asks(question, self.dry_run);
        self
    }

    fn holds(self, index: RuleIndex, rule: &Rule) -> bool {
        let acts = self.dry_run || !rule.dry_run;
        let holds = acts && rule.holds_for(self.callers);
        match (acts, holds) {
            (_, true) => {}
            (true, false) => self.trace.weighs(index, Weight::Callers),
            (false, false) => self.trace.weighs(index, Weight::DryRun),
        }
        holds
    }

    /// Deny wins over allow, and order never matters: the rules come sorted by effect and id.
    pub(super) fn on(
        self,
        listed: impl Iterator<Item = RuleIndex>,
        arguments: Arguments<'_>,
    ) -> Result<Verdict, ArgumentFault> {
        let mut indexes: Vec<RuleIndex> = Vec::new();
        for index in listed {
            if let Err(place) = indexes.binary_search(&index) {
                self.trace.weighs(index, Weight::Listed);
                indexes.insert(place, index);
            }
        }
        let mut verdict = Verdict::NotListed;
        for index in indexes {
            let rule = self.policy.rule(index);
            let Some(rule) = rule.filter(|rule| self.holds(index, rule)) else {
                continue;
            };
            let met = meets(self.trace, index, rule, arguments)?;
            match rule.effect {
                Effect::Deny if met => {
                    self.trace.weighs(index, Weight::Refuses);
                    return Ok(Verdict::Denied { rule: index });
                }
                Effect::Deny => {}
                Effect::Allow => {
                    if met {
                        self.trace.weighs(index, Weight::Grants);
                    }
                    verdict = verdict.or_allowed(index, rule, met);
                }
            }
        }
        Ok(verdict)
    }

    /// What a list shows of a tool: None hides it.
    #[must_use]
    pub fn shows_tool(self, name: &str) -> Option<Approval> {
        let asking = self.asking(Question::Listing(name));
        match asking.on(self.policy.tools().rules(name), Arguments::Any) {
            Ok(Verdict::Allowed { approval, .. }) => {
                Some(approval.unwrap_or_else(|| approval::default_for(name)))
            }
            _ => None,
        }
    }

    /// Whether a list shows a prompt.
    #[must_use]
    pub fn shows_prompt(self, name: &str) -> bool {
        self.asking(Question::Prompt(name))
            .grants(self.policy.prompts().rules(name))
    }

    /// Whether the rules that list something grant it.
    pub(super) fn grants(self, listed: impl Iterator<Item = RuleIndex>) -> bool {
        matches!(
            self.on(listed, Arguments::None),
            Ok(Verdict::Allowed { .. })
        )
    }

    /// Whether a rule grants a method by its name.
    pub(super) fn permits_method(self, name: &str) -> bool {
        self.asking(Question::Method(name))
            .grants(self.policy.methods().rules(name))
    }

    /// Whether a rule denies a method by its name.
    pub(super) fn denies_method(self, name: &str) -> bool {
        let listed = self.policy.methods().rules(name);
        let verdict = self
            .asking(Question::Method(name))
            .on(listed, Arguments::None);
        matches!(verdict, Ok(Verdict::Denied { .. }))
    }

    /// Whether the rules with some property grant it.
    fn grants_all(self, has: impl Fn(&Rule) -> bool) -> bool {
        let listed = self
            .policy
            .rules()
            .filter(|(_, rule)| has(rule))
            .map(|(index, _)| index);
        self.grants(listed)
    }

    /// Whether tasks are permitted.
    #[must_use]
    pub fn permits_tasks(self) -> bool {
        self.asking(Question::Tasks).grants_all(|rule| rule.tasks)
    }

    /// Whether the server may ask that of the client.
    #[must_use]
    pub fn permits_server_request(self, kind: ServerRequestKind) -> bool {
        let asking = self.asking(Question::ServerRequest(kind));
        asking.grants_all(|rule| rule.covers(kind))
    }
}

/// Whether all conditions of a rule are met. Where any call is meant, those of a grant count as met
/// and those of a refusal as not: the list shows what some call may reach.
fn meets(
    trace: impl Trace,
    index: RuleIndex,
    rule: &Rule,
    arguments: Arguments<'_>,
) -> Result<bool, ArgumentFault> {
    let arguments = match arguments {
        Arguments::Given(arguments) => arguments,
        Arguments::Any => {
            if !rule.conditions.is_empty() {
                trace.weighs(index, Weight::Conditional);
            }
            return Ok(rule.effect == Effect::Allow || rule.conditions.is_empty());
        }
        Arguments::None => return Ok(true),
    };
    let mut met = true;
    // Every condition is read, so that a fault never hides behind another's failure.
    for (condition, test) in rule.conditions.iter().enumerate() {
        let holds = test.holds(arguments, rule.effect);
        match holds {
            Ok(true) => {}
            Ok(false) => trace.weighs(index, Weight::Unmet { condition }),
            Err(_) => trace.weighs(index, Weight::Unjudgeable { condition }),
        }
        met &= holds?;
    }
    Ok(met)
}

impl Verdict {
    /// Adds a grant: the first one that is met names the decision, the strictest level counts.
    fn or_allowed(self, index: RuleIndex, rule: &Rule, met: bool) -> Self {
        match (self, met) {
            (Self::NotListed, false) => Self::ArgumentsRefused { rule: index },
            (Self::NotListed | Self::ArgumentsRefused { .. }, true) => Self::Allowed {
                rule: index,
                approval: rule.approval,
            },
            (
                Self::Allowed {
                    rule: first,
                    approval,
                },
                true,
            ) => Self::Allowed {
                rule: first,
                approval: approval.max(rule.approval),
            },
            (verdict, _) => verdict,
        }
    }
}
