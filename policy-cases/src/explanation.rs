//! Why a decision came out as it did: every rule, and what kept it from deciding.

use crate::notes::{Message, Verdict};
use mcp_guard_engine::decision::{Reason, Weight};
use mcp_guard_engine::policy::format::Approval;
use mcp_guard_engine::policy::{Effect, Policy, RuleIndex};

/// The decision about one message, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Why, in one word.
    pub reason: Reason,
    /// The rule that decided, where one did.
    pub rule: Option<RuleName>,
    /// Whether a human is asked.
    pub approval: Approval,
    /// Every rule of the policy, those that deny first.
    pub rules: Vec<(RuleName, Part)>,
}

/// A rule, as its policy knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleName {
    /// Whether it grants or refuses.
    pub effect: Effect,
    /// Its author's name for it.
    pub id: String,
}

/// The part that a rule played in a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// It decided.
    Decides,
    /// It grants, too.
    Grants,
    /// A rule that denies came first.
    Beaten {
        /// That rule.
        by: RuleName,
    },
    /// These of its conditions on arguments are not met, by their places.
    Unmet {
        /// Places of the conditions in the rule.
        conditions: Vec<usize>,
    },
    /// It grants nothing, as arguments are of another type than these of its conditions compare with;
    /// but its level counts.
    Level {
        /// The level.
        level: Approval,
        /// Places of the conditions in the rule.
        conditions: Vec<usize>,
    },
    /// This one of its conditions cannot be judged, so the call is refused.
    Unjudgeable {
        /// Its place in the rule.
        condition: usize,
    },
    /// It holds for other callers.
    Callers,
    /// It is only recorded.
    DryRun,
    /// It does not list what is asked for.
    NotListed,
}

impl Explanation {
    /// What `message` says about the rules of `policy`. None: nothing was decided.
    #[must_use]
    pub fn of(policy: &Policy, message: &Message) -> Option<Self> {
        let verdict = message.verdict?;
        let rules = policy.rules().filter_map(|(index, _)| {
            Some((
                RuleName::of(policy, index)?,
                part(policy, message, verdict, index),
            ))
        });
        Some(Self {
            reason: verdict.reason,
            rule: verdict.rule.and_then(|index| RuleName::of(policy, index)),
            approval: verdict.approval,
            rules: rules.collect(),
        })
    }

    /// Whether the message passes.
    #[must_use]
    pub fn is_permit(&self) -> bool {
        self.reason == Reason::Allowed
    }
}

impl RuleName {
    /// The name of the rule at that place.
    #[must_use]
    pub fn of(policy: &Policy, index: RuleIndex) -> Option<Self> {
        let rule = policy.rule(index)?;
        Some(Self {
            effect: rule.effect,
            id: rule.id.clone(),
        })
    }

    /// `allow.read-code`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}.{}", self.effect.label(), self.id)
    }
}

impl Part {
    /// Whether the rule fitted, and so was touched.
    #[must_use]
    pub fn is_touched(&self) -> bool {
        matches!(self, Self::Decides | Self::Grants)
    }

    /// A rule that grants nothing, whose level may count all the same.
    fn with(self, level: Option<Approval>) -> Self {
        match (self, level) {
            (Self::Unmet { conditions }, Some(level)) if level != Approval::None => {
                Self::Level { level, conditions }
            }
            (part, _) => part,
        }
    }

    /// Whether the rule lists what was asked for, and something else kept it from deciding.
    #[must_use]
    pub fn is_near(&self) -> bool {
        !matches!(self, Self::Decides | Self::NotListed)
    }
}

/// A rule may have been weighed for several questions: the one where it went furthest counts.
fn part(policy: &Policy, message: &Message, verdict: Verdict, rule: RuleIndex) -> Part {
    let weights = || {
        let weighed = message.weighed.iter();
        weighed
            .filter(|(index, _)| *index == rule)
            .map(|(_, weight)| *weight)
    };
    let has = |wanted: Weight| weights().any(|weight| weight == wanted);
    if verdict.rule == Some(rule) {
        return unmet(weights())
            .filter(|_| !has(Weight::Grants))
            .unwrap_or(Part::Decides);
    }
    if has(Weight::Refuses) || has(Weight::Grants) {
        return Part::Grants;
    }
    let unjudgeable = weights().find_map(|weight| match weight {
        Weight::Unjudgeable { condition } => Some(Part::Unjudgeable { condition }),
        _ => None,
    });
    // Where the call is refused anyhow, no human is asked, and no level counts.
    let level = weights().find_map(|weight| match weight {
        Weight::Level(level) => Some(level).filter(|_| verdict.approval != Approval::None),
        _ => None,
    });
    let kept = unmet(weights()).map(|part| part.with(level));
    unjudgeable
        .or(kept)
        .unwrap_or_else(|| match (has(Weight::Callers), has(Weight::DryRun)) {
            (true, _) => Part::Callers,
            (_, true) => Part::DryRun,
            _ if has(Weight::Listed) => beaten(policy, message),
            _ => Part::NotListed,
        })
}

fn unmet(weights: impl Iterator<Item = Weight>) -> Option<Part> {
    let conditions: Vec<usize> = weights
        .filter_map(|weight| match weight {
            Weight::Unmet { condition } => Some(condition),
            _ => None,
        })
        .collect();
    (!conditions.is_empty()).then_some(Part::Unmet { conditions })
}

/// Listed and not weighed: a rule that refuses came first. (A fault ends the weighing, too.)
fn beaten(policy: &Policy, message: &Message) -> Part {
    let ends = |(index, weight): &(RuleIndex, Weight)| match weight {
        Weight::Refuses | Weight::Unjudgeable { .. } => Some(*index),
        _ => None,
    };
    let by = message.weighed.iter().find_map(ends);
    let by = by.and_then(|index| RuleName::of(policy, index));
    by.map_or(Part::NotListed, |by| Part::Beaten { by })
}
