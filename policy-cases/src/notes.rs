//! What was seen of a decision.

use mcp_guard_engine::decision::{Decision, Question, Reason, Trace, Weight};
use mcp_guard_engine::policy::RuleIndex;
use mcp_guard_engine::policy::format::Approval;
use std::cell::RefCell;

/// Writes down what the engine does while it decides.
#[derive(Debug, Default)]
pub struct Notes {
    open: RefCell<Message>,
    closed: RefCell<Vec<Message>>,
}

/// What was seen of the decision about one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Every rule that listed what was asked for, as often as it was weighed.
    pub weighed: Vec<(RuleIndex, Weight)>,
    /// What came of it.
    pub verdict: Option<Verdict>,
    /// Whether rules that are only recorded counted.
    pub dry_run: bool,
    /// Whether the question of the moment only tells what a list shows.
    aside: bool,
}

/// A decision, without what only the engine may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Why.
    pub reason: Reason,
    /// The rule that decided.
    pub rule: Option<RuleIndex>,
    /// Whether a human is asked.
    pub approval: Approval,
}

impl Notes {
    /// Every message that was decided, in order; each once more if there are rules in dry run.
    #[must_use]
    pub fn into_messages(self) -> Vec<Message> {
        self.closed.into_inner()
    }
}

impl Trace for &Notes {
    fn asks(self, question: Question<'_>, _: bool) {
        // What a list shows only chooses the words of a refusal.
        self.open.borrow_mut().aside = matches!(question, Question::Listing(_));
    }

    fn weighs(self, rule: RuleIndex, weight: Weight) {
        let mut open = self.open.borrow_mut();
        if !open.aside {
            open.weighed.push((rule, weight));
        }
    }

    fn decides(self, decision: &Decision, dry_run: bool) {
        let mut message = self.open.take();
        message.dry_run = dry_run;
        message.verdict = Some(Verdict {
            reason: decision.reason(),
            rule: decision.rule(),
            approval: decision.approval(),
        });
        self.closed.borrow_mut().push(message);
    }
}
