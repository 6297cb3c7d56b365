//! Decisions: from a policy, a caller and a message to [`Decision`].
//!
//! One path for the filter, the command line, the tests and the fuzzers. Whatever is not granted
//! here is refused.

pub mod approval;
mod client;
mod reason;
mod ruling;
mod server;
mod target;
mod trace;

pub use client::{Context, decide};
pub use reason::Reason;
pub use ruling::Ruling;
pub use target::Target;
pub use trace::{Question, Silent, Trace, Weight};

use crate::policy::RuleIndex;
use crate::policy::format::Approval;

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It passes.
    Permit(Permit),
    /// It does not.
    Deny(Denial),
}

/// The proof that a message may pass; only this module makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    rule: Option<RuleIndex>,
    approval: Approval,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Why.
    pub reason: Reason,
    /// The rule that refused, where one did.
    pub rule: Option<RuleIndex>,
}

impl Decision {
    /// A message that no rule governs, and that is harmless.
    fn housekeeping() -> Self {
        Self::Permit(Permit {
            rule: None,
            approval: Approval::None,
        })
    }

    /// A request without a message, whose head was judged.
    pub(crate) fn of_head() -> Self {
        Self::housekeeping()
    }

    fn permit(rule: RuleIndex, approval: Approval) -> Self {
        Self::Permit(Permit {
            rule: Some(rule),
            approval,
        })
    }

    fn deny(reason: Reason) -> Self {
        Self::Deny(Denial { reason, rule: None })
    }

    fn deny_by(reason: Reason, rule: RuleIndex) -> Self {
        Self::Deny(Denial {
            reason,
            rule: Some(rule),
        })
    }

    /// Whether the message passes.
    #[must_use]
    pub fn is_permit(&self) -> bool {
        matches!(self, Self::Permit(_))
    }

    /// Why, in one word.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Permit(_) => Reason::Allowed,
            Self::Deny(denial) => denial.reason,
        }
    }

    /// The rule that decided, where one did.
    #[must_use]
    pub fn rule(&self) -> Option<RuleIndex> {
        match self {
            Self::Permit(permit) => permit.rule,
            Self::Deny(denial) => denial.rule,
        }
    }

    /// Whether a human is asked.
    #[must_use]
    pub fn approval(&self) -> Approval {
        match self {
            Self::Permit(permit) => permit.approval,
            Self::Deny(denial) if denial.reason == Reason::ApprovalRequired => Approval::Required,
            Self::Deny(_) => Approval::None,
        }
    }
}

impl From<Reason> for Decision {
    /// A refusal by no rule; [`Reason::Allowed`] stands for nothing that could be built so.
    fn from(reason: Reason) -> Self {
        Self::deny(reason)
    }
}
