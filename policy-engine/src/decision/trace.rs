//! An observer of a decision, for those who explain it.
//!
//! INVARIANT: an observer is told what the deciding code does, where it does it. Nothing is weighed
//! for the observer's sake, so an explanation cannot differ from the decision.

use super::Decision;
use crate::policy::RuleIndex;
use crate::policy::format::{Approval, ServerRequestKind};
use core::fmt::Debug;
#[cfg(not(feature = "trace"))]
use core::marker::PhantomData;

/// Sees how a decision comes about.
pub trait Trace: Debug {
    /// The rules that list something are about to be weighed. `dry_run`: those that are only
    /// recorded count.
    fn asks(&self, question: Question<'_>, dry_run: bool);

    /// What became of a rule that lists it. A rule that is not heard of does not list it.
    fn weighs(&self, rule: RuleIndex, weight: Weight);

    /// The decision about a message.
    fn decides(&self, decision: &Decision, dry_run: bool);
}

/// Who watches, if anybody does. Without the feature `trace` nobody can: the filter is built so, and
/// pays nothing. (A type parameter did cost it a kilobyte.)
#[derive(Clone, Copy, Debug)]
pub struct Watch<'t> {
    #[cfg(feature = "trace")]
    by: Option<&'t (dyn Trace + 't)>,
    #[cfg(not(feature = "trace"))]
    by: PhantomData<&'t ()>,
}

impl<'t> Watch<'t> {
    /// Nobody watches.
    #[inline]
    #[must_use]
    pub fn silent() -> Self {
        Self {
            by: Default::default(),
        }
    }

    /// `trace` watches.
    #[cfg(feature = "trace")]
    #[must_use]
    pub fn by(trace: &'t (dyn Trace + 't)) -> Self {
        Self { by: Some(trace) }
    }

    #[inline]
    pub(super) fn asks(self, question: Question<'_>, dry_run: bool) {
        self.tell(|trace| trace.asks(question, dry_run));
    }

    #[inline]
    pub(super) fn weighs(self, rule: RuleIndex, weight: Weight) {
        self.tell(|trace| trace.weighs(rule, weight));
    }

    #[inline]
    pub(super) fn decides(self, decision: &Decision, dry_run: bool) {
        self.tell(|trace| trace.decides(decision, dry_run));
    }

    #[cfg(feature = "trace")]
    fn tell(self, what: impl FnOnce(&dyn Trace)) {
        if let Some(trace) = self.by {
            what(trace);
        }
    }

    #[cfg(not(feature = "trace"))]
    #[inline]
    fn tell(self, _: impl FnOnce(&dyn Trace)) {
        let _ = self.by;
    }
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
    /// Its level counts, also where it does not grant: arguments of another type lead round none.
    Level(Approval),
    /// It has conditions on arguments, and no call is at hand to hold them against.
    Conditional,
}
