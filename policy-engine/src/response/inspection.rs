//! The sans-IO inspection of one answer.

use super::failure;
use super::head::{ResponseHead, Treatment};
use super::message::Judge;
use super::outcome::Filtered;
use super::stream::{Passed, Stream};
use super::whole;
use crate::decision::{Reason, Ruling, Silent};
use crate::json::{JsonFault, Options, Reader, Surrogates};
use crate::jsonrpc::Id;
use crate::policy::{RESPONSE_DEPTH, RESPONSE_VALUES};
use crate::request::{Asked, Exchange, ExchangeLane, Origin, Reply};

/// What the host does with an answer whose head has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadStep {
    /// It passes; nothing more is asked.
    Pass,
    /// It passes as it comes; give copies of its body to [`ResponseInspection::feed`].
    Observe,
    /// This goes in its place.
    Reply(Reply),
    /// Its body is taken away.
    Empty,
    /// Hold the body back until [`ResponseInspection::finish`].
    Hold,
    /// Put what [`ResponseInspection::feed`] returns in the place of what it was given.
    Stream,
}

/// What becomes of a body that was held back.
#[derive(Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// The body as it came.
    Same(Vec<u8>),
    /// These bytes, in place of what has not been passed on yet.
    Changed(Vec<u8>),
}

/// The inspection of one answer.
#[derive(Debug)]
pub struct ResponseInspection {
    origin: Origin,
    enforced: Option<Lane>,
    candidate: Option<Lane>,
}

/// One policy's view of an answer.
#[derive(Debug)]
struct Lane {
    exchange: ExchangeLane,
    body: Body,
    filtered: Filtered,
    refused: Option<Reason>,
}

#[derive(Debug)]
enum Body {
    /// Nobody looks, or it is taken away.
    None,
    Answer {
        reader: Box<Reader>,
        fault: Option<JsonFault>,
    },
    Failure {
        bytes: Vec<u8>,
        too_large: bool,
    },
    Stream(Stream),
}

impl ResponseInspection {
    /// Reads the head.
    #[must_use]
    pub fn start(exchange: Exchange, head: ResponseHead<'_>) -> (Self, HeadStep) {
        let origin = exchange.origin;
        let treatment = |lane: &ExchangeLane| head.treatment(lane, &origin);
        let enforced = exchange
            .enforced
            .map(|lane| (treatment(&lane), Lane::new(lane)));
        let candidate = exchange
            .candidate
            .map(|lane| (treatment(&lane), Lane::new(lane)));
        let observed = candidate
            .as_ref()
            .is_some_and(|(treatment, _)| reads(*treatment));
        let step = match &enforced {
            Some((treatment, lane)) => lane.step(*treatment, observed, head.end_of_stream),
            None if observed => HeadStep::Observe,
            None => HeadStep::Pass,
        };
        let begin = |(treatment, mut lane): (Treatment, Lane)| {
            lane.begin(treatment);
            lane
        };
        let inspection = Self {
            enforced: enforced.map(begin),
            candidate: candidate.map(begin),
            origin,
        };
        (inspection, step)
    }

    /// Takes the next piece of the body; gives what goes to the client in its place.
    pub fn feed(&mut self, chunk: Vec<u8>) -> Vec<u8> {
        if let Some(lane) = self.candidate.as_mut() {
            match self.enforced.is_some() {
                true => lane.feed(&self.origin, chunk.clone()),
                false => return lane.feed(&self.origin, chunk),
            };
        }
        let lane = self.enforced.as_mut();
        lane.map_or(Vec::new(), |lane| lane.feed(&self.origin, chunk))
    }

    /// Ends the body; says what goes to the client in place of what is still held.
    pub fn finish(&mut self) -> BodyEnd {
        if let Some(lane) = self.candidate.as_mut() {
            lane.finish(&self.origin);
        }
        let lane = self.enforced.as_mut();
        lane.map_or(BodyEnd::Changed(Vec::new()), |lane| {
            lane.finish(&self.origin)
        })
    }

