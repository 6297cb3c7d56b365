//! An observer of a decision, for those who explain it.
//!
//! INVARIANT: an observer is told what the deciding code does, where it does it. Nothing is weighed
//! for the observer's sake, so an explanation cannot differ from the decision.

use super::Decision;
use crate::policy::RuleIndex;
use crate::policy::format::ServerRequestKind;
use core::fmt::Debug;

/// Sees how a decision comes about.
pub trait Trace: Copy + Debug {
    /// The rules that list something are about to be weighed. `dry_run`: those that are only
    /// recorded count.
    fn asks(self, question: Question<'_>, dry_run: bool);

    /// What became of a rule that lists it. A rule that is not heard of does not list it.
    fn weighs(self, rule: RuleIndex, weight: Weight);

    /// The decision about a message.
    fn decides(self, decision: &Decision, dry_run: bool);
}

/// Sees nothing, at no cost.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Trace for Silent {
    #[inline]
    fn asks(self, _: Question<'_>, _: bool) {}
    #[inline]
    fn weighs(self, _: RuleIndex, _: Weight) {}
    #[inline]
    fn decides(self, _: &Decision, _: bool) {}
}

/// What rules are looked up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question<'a> {
    /// A method, by name.
    Method(&'a str),
    /// A call of a tool.
    Tool(&'a str),
    /// Whether a list shows a tool.
    Listing(&'a str),
    /// A prompt.
    Prompt(&'a str),
    /// A resource, or a template of resources.
    Resource(&'a str),
    /// Tasks.
    Tasks,
    /// Something that the server may ask.
    ServerRequest(ServerRequestKind),
}

/// What became of a rule that lists what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It lists it. A rule of which nothing else is heard was not weighed: one that refuses came
    /// first.
    Listed,
    /// It grants.
    Grants,
    /// It refuses, and nothing else is weighed.
    Refuses,
    /// It is only recorded.
    DryRun,
    /// It does not hold for these callers.
    Callers,
    /// This one of its conditions on arguments is not met.
    Unmet {
        /// Its place among the rule's conditions.
        condition: usize,
    },
    /// This one of its conditions cannot be judged, so the call is refused.
    Unjudgeable {
        /// Its place among the rule's conditions.
        condition: usize,
    },
    /// It has conditions on arguments, and no call is at hand to hold them against.
    Conditional,
}
