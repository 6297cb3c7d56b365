//! A call that waits for a human: whether one has approved it.

use super::super::RequestAction;
use super::super::head::HeadFacts;
use super::super::lane::{Lane, Outcome};
use super::own::{self, Change};
use crate::approval::{Call, Digest, SKEW, Unfit, verify};
use crate::challenge::{CHALLENGE_LIFETIME, Challenge, Form};
use crate::decision::approval::Admission;
use crate::decision::{Reason, Target};
use crate::exchange::Rounds;
use crate::http::Reply;
use crate::json::{Document, Value};
use crate::jsonrpc::Id;
use crate::mcp::{Era, URL_ELICITATION, keys};
use crate::once::Once;
use crate::policy::Approvals;
use crate::policy::format::EndpointKind;
use crate::refusal::{self, Subject};
use crate::state::{Binding, Purpose, State};

/// Seconds within which all rounds of an approved call have to be over.
const ROUNDS_LIFETIME: u64 = 300;

/// What the host knows, and is asked for only where a call waits for a human.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Seconds since 1970.
    pub now: u64,
    /// What all workers of the proxy share.
    pub memory: Memory,
}

/// What a proxy knows from its start on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Since when it remembers which approvals were used, in seconds since 1970.
    pub since: u64,
    /// The key of its states.
    pub secret: crate::state::Secret,
}

impl Memory {
    /// Whether an approval that was issued then would be known if it was used. Its issuer's clock may
    /// have been ahead, so one that was used before the start can name a time after it.
    fn remembers(&self, issued: u64) -> bool {
        issued > self.since.saturating_add(SKEW)
    }
}

/// One lane's call that waits.
pub(super) struct Held<'a> {
    pub(super) lane: &'a Lane,
    pub(super) head: &'a HeadFacts,
    pub(super) document: &'a Document,
    pub(super) outcome: &'a Outcome,
    /// Who calls, as an approval names it.
    pub(super) caller: String,
    pub(super) user: &'a str,
    /// Digest of the policy in force, under which approvals are given: a candidate is not held
    /// against them for having another.
    pub(super) policy: &'a str,
    pub(super) facts: &'a Facts,
}

/// An approval, or the state of a round of an approved call, that holds if it was not used before.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) once: Once,
    admission: Admission,
    binding: Binding,
    /// Rounds that the call had.
    rounds: u32,
    /// When the last of them has to be over.
    expires: u64,
    /// What becomes of the state that came with it: the guard's is the guard's alone, or stands for
    /// the server's own.
    state: Change,
}