    /// Bytes held.
    #[must_use]
    pub fn held(&self) -> usize {
        let lanes = self.enforced.iter().chain(self.candidate.iter());
        lanes
            .map(|lane| lane.body.held())
            .fold(0, usize::saturating_add)
    }

    /// Lets go of what is held: the worker has no room for it. The answer counts as too large.
    pub fn give_up(&mut self) {
        for lane in self.enforced.iter_mut().chain(self.candidate.iter_mut()) {
            lane.body.give_up(JsonFault::TooLarge);
        }
    }

    /// What was taken out so far.
    #[must_use]
    pub fn filtered(&self) -> Filtered {
        self.enforced
            .as_ref()
            .map(|lane| lane.filtered)
            .unwrap_or_default()
    }

    /// Why the answer, or a part of it, was refused.
    #[must_use]
    pub fn refused(&self) -> Option<Reason> {
        self.enforced.as_ref()?.refused
    }

    /// Why the candidate would have refused the answer, or what it would have taken out.
    #[must_use]
    pub fn candidate_refuses(&self) -> Option<Reason> {
        self.candidate.as_ref()?.refused
    }

    /// What the candidate would have taken out so far.
    #[must_use]
    pub fn candidate_filters(&self) -> Filtered {
        self.candidate
            .as_ref()
            .map(|lane| lane.filtered)
            .unwrap_or_default()
    }
}

fn reads(treatment: Treatment) -> bool {
    matches!(
        treatment,
        Treatment::Answer | Treatment::Failure | Treatment::Stream
    )
}

impl Lane {
    fn new(exchange: ExchangeLane) -> Self {
        Self {
            exchange,
            body: Body::None,
            filtered: Filtered::default(),
            refused: None,
        }
    }

    fn step(&self, treatment: Treatment, observed: bool, ended: bool) -> HeadStep {
        match treatment {
            Treatment::Pass if observed => HeadStep::Observe,
            Treatment::Pass => HeadStep::Pass,
            Treatment::Refuse(reason) => HeadStep::Reply(self.refusal(reason)),
            Treatment::Empty | Treatment::Failure | Treatment::Stream if ended => HeadStep::Pass,
            Treatment::Empty => HeadStep::Empty,
            Treatment::Answer | Treatment::Failure => HeadStep::Hold,
            Treatment::Stream => HeadStep::Stream,
        }
    }

    fn begin(&mut self, treatment: Treatment) {
        let options = self.options();
        self.body = match treatment {
            Treatment::Pass | Treatment::Empty => Body::None,
            Treatment::Refuse(reason) => {
                self.refused = Some(reason);
                Body::None
            }
            Treatment::Answer => Body::Answer {
                reader: Box::new(Reader::new(options)),
                fault: None,
            },
            Treatment::Failure => Body::Failure {
                bytes: Vec::new(),
                too_large: false,
            },
            Treatment::Stream => Body::Stream(Stream::new(options, self.ids().0.to_vec())),
        };
    }

    fn options(&self) -> Options {
        Options {
            bytes: self.exchange.policy.limits.response_bytes,
            depth: RESPONSE_DEPTH,
            keys: RESPONSE_VALUES,
            values: RESPONSE_VALUES,
            surrogates: Surrogates::Keep,
        }
    }

    fn ids(&self) -> (&[Id], bool) {
        match &self.exchange.asked {
            Asked::Answers { ids, batch } => (ids, *batch),
            _ => (&[], false),
        }
    }

    fn feed(&mut self, origin: &Origin, chunk: Vec<u8>) -> Vec<u8> {
        let most = self.exchange.policy.limits.response_bytes;
        match &mut self.body {
            Body::None => Vec::new(),
            Body::Answer { reader, fault } => {
                if fault.is_none()
                    && let Err(found) = reader.feed(chunk)
                {
                    // Nothing of it will pass, so nothing of it is kept.
                    self.body.give_up(found);
                }
                Vec::new()
            }
            Body::Failure { bytes, too_large } => {
                *too_large |= bytes.len().saturating_add(chunk.len()) > most;
                match *too_large {
                    true => *bytes = Vec::new(),
                    false => bytes.extend_from_slice(&chunk),
                }
                Vec::new()
            }
            Body::Stream(stream) => {
                let passed = stream.feed(&self.exchange, origin, &chunk, &mut self.filtered);
                self.passed(passed)
            }
        }
    }

