//! The sans-IO inspection of one request.

use super::approval::{Judged, Step};
use super::head::{HeadFacts, RequestHead};
use super::lane::{Lane, Outcome};
use crate::decision::Watch;
use crate::exchange::{Exchange, Forwarded};
use crate::http::Reply;
use crate::json::{Document, JsonFault, Options, Reader, Surrogates};
use crate::policy::{Guard, Policy};
use crate::record::{Caller, Judgement, Record};
use std::rc::Rc;

/// What the host does with a request whose head has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadStep {
    /// The verdict stands; call [`RequestInspection::finish`].
    Decided,
    /// Give the body to [`RequestInspection::feed`], then call [`RequestInspection::finish`].
    NeedsBody {
        /// Hold the body back until then. Otherwise it passes as it comes.
        hold: bool,
    },
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestAction {
    /// It passes as it is.
    Forward,
    /// It passes with another body.
    Replace(Vec<u8>),
    /// It is answered here.
    Reply(Reply),
}

/// The end of an inspection.
#[derive(Debug)]
pub struct Verdict {
    /// What becomes of the request.
    pub action: RequestAction,
    /// What is recorded.
    pub record: Record,
    /// What the answer is judged by, if there will be one.
    pub exchange: Exchange,
    /// The body that was read, for a host that did not keep it.
    pub body: Vec<u8>,
}

/// The inspection of one request.
#[derive(Debug)]
pub struct RequestInspection {
    facts: Rc<HeadFacts>,
    caller: Caller,
    enforced: Option<Lane>,
    candidate: Option<Lane>,
    body: Body,
}

/// What is known of the body.
#[derive(Debug)]
enum Body {
    /// Nobody awaits it.
    Unread,
    /// It is being read.
    Reading(Box<Reader>),
    /// Nothing more of it is read.
    Failed(JsonFault),
}

impl RequestInspection {
    /// Reads the head.
    #[must_use]
    pub fn start(guard: &Guard, head: RequestHead<'_>) -> (Self, HeadStep) {
        let facts = Rc::new(HeadFacts::read(head));
        let lane = |policy: &Option<Rc<Policy>>| {
            policy
                .as_ref()
                .map(|policy| Lane::new(policy, head.peer, &facts))
        };
        let (enforced, candidate) = (lane(&guard.enforced), lane(&guard.candidate));
        let lanes = || enforced.iter().chain(candidate.iter());
        let refused = enforced.as_ref().is_some_and(|lane| lane.route.is_err());
        let needs_body = facts.has_body && !refused && lanes().any(Lane::needs_body);
        let step = match needs_body {
            true => HeadStep::NeedsBody {
                hold: enforced.as_ref().is_some_and(Lane::needs_body),
            },
            false => HeadStep::Decided,
        };
        let body = match needs_body {
            true => Body::Reading(Box::new(Reader::new(options(lanes())))),
            false => Body::Unread,
        };
        let caller = caller(lanes(), head);
        let inspection = Self {
            caller,
            facts,
            enforced,
            candidate,
            body,
        };
        (inspection, step)
    }

    /// Names of headers that must not reach the server.
    #[must_use]
    pub fn headers_to_remove(&self) -> Vec<&str> {
        let Some(lane) = &self.enforced else {
            return Vec::new();
        };
        let mut names: Vec<&str> = self.facts.remove.iter().map(String::as_str).collect();
        if lane.is_open() {
            names.retain(|name| *name != "accept-encoding");
        } else if lane.may_replace() {
            names.push("content-length");
        }
        names
    }

    /// Takes note that the body has `size` bytes so far. True: it is refused for that alone, and need
    /// not be read.
    pub fn note_size(&mut self, size: usize) -> bool {
        let too_large = |lane: &Lane| size > lane.policy.limits.request_bytes;
        if self.enforced.as_ref().is_some_and(too_large) {
            self.give_up();
        }
        matches!(self.body, Body::Failed(JsonFault::TooLarge))
    }

