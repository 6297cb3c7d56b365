//! Decisions: from a policy, a caller and a message to [`Decision`].
//!
//! One path for the filter, the command line, the tests and the fuzzers. Whatever is not granted
//! here is refused.

pub mod approval;
mod ask;
mod client;
mod reason;
mod ruling;
mod server;
mod target;
mod trace;

pub use ask::Ask;
pub use client::{Context, decide};
pub use reason::Reason;
pub use ruling::Ruling;
pub use target::Target;
pub use trace::{Question, Trace, Watch, Weight};

use crate::policy::RuleIndex;
use crate::policy::format::Approval;

/// What becomes of a message. Nothing passes without one that permits, and only this module makes
/// those; anyone can make one that refuses, from its [`Reason`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Why it does not pass.
    refused: Option<Reason>,
    rule: Option<RuleIndex>,
    approval: Approval,
}

impl Decision {
    /// A message that no rule governs, and that is harmless.
    fn housekeeping() -> Self {
        Self {
            refused: None,
            rule: None,
            approval: Approval::None,
        }
    }

    /// A request without a message, whose head was judged.
    pub(crate) fn of_head() -> Self {
        Self::housekeeping()
    }

    /// The first refusal among several decisions; without one, the last of them. Nothing was decided
    /// about nothing, so it is refused.
    pub(crate) fn of_all(decisions: impl Iterator<Item = Self>) -> Self {
        let mut last = Self::deny(Reason::InvalidRequest);
        for decision in decisions {
            last = decision;
            if !last.is_permit() {
                break;
            }
        }
        last
    }

    fn permit(rule: RuleIndex, approval: Approval) -> Self {
        Self {
            refused: None,
            rule: Some(rule),
            approval,
        }
    }

    /// A call that waits for a human.
    fn awaits_approval(rule: RuleIndex) -> Self {
        Self {
            approval: Approval::Required,
            ..Self::deny_by(Reason::ApprovalRequired, rule)
        }
    }

    fn deny(reason: Reason) -> Self {
        Self {
            refused: Some(reason),
            rule: None,
            approval: Approval::None,
        }
    }

    fn deny_by(reason: Reason, rule: RuleIndex) -> Self {
        Self {
            rule: Some(rule),
            ..Self::deny(reason)
        }
    }

    /// The same call, let through by a human's approval. What awaits none stays as it is.
    pub(crate) fn admitted(self) -> Self {
        match self.refused {
            Some(Reason::ApprovalRequired) => Self {
                refused: None,
                ..self
            },
            _ => self,
        }
    }

    /// The same call, refused for that reason.
    pub(crate) fn because(self, reason: Reason) -> Self {
        Self {
            refused: Some(reason),
            ..self
        }
    }

    /// Whether the call waits for a human.
    pub(crate) fn is_awaiting(&self) -> bool {
        self.refused == Some(Reason::ApprovalRequired)
    }

    /// Why the message does not pass; None: it passes.
    #[must_use]
    pub fn refused(&self) -> Option<Reason> {
        self.refused
    }

    /// Whether the message passes.
    #[must_use]
    pub fn is_permit(&self) -> bool {
        self.refused.is_none()
    }

    /// Why, in one word.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.refused.unwrap_or(Reason::Allowed)
    }

    /// The rule that decided, where one did.
    #[must_use]
    pub fn rule(&self) -> Option<RuleIndex> {
        self.rule
    }

    /// Whether a human is asked.
    #[must_use]
    pub fn approval(&self) -> Approval {
        self.approval
    }
}

impl From<Reason> for Decision {
    /// A refusal by no rule, whatever the reason.
    fn from(reason: Reason) -> Self {
        Self::deny(reason)
    }
}
