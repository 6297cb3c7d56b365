//! The end of an inspection, step by step: what the engine does not know it asks for.

use super::super::RequestInspection;
use super::super::inspection::{Verdict, verdict};
use super::super::lane::{Lane, Outcome};
use super::held::{Admitted, Facts, Held, refused_plainly};
use crate::decision::Reason;
use crate::json::{Document, JsonFault};
use crate::once::{Claimed, Once};

/// What is needed to go on.
#[derive(Debug)]
pub enum Step {
    /// Nothing: the request is decided.
    Decided(Box<Verdict>),
    /// The time, and what the proxy knows.
    AskFacts(Box<AwaitsFacts>),
    /// Whether an approval was used before.
    AskOnce(Box<AwaitsOnce>),
}

impl Step {
    /// The end for a host that can answer nothing: no call that waits for a human passes.
    #[must_use]
    pub fn unanswered(self) -> Verdict {
        let mut step = self;
        loop {
            step = match step {
                Self::Decided(verdict) => return *verdict,
                Self::AskFacts(awaits) => awaits.resume(None),
                Self::AskOnce(awaits) => awaits.resume(Claimed::Unknown),
            };
        }
    }
}

/// A request that was read, and what each policy makes of it.
#[derive(Debug)]
pub(in crate::request) struct Judged {
    pub(in crate::request) inspection: RequestInspection,
    pub(in crate::request) body: Result<Document, JsonFault>,
    pub(in crate::request) enforced: Option<Outcome>,
    pub(in crate::request) candidate: Option<Outcome>,
}

/// A request with a call that waits for a human.
#[derive(Debug)]
pub struct AwaitsFacts(Judged);

/// A request with a call that passes if its approval was not used before.
#[derive(Debug)]
pub struct AwaitsOnce {
    judged: Judged,
    facts: Facts,
    admitted: Admitted,
}

impl Judged {
    /// The next step: facts are asked for only where a call waits for a human.
    pub(in crate::request) fn step(self) -> Step {
        let awaits = |lane: Option<&Lane>, outcome: &Option<Outcome>| {
            let (Some(lane), Some(outcome)) = (lane, outcome) else {
                return false;
            };
            lane.policy.approvals().is_some() && outcome.may_be_approved()
        };
        let inspection = &self.inspection;
        match awaits(inspection.enforced(), &self.enforced)
            || awaits(inspection.candidate(), &self.candidate)
        {
            true => Step::AskFacts(Box::new(AwaitsFacts(self))),
            false => Step::Decided(Box::new(verdict(self))),
        }
    }

    fn held<'a>(
        &'a self,
        lane: Option<&'a Lane>,
        outcome: Option<&'a Outcome>,
        facts: &'a Facts,
    ) -> Option<Held<'a>> {
        let (lane, outcome) = (lane?, outcome?);
        lane.policy.approvals()?;
        let in_force = self.inspection.enforced().unwrap_or(lane);
        outcome.may_be_approved().then_some(Held {
            lane,
            policy: &in_force.policy.digest,
            head: self.inspection.facts(),
            document: self.body.as_ref().ok()?,
            outcome,
            caller: self.inspection.caller().identity(),
            user: self.inspection.caller().user.as_deref().unwrap_or_default(),
            facts,
        })
    }

    fn enforced<'a>(&'a self, facts: &'a Facts) -> Option<Held<'a>> {
        self.held(self.inspection.enforced(), self.enforced.as_ref(), facts)
    }

    fn candidate<'a>(&'a self, facts: &'a Facts) -> Option<Held<'a>> {
        self.held(self.inspection.candidate(), self.candidate.as_ref(), facts)
    }

    /// The enforced lane's call does not pass, and its client is told without being asked anything.
    fn give_up(mut self, reason: Reason) -> Step {
        let lane = self.inspection.enforced();
        let refused = lane.zip(self.enforced.as_ref()).map(|(lane, outcome)| {
            let head = self.inspection.facts();
            match outcome.may_be_approved() && lane.policy.approvals().is_some() {
                true => Outcome {
                    action: refused_plainly(lane, head, outcome, reason),
                    decision: outcome.decision.clone().because(reason),
                    ..outcome.clone()
                },
                false => outcome.clone(),
            }
        });
        self.enforced = refused;
        Step::Decided(Box::new(verdict(self)))
    }
}

impl AwaitsFacts {
    /// Goes on with the facts; None: the host could not find them out.
    #[must_use]
    pub fn resume(self, facts: Option<Facts>) -> Step {
        let mut judged = self.0;
        let Some(facts) = facts else {
            return judged.give_up(Reason::ApprovalUnavailable);
        };
        // The candidate uses nothing up, so it does not ask whether it was used.
        let candidate = judged.candidate(&facts).map(|held| match held.admitted() {
            Ok(admitted) => held.pass(&admitted),
            Err(reason) => held.refuse(reason),
        });
        let held = judged.enforced(&facts);
        let enforced = held.map(|held| (held.admitted(), held));
        let refused = match &enforced {
            Some((Err(reason), held)) => Some(held.refuse(*reason)),
            _ => None,
        };
        let admitted = enforced.and_then(|(admitted, _)| admitted.ok());
        judged.candidate = candidate.or(judged.candidate);
        match admitted {
            None => judged.enforced = refused.or(judged.enforced),
            Some(admitted) => {
                return Step::AskOnce(Box::new(AwaitsOnce {
                    judged,
                    facts,
                    admitted,
                }));
            }
        }
        Step::Decided(Box::new(verdict(judged)))
    }
}

impl AwaitsOnce {
    /// What must not have been used before.
    #[must_use]
    pub fn once(&self) -> &Once {
        &self.admitted.once
    }

    /// Goes on with what the host's memory says.
    #[must_use]
    pub fn resume(self, claimed: Claimed) -> Step {
        let Self {
            mut judged,
            facts,
            admitted,
        } = self;
        let outcome = judged.enforced(&facts).map(|held| match claimed {
            Claimed::First => held.pass(&admitted),
            Claimed::Again => held.refuse(Reason::ApprovalReplayed),
            Claimed::Unknown => held.refuse(Reason::ApprovalUnavailable),
        });
        judged.enforced = outcome.or(judged.enforced);
        Step::Decided(Box::new(verdict(judged)))
    }
}