    fn passed(&mut self, passed: Passed) -> Vec<u8> {
        self.refused = self.refused.or(passed.refused);
        passed.bytes
    }

    fn finish(&mut self, origin: &Origin) -> BodyEnd {
        match core::mem::replace(&mut self.body, Body::None) {
            Body::None => BodyEnd::Changed(Vec::new()),
            Body::Answer { reader, fault } => {
                let read = fault.map_or_else(|| reader.finish(), Err);
                self.answer(read)
            }
            Body::Failure {
                too_large: true, ..
            } => BodyEnd::Changed(self.nothing(Reason::ResponseTooLarge)),
            Body::Failure { bytes, .. } => {
                let options = self.options();
                let judge = judge_of(&self.exchange);
                match failure::judge(judge, bytes, options) {
                    Some(bytes) => BodyEnd::Same(bytes),
                    None => BodyEnd::Changed(self.nothing(Reason::ResponseUnreadable)),
                }
            }
            Body::Stream(mut stream) => {
                let passed = stream.finish(&self.exchange, origin, &mut self.filtered);
                BodyEnd::Changed(self.passed(passed))
            }
        }
    }

    fn answer(&mut self, read: Result<crate::json::Document, JsonFault>) -> BodyEnd {
        let document = match read {
            Ok(document) => document,
            Err(JsonFault::TooLarge) => {
                return BodyEnd::Changed(self.error(Reason::ResponseTooLarge));
            }
            Err(_) => return BodyEnd::Changed(self.error(Reason::ResponseUnreadable)),
        };
        match whole::judge(judge_of(&self.exchange), &document, &mut self.filtered) {
            Ok(None) => BodyEnd::Same(document.into_bytes()),
            Ok(Some(changed)) => BodyEnd::Changed(changed),
            Err(reason) => BodyEnd::Changed(self.error(reason)),
        }
    }

    fn error(&mut self, reason: Reason) -> Vec<u8> {
        self.refused = Some(reason);
        let (ids, batch) = self.ids();
        whole::errors(ids, batch, reason)
    }

    fn nothing(&mut self, reason: Reason) -> Vec<u8> {
        self.refused = Some(reason);
        Vec::new()
    }

    /// What goes in the place of an answer that is refused by its head.
    fn refusal(&self, reason: Reason) -> Reply {
        match (&self.exchange.asked, reason) {
            (Asked::Answers { ids, batch }, _) => {
                Reply::json(200, whole::errors(ids, *batch, reason))
            }
            (_, Reason::StreamRefused) => Reply::empty(405),
            _ => Reply::empty(502),
        }
    }
}

impl Body {
    fn held(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Answer { reader, .. } => reader.memory(),
            Self::Failure { bytes, .. } => bytes.capacity(),
            Self::Stream(stream) => stream.held(),
        }
    }

    /// Lets go of what is held; the rest of the body will not be read.
    fn give_up(&mut self, why: JsonFault) {
        match self {
            Self::None => {}
            Self::Answer { reader, fault } => {
                let nothing = Options {
                    bytes: 0,
                    depth: 0,
                    keys: 0,
                    values: 0,
                    surrogates: Surrogates::Keep,
                };
                **reader = Reader::new(nothing);
                *fault = Some(why);
            }
            Self::Failure { bytes, too_large } => {
                *bytes = Vec::new();
                *too_large = true;
            }
            Self::Stream(stream) => stream.give_up(),
        }
    }
}

/// The rules as they hold for the one who asked.
pub(super) fn judge_of(lane: &ExchangeLane) -> Judge<'_> {
    Judge {
        ruling: Ruling {
            policy: &lane.policy,
            callers: &lane.callers,
            dry_run: false,
            trace: Silent,
        },
        era: lane.era,
    }
}