impl<'a> Held<'a> {
    fn params(&self) -> Option<Value<'a>> {
        self.document.root().get("params")
    }

    fn digest(&self) -> Result<Digest, Unfit> {
        Digest::of(self.params().and_then(|params| params.get("arguments")))
    }

    fn tool(&self) -> &'a str {
        match &self.outcome.target {
            Target::Tool(name) => name,
            Target::None | Target::Prompt(_) | Target::Resource(_) => "",
        }
    }

    fn binding(&self, arguments: &Digest) -> Binding {
        let policy = &self.lane.policy;
        Binding::of(&[
            self.caller.as_bytes(),
            self.user.as_bytes(),
            policy.server.as_bytes(),
            self.tool().as_bytes(),
            arguments.as_bytes(),
            self.policy.as_bytes(),
        ])
    }

    /// Whether the call was approved. That this is the first use is for the host's memory to say.
    pub(super) fn admitted(&self) -> Result<Admitted, Reason> {
        let approvals = self.lane.policy.approvals();
        let approvals = approvals.ok_or(Reason::ApprovalRequired)?;
        let arguments = self.digest().map_err(|_| Reason::ApprovalUnfit)?;
        let token = own::token(self.head, self.params())?;
        let state = match self.state(&arguments)? {
            // Its approval was used by the first round; one that comes with a later round is not.
            Some(State {
                expires,
                binding,
                purpose:
                    Purpose::Round {
                        number,
                        admission,
                        inner,
                    },
            }) => {
                return Ok(Admitted {
                    once: self.round_once(expires),
                    admission,
                    binding,
                    rounds: number,
                    expires,
                    state: inner.map_or(Change::Drop, Change::With),
                });
            }
            Some(_) => Change::Drop,
            None => Change::Keep,
        };
        // What the user says in this very request beats what was signed before it.
        if own::is_declined(self.params()) {
            return Err(Reason::ApprovalDeclined);
        }
        let token = token.ok_or(Reason::ApprovalRequired)?;
        self.by_token(approvals, &token, &arguments, state)
    }

    fn by_token(
        &self,
        approvals: &Approvals,
        token: &[u8],
        arguments: &Digest,
        state: Change,
    ) -> Result<Admitted, Reason> {
        let call = Call {
            server: &self.lane.policy.server,
            caller: &self.caller,
            user: self.user,
            tool: self.tool(),
            arguments,
            policy: self.policy,
        };
        let now = self.facts.now;
        let approval = verify(token, &approvals.issuers, &call, now).map_err(Reason::Approval)?;
        if !self.facts.memory.remembers(approval.issued) {
            return Err(Reason::ApprovalBeforeStart);
        }
        let parts = [
            b"approval",
            approval.issuer.as_bytes(),
            approval.id.as_bytes(),
        ];
        Ok(Admitted {
            once: Once::new(&parts, approval.expires, now),
            admission: Admission {
                id: approval.id,
                issuer: approval.issuer,
                approver: approval.approver,
            },
            binding: self.binding(arguments),
            rounds: 0,
            expires: now.saturating_add(ROUNDS_LIFETIME),
            state,
        })
    }

    /// A state admits one round, and an answer bears one state: a call is executed no more often than
    /// rounds are permitted.
    fn round_once(&self, expires: u64) -> Once {
        let state = self.params().and_then(|params| params.get("requestState"));
        let text = state.and_then(Value::as_str).unwrap_or_default();
        Once::new(&[b"state", text.as_bytes()], expires, self.facts.now)
    }

    /// What the guard's state says that came with the call. A state of anyone else's has no business
    /// in a call that no approval has let through to the server yet.
    fn state(&self, arguments: &Digest) -> Result<Option<State>, Reason> {
        let Some(state) = self.params().and_then(|params| params.get("requestState")) else {
            return Ok(None);
        };
        let text = state.as_str().ok_or(Reason::ApprovalState)?;
        let state = State::open(&text, &self.facts.memory.secret);
        let state = state.ok_or(Reason::ApprovalState)?;
        let holds = state.binding == self.binding(arguments) && self.facts.now < state.expires;
        match holds {
            true => Ok(Some(state)),
            false => Err(Reason::ApprovalState),
        }
    }

    /// The outcome of a call that passes.
    pub(super) fn pass(&self, admitted: &Admitted) -> Outcome {
        let action = match own::forwarded(self.document, &admitted.state) {
            Ok(action) => action,
            Err(reason) => return self.refuse(reason),
        };
        let outcome = self.outcome.clone();
        Outcome {
            decision: outcome.decision.admitted(),
            action,
            rounds: Some(Rounds {
                secret: self.facts.memory.secret.clone(),
                binding: admitted.binding,
                admission: admitted.admission.clone(),
                id: self.outcome.id.clone(),
                number: admitted.rounds.saturating_add(1),
                expires: admitted.expires,
            }),
            ..outcome
        }
    }

    /// The outcome of a call that does not: its client is told what a human has to approve.
    pub(super) fn refuse(&self, reason: Reason) -> Outcome {
        let outcome = self.outcome.clone();
        let null = Id::null();
        let id = outcome.id.as_ref().unwrap_or(&null);
        let action = match (self.lane.kind(), self.challenge(id, reason)) {
            (EndpointKind::Message, _) | (_, None) => {
                refused_plainly(self.lane, self.head, &outcome, reason)
            }
            (_, Some(reply)) => RequestAction::Reply(reply),
        };
        Outcome {
            decision: outcome.decision.because(reason),
            action,
            ..outcome
        }
    }

    /// The question to a human. None: an approval would not help, or was declined.
    fn challenge(&self, id: &Id, reason: Reason) -> Option<Reply> {
        let policy = &self.lane.policy;
        let approvals = policy.approvals()?;
        let arguments = self.digest().ok()?;
        if reason == Reason::ApprovalDeclined {
            return None;
        }
        let binding = self.binding(&arguments);
        let challenge = Challenge {
            reason,
            disclose: policy.disclose_reason,
            server: &policy.server,
            tool: self.tool(),
            caller: &self.caller,
            user: self.user,
            arguments,
            policy: self.policy,
            max_lifetime: approvals.issuers.max_lifetime(),
            now: self.facts.now,
            url: approvals.url.as_ref(),
        };
        Some(challenge.reply(id, &self.form(binding)))
    }

    fn form(&self, binding: Binding) -> Form {
        let modern = self.outcome.era == Era::Modern;
        if self.head.version.as_deref() == Some(URL_ELICITATION) {
            let now = self.facts.now.to_be_bytes();
            let elicitation = Binding::of(&[binding.as_bytes(), &now]).short();
            return Form::Error { elicitation };
        }
        let state = State {
            expires: self.facts.now.saturating_add(CHALLENGE_LIFETIME),
            binding,
            purpose: Purpose::Challenge,
        };
        match state.seal(&self.facts.memory.secret) {
            Some(state) if modern && elicits_url(self.params()) => Form::InputRequired { state },
            _ => Form::Result { modern },
        }
    }
}

/// Whether the client can send its user to a URL (2026-07-28, elicitation, "Capabilities").
fn elicits_url(params: Option<Value<'_>>) -> bool {
    let capabilities = params.and_then(|params| params.get("_meta")?.get(keys::META_CAPABILITIES));
    let url = capabilities.and_then(|known| known.get("elicitation")?.get("url"));
    url.is_some_and(Value::is_object)
}

/// The refusal of a call of which nobody is asked anything.
pub(super) fn refused_plainly(
    lane: &Lane,
    head: &HeadFacts,
    outcome: &Outcome,
    reason: Reason,
) -> RequestAction {
    let null = Id::null();
    let id = outcome.id.as_ref().unwrap_or(&null);
    // The answer travels on the event stream, where only the server can write.
    if lane.kind() == EndpointKind::Message {
        return RequestAction::Replace(refusal::unknown_method(id));
    }
    let subject = Subject {
        id,
        era: outcome.era,
        target: &outcome.target,
        version: head.version.as_deref(),
        challenge: None,
        disclose: lane.policy.disclose_reason,
    };
    RequestAction::Reply(refusal::to_request(reason, &subject))
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use crate::state::Secret;

    #[test]
    fn what_may_have_been_used_before_the_start_is_not_remembered() {
        let memory = Memory {
            since: 100,
            secret: Secret::new([0; 32]),
        };
        for (issued, remembered) in [(99, false), (100, false), (105, false), (106, true)] {
            assert_eq!(memory.remembers(issued), remembered, "{issued}");
        }
    }
}