    /// Bytes of memory that the body takes.
    #[must_use]
    pub fn held(&self) -> usize {
        match &self.body {
            Body::Reading(reader) => reader.memory(),
            Body::Unread | Body::Failed(_) => 0,
        }
    }

    /// Lets go of the body: there is no room for it. It counts as too large.
    pub fn give_up(&mut self) {
        self.body = Body::Failed(JsonFault::TooLarge);
    }

    /// What an answer is judged by that comes before the request is decided.
    #[must_use]
    pub fn early_exchange(&self) -> Exchange {
        Exchange {
            request: Rc::new(Forwarded::new(Rc::clone(&self.facts), None)),
            enforced: self.enforced.as_ref().map(Lane::undecided),
            candidate: None,
        }
    }

    /// Takes the next piece of the body.
    pub fn feed(&mut self, chunk: Vec<u8>) {
        if let Body::Reading(reader) = &mut self.body
            && let Err(fault) = reader.feed(chunk)
        {
            self.body = Body::Failed(fault);
        }
    }

    /// Decides.
    #[must_use]
    pub fn finish(self) -> Step {
        self.finish_with(Watch::silent())
    }

    /// Decides while somebody watches.
    #[must_use]
    pub fn finish_with(mut self, trace: Watch<'_>) -> Step {
        // A body that was refused unread tells nothing of what the candidate would decide.
        let unread = self.facts.has_body && matches!(self.body, Body::Unread);
        let body = match core::mem::replace(&mut self.body, Body::Unread) {
            Body::Unread => Err(JsonFault::Incomplete),
            Body::Reading(reader) => reader.finish(),
            Body::Failed(fault) => Err(fault),
        };
        let read = body.as_ref().map_err(|fault| *fault);
        let outcome = |lane| self.outcome(lane, read, trace);
        let judges = |lane: &&Lane| !(unread && lane.needs_body());
        let enforced = self.enforced.as_ref().map(outcome);
        let candidate = self.candidate.as_ref().filter(judges).map(outcome);
        let judged = Judged {
            inspection: self,
            body,
            enforced,
            candidate,
        };
        judged.step()
    }

    pub(super) fn enforced(&self) -> Option<&Lane> {
        self.enforced.as_ref()
    }

    pub(super) fn candidate(&self) -> Option<&Lane> {
        self.candidate.as_ref()
    }

    pub(super) fn facts(&self) -> &HeadFacts {
        &self.facts
    }

    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    fn outcome(
        &self,
        lane: &Lane,
        body: Result<&Document, JsonFault>,
        trace: Watch<'_>,
    ) -> Outcome {
        match lane.needs_body() && self.facts.has_body {
            true => lane.on_body(&self.facts, body, trace),
            false => lane.on_head(&self.facts),
        }
    }

    /// What is recorded of a request whose end never comes.
    #[must_use]
    pub fn undecided(&self) -> Record {
        let mut lanes = self.enforced.iter().chain(self.candidate.iter());
        let policy = lanes.next().map(|lane| &lane.policy);
        Record {
            server: policy
                .map(|policy| policy.server.clone())
                .unwrap_or_default(),
            redaction: policy
                .map(|policy| Rc::clone(&policy.audit.redaction))
                .unwrap_or_default(),
            session: self.facts.session.clone(),
            protocol: self.facts.version.clone(),
            http_method: String::from_utf8_lossy(&self.facts.method).into_owned(),
            caller: self.caller.clone(),
            request_id: self.facts.request_id.clone(),
            ..Record::default()
        }
    }

