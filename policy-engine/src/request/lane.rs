//! One policy's way through a request.

use super::approval::{Change, brings_state, forwarded};
use super::head::HeadFacts;
use super::route::{Route, route};
use super::{RequestAction, batch, message};
use crate::decision::{Ask, Context, Decision, Reason, Ruling, Target, Watch, decide};
use crate::exchange::{Asked, ExchangeLane, Rounds};
use crate::json::{Document, JsonFault};
use crate::jsonrpc::{Id, Message};
use crate::mcp::Era;
use crate::policy::format::EndpointKind;
use crate::policy::{Callers, Challenge, Peer, Policy};
use crate::record::Payload;
use crate::refusal::{self, Subject};
use std::rc::Rc;

/// A policy, the callers as it knows them, and what the head is to it.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) policy: Rc<Policy>,
    pub(super) callers: Rc<Callers>,
    pub(super) route: Result<Route, Reason>,
}

/// What a policy makes of a request.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) decision: Decision,
    /// The decision if rules in dry run counted, where it differs.
    pub(super) would: Option<Decision>,
    pub(super) target: Target,
    /// MCP method, `batch` or `answer`; empty where there is no message.
    pub(super) method: String,
    pub(super) id: Option<Id>,
    pub(super) action: RequestAction,
    pub(super) asked: Asked,
    pub(super) era: Era,
    /// The call was approved.
    pub(super) rounds: Option<Rounds>,
    /// What its messages ask for, to be judged by a later policy. None: they were not read.
    pub(super) asks: Option<Vec<Ask>>,
    /// What is recorded of the message's parameters.
    pub(super) noted: Noted,
}

/// What is recorded of the parameters of a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Noted {
    pub(super) client: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) arguments: Payload,
}

impl Lane {
    pub(super) fn new(policy: &Rc<Policy>, peer: &Peer, facts: &HeadFacts) -> Self {
        let callers = policy.callers_of(peer);
        let route = route(policy, &callers, facts);
        Self {
            policy: Rc::clone(policy),
            callers: Rc::new(callers),
            route,
        }
    }

    /// Whether the decision waits for a body.
    pub(super) fn needs_body(&self) -> bool {
        matches!(self.route, Ok(Route::Message(_)))
    }

    /// Whether nobody looks at the answer.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.route, Ok(Route::Open))
    }

    /// Whether the body may be replaced by one of another length.
    pub(super) fn may_replace(&self) -> bool {
        matches!(self.route, Ok(Route::Message(EndpointKind::Message)))
    }

    /// Decides about a message: what it names, what becomes of it, and what would if rules in dry
    /// run counted, where that differs.
    pub(super) fn decide(
        &self,
        era: Era,
        message: &Message<'_>,
        trace: Watch<'_>,
    ) -> (Target, Decision, Option<Decision>) {
        let by = |dry_run| {
            let ruling = Ruling {
                policy: &self.policy,
                callers: &self.callers,
                dry_run,
                trace,
            };
            decide(Context { ruling, era }, message)
        };
        let (decision, target) = by(false);
        let decision = match decision.is_permit() && brings_state(message) {
            true => decision.because(Reason::ApprovalState),
            false => decision,
        };
        let would = self.policy.has_dry_run().then(|| by(true).0);
        let would = would.filter(|would| *would != decision);
        (target, decision, would)
    }

    /// Decides what the head alone decides: everything but messages.
    pub(super) fn on_head(&self, facts: &HeadFacts) -> Outcome {
        let asked = match self.route {
            Err(reason) => return Outcome::malformed(reason, self, facts),
            // A message without a body.
            Ok(Route::Message(_)) => return Outcome::malformed(Reason::ParseError, self, facts),
            Ok(Route::Open) => Asked::Anything,
            Ok(Route::Discovery) => Asked::Discovery,
            Ok(Route::Preflight | Route::EndSession) => Asked::Nothing,
            Ok(Route::Stream(_)) => Asked::Stream,
        };
        Outcome {
            decision: Decision::of_head(),
            would: None,
            target: Target::None,
            method: String::new(),
            id: None,
            action: RequestAction::Forward,
            asked,
            era: Era::Legacy,
            rounds: None,
            asks: None,
            noted: Noted::default(),
        }
    }

    /// Decides about a body.
    pub(super) fn on_body(
        &self,
        facts: &HeadFacts,
        body: Result<&Document, JsonFault>,
        trace: Watch<'_>,
    ) -> Outcome {
        let Ok(Route::Message(kind)) = self.route else {
            return self.on_head(facts);
        };
        let document = match body {
            Ok(document) if document.bytes().len() > self.policy.limits.request_bytes => {
                return Outcome::malformed(Reason::BodyTooLarge, self, facts);
            }
            Ok(document) if document.keys() > self.policy.limits.keys => {
                return Outcome::malformed(Reason::LimitExceeded, self, facts);
            }
            Ok(document) => document,
            Err(fault) => return Outcome::malformed(reason_of(fault), self, facts),
        };
        let root = document.root();
        let outcome = match root.is_array() {
            true => batch::judge(self, facts, kind, root, trace),
            false => message::judge(self, facts, kind, root, trace),
        };
        if !outcome.decision.is_permit() {
            return outcome;
        }
        match forwarded(document, &Change::Keep) {
            Ok(action) => Outcome { action, ..outcome },
            Err(reason) => Outcome::malformed(reason, self, facts),
        }
    }

    pub(super) fn exchange(&self, outcome: &Outcome) -> ExchangeLane {
        ExchangeLane {
            asked: outcome.asked.clone(),
            era: outcome.era,
            rounds: outcome.rounds.clone(),
            ..self.undecided()
        }
    }

    /// What an answer is judged by that comes too early: nothing can have been asked for.
    pub(super) fn undecided(&self) -> ExchangeLane {
        ExchangeLane {
            policy: Rc::clone(&self.policy),
            callers: Rc::clone(&self.callers),
            asked: Asked::Nothing,
            era: Era::Legacy,
            kind: self.kind(),
            rounds: None,
        }
    }

    pub(super) fn kind(&self) -> EndpointKind {
        match self.route {
            Ok(Route::Message(kind) | Route::Stream(kind)) => kind,
            _ => EndpointKind::Streamable,
        }
    }
}

impl Outcome {
    /// Whether an approval would let the call pass. In a batch none holds.
    pub(super) fn may_be_approved(&self) -> bool {
        self.id.is_some() && self.decision.is_awaiting()
    }

    /// A request that cannot be read as one: it is refused without knowing its id.
    pub(super) fn malformed(reason: Reason, lane: &Lane, facts: &HeadFacts) -> Self {
        let id = Id::null();
        let subject = Subject {
            id: &id,
            era: Era::Legacy,
            target: &Target::None,
            version: facts.version.as_deref(),
            challenge: lane.callers.challenge().map(Challenge::as_str),
            disclose: lane.policy.disclose_reason,
        };
        Self {
            decision: reason.into(),
            would: None,
            target: Target::None,
            method: String::new(),
            id: None,
            action: RequestAction::Reply(refusal::to_request(reason, &subject)),
            asked: Asked::Nothing,
            era: Era::Legacy,
            rounds: None,
            asks: None,
            noted: Noted::default(),
        }
    }
}

fn reason_of(fault: JsonFault) -> Reason {
    match fault {
        JsonFault::TooLarge => Reason::BodyTooLarge,
        JsonFault::DuplicateKey => Reason::DuplicateKey,
        fault if fault.is_limit() => Reason::LimitExceeded,
        _ => Reason::ParseError,
    }
}
