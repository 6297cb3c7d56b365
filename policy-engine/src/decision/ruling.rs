//! The rules that hold, and what they say together.

use super::trace::{Question, Watch, Weight};
use crate::json::Value;
use crate::policy::format::{Approval, ServerRequestKind};
use crate::policy::{ArgumentFault, Callers, Effect, Fit, Policy, Rule, RuleIndex};

/// A policy as it holds for certain callers.
#[derive(Clone, Copy, Debug)]
pub struct Ruling<'p> {
    /// The policy.
    pub policy: &'p Policy,
    /// Who calls.
    pub callers: &'p Callers,
    /// Whether rules that are only recorded count.
    pub dry_run: bool,
    /// Who watches.
    pub trace: Watch<'p>,
}

/// What the rules that list something say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed {
        rule: RuleIndex,
        approval: Approval,
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
    /// A call of a tool with these.
    Given {
        tool: &'d str,
        arguments: Option<Value<'d>>,
    },
    /// No call, but the question whether any call of the tool could pass.
    Any { tool: &'d str },
    /// No tool, so that conditions on arguments say nothing.
    None,
}

impl<'d> Arguments<'d> {
    /// The tool that is called; empty where none is.
    fn tool(self) -> &'d str {
        match self {
            Self::Given { tool, .. } | Self::Any { tool } => tool,
            Self::None => "",
        }
    }
}

impl Ruling<'_> {
    /// Tells who watches what the rules are asked.
    #[inline]
    pub(super) fn asks(&self, question: Question<'_>) {
        self.trace.asks(question, self.dry_run);
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

    /// The rules by effect and id, each once.
    fn sorted(self, listed: impl Iterator<Item = RuleIndex>) -> Vec<RuleIndex> {
        let mut indexes: Vec<RuleIndex> = Vec::new();
        for index in listed {
            if let Err(place) = indexes.binary_search(&index) {
                self.trace.weighs(index, Weight::Listed);
                indexes.insert(place, index);
            }
        }
        indexes
    }

    /// Deny wins over allow, and order never matters: the rules come sorted by effect and id.
    pub(super) fn on(
        self,
        listed: impl Iterator<Item = RuleIndex>,
        arguments: Arguments<'_>,
    ) -> Result<Verdict, ArgumentFault> {
        let mut verdict = Verdict::NotListed;
        let mut strictest = Approval::None;
        for index in self.sorted(listed) {
            let rule = self.policy.rule(index);
            let Some(rule) = rule.filter(|rule| self.holds(index, rule)) else {
                continue;
            };
            let fit = fit(self.trace, index, rule, arguments)?;
            match (rule.effect, fit) {
                (Effect::Deny, Fit::Met | Fit::OtherType) => {
                    self.trace.weighs(index, Weight::Refuses);
                    return Ok(Verdict::Denied { rule: index });
                }
                (Effect::Deny, Fit::Unmet) => {}
                (Effect::Allow, fit) => {
                    if fit == Fit::Met {
                        self.trace.weighs(index, Weight::Grants);
                    }
                    // A level is a refusal until a human says otherwise: quotes do not evade it.
                    if fit != Fit::Unmet {
                        let level = rule.level(arguments.tool());
                        self.trace.weighs(index, Weight::Level(level));
                        strictest = strictest.max(level);
                    }
                    verdict = verdict.or_allowed(index, fit == Fit::Met);
                }
            }
        }
        if let Verdict::Allowed { approval, .. } = &mut verdict {
            *approval = strictest;
        }
        Ok(verdict)
    }

    /// What a list shows of a tool: None hides it.
    #[must_use]
    pub fn shows_tool(self, name: &str) -> Option<Approval> {
        self.asks(Question::Listing(name));
        let any = Arguments::Any { tool: name };
        match self.on(self.policy.tools().rules(name), any) {
            Ok(Verdict::Allowed { approval, .. }) => Some(approval),
            _ => None,
        }
    }

    /// Whether a list shows a prompt.
    #[must_use]
    pub fn shows_prompt(self, name: &str) -> bool {
        self.asks(Question::Prompt(name));
        self.grants(self.policy.prompts().rules(name))
    }

    /// Whether the rules that list something grant it.
    pub(super) fn grants(self, listed: impl Iterator<Item = RuleIndex>) -> bool {
        matches!(
            self.on(listed, Arguments::None),
            Ok(Verdict::Allowed { .. })
        )
    }

    /// What the rules that name a method say about it.
    pub(super) fn on_method(self, name: &str) -> Verdict {
        self.asks(Question::Method(name));
        let listed = self.policy.methods().rules(name);
        // Only arguments can be at fault, and here are none.
        let verdict = self.on(listed, Arguments::None);
        verdict.unwrap_or(Verdict::NotListed)
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
        self.asks(Question::Tasks);
        self.grants_all(|rule| rule.tasks)
    }

    /// Whether the server may ask that of the client.
    #[must_use]
    pub fn permits_server_request(self, kind: ServerRequestKind) -> bool {
        self.asks(Question::ServerRequest(kind));
        self.grants_all(|rule| rule.covers(kind))
    }
}

/// How a call stands to all conditions of a rule. Where any call is meant, those of a grant count as
/// met and those of a refusal as not: the list shows what some call may reach.
fn fit(
    trace: Watch<'_>,
    index: RuleIndex,
    rule: &Rule,
    arguments: Arguments<'_>,
) -> Result<Fit, ArgumentFault> {
    let arguments = match arguments {
        Arguments::Given { arguments, .. } => arguments,
        Arguments::Any { .. } => {
            if rule.conditions.is_empty() {
                return Ok(Fit::Met);
            }
            trace.weighs(index, Weight::Conditional);
            return Ok(match rule.effect {
                Effect::Allow => Fit::Met,
                Effect::Deny => Fit::Unmet,
            });
        }
        Arguments::None => return Ok(Fit::Met),
    };
    let mut all = Fit::Met;
    // Every condition is read, so that a fault never hides behind another's failure.
    for (condition, test) in rule.conditions.iter().enumerate() {
        let fit = test.fit(arguments);
        match (fit, rule.effect) {
            (Ok(Fit::Unmet), _) | (Ok(Fit::OtherType), Effect::Allow) => {
                trace.weighs(index, Weight::Unmet { condition });
            }
            (Ok(_), _) => {}
            (Err(_), _) => trace.weighs(index, Weight::Unjudgeable { condition }),
        }
        all = all.min(fit?);
    }
    Ok(all)
}

impl Verdict {
    /// Adds a grant: the first one that is met names the decision.
    fn or_allowed(self, index: RuleIndex, met: bool) -> Self {
        match (self, met) {
            (Self::NotListed, false) => Self::ArgumentsRefused { rule: index },
            (Self::NotListed | Self::ArgumentsRefused { .. }, true) => Self::Allowed {
                rule: index,
                approval: Approval::None,
            },
            (verdict, _) => verdict,
        }
    }
}