    fn record(
        &self,
        enforced: Option<(&Lane, &Outcome)>,
        candidate: Option<(&Lane, &Outcome)>,
    ) -> Record {
        let judgement = |(lane, outcome): (&Lane, &Outcome)| Judgement {
            admission: outcome
                .rounds
                .as_ref()
                .map(|rounds| rounds.admission.clone()),
            ..Judgement::new(&lane.policy, &outcome.decision, outcome.would.as_ref())
        };
        let outcome = enforced.or(candidate).map(|(_, outcome)| outcome);
        Record {
            method: outcome
                .map(|outcome| outcome.method.clone())
                .unwrap_or_default(),
            target: outcome
                .map(|outcome| outcome.target.clone())
                .unwrap_or_default(),
            id: outcome.and_then(|outcome| outcome.id.clone()),
            client: outcome.and_then(|outcome| outcome.noted.client.clone()),
            protocol: outcome
                .and_then(|outcome| outcome.noted.protocol.clone())
                .or_else(|| self.facts.version.clone()),
            arguments: outcome
                .map(|outcome| outcome.noted.arguments.clone())
                .unwrap_or_default(),
            decided: true,
            enforced: enforced.map(judgement),
            candidate: candidate.map(judgement),
            ..self.undecided()
        }
    }
}

/// What becomes of a request that is decided.
pub(super) fn verdict(judged: Judged) -> Verdict {
    let Judged {
        inspection,
        body,
        mut enforced,
        mut candidate,
    } = judged;
    // What one policy did not look at, the other may have read.
    let mut outcomes = enforced.iter_mut().chain(candidate.iter_mut());
    let asks = outcomes.find_map(|outcome| outcome.asks.take());
    let action = match (&inspection.enforced, &enforced) {
        (Some(_), Some(outcome)) => outcome.action.clone(),
        // Undecided is refused; what nobody enforces passes.
        (Some(_), None) => RequestAction::Reply(Reply::no_policy()),
        (None, _) => RequestAction::Forward,
    };
    let enforced = inspection.enforced.as_ref().zip(enforced.as_ref());
    let candidate = inspection.candidate.as_ref().zip(candidate.as_ref());
    Verdict {
        action,
        record: inspection.record(enforced, candidate),
        exchange: Exchange {
            enforced: enforced.map(|(lane, outcome)| lane.exchange(outcome)),
            candidate: candidate
                .filter(|(_, outcome)| outcome.decision.is_permit())
                .map(|(lane, outcome)| lane.exchange(outcome)),
            request: Rc::new(Forwarded::new(inspection.facts, asks)),
        },
        body: body.map(Document::into_bytes).unwrap_or_default(),
    }
}

/// The bounds of the reading; the widest of the policies, each then holds its own.
fn options<'a>(lanes: impl Iterator<Item = &'a Lane> + Clone) -> Options {
    let most = |limit: fn(&Policy) -> usize| lanes.clone().map(|lane| limit(&lane.policy)).max();
    let bytes = most(|policy| policy.limits.request_bytes).unwrap_or_default();
    Options {
        bytes,
        depth: crate::policy::REQUEST_DEPTH,
        keys: most(|policy| policy.limits.keys).unwrap_or_default(),
        values: crate::policy::REQUEST_VALUES,
        surrogates: Surrogates::Refuse,
    }
}

/// Who calls, as the first lane knows it: a candidate has no say where a policy is in force.
fn caller<'a>(mut lanes: impl Iterator<Item = &'a Lane>, head: RequestHead<'_>) -> Caller {
    let lane = lanes.next();
    let user = lane.and_then(|lane| user(lane, head));
    let claim = |name: &str| match head.peer.claims.get(name).map(Vec::as_slice) {
        Some([value]) => Some(value.clone()),
        _ => None,
    };
    let named = lane.map(|lane| lane.policy.names_of(&lane.callers));
    Caller {
        principal: head.peer.principal().map(Into::into),
        token: claim("iss").map(|issuer| (issuer, claim("sub").unwrap_or_default())),
        names: named.unwrap_or_default(),
        user,
    }
}

/// The human whom the caller names, in the header in which it is believed.
fn user(lane: &Lane, head: RequestHead<'_>) -> Option<String> {
    let wanted = lane.callers.user_header()?;
    let mut values = head.headers.iter().filter(|(name, _)| name == wanted);
    let (_, value) = values.next()?;
    // Two names are none.
    values
        .next()
        .is_none()
        .then(|| String::from_utf8_lossy(value).into_owned())
}
