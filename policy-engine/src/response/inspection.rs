//! The sans-IO inspection of one answer.

use super::failure;
use super::head::{ResponseHead, Treatment};
use super::message::Judge;
use super::outcome::{Findings, reason_of};
use super::stream::{Passed, Stream};
use super::whole;
use crate::decision::{Reason, Ruling, Watch};
use crate::exchange::{Asked, Exchange, ExchangeLane, Forwarded, Origin};
use crate::http::Reply;
use crate::json::{JsonFault, Options, Reader, Surrogates};
use crate::jsonrpc::Id;
use crate::policy::{RESPONSE_DEPTH, RESPONSE_VALUES};
use crate::record::{Answer, Ending, Record};
use crate::refusal;
use std::rc::Rc;

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
    request: Rc<Forwarded>,
    enforced: Option<Lane>,
    candidate: Option<Lane>,
    /// The session that the server opens, by its digest.
    session: Option<String>,
}

/// One policy's view of an answer.
#[derive(Debug)]
struct Lane {
    exchange: ExchangeLane,
    body: Body,
    found: Findings,
    refused: Option<Reason>,
}

#[derive(Debug)]
enum Body {
    /// Nobody looks, or it is taken away.
    None,
    /// One JSON text, as far as it could be read.
    Answer(Result<Box<Reader>, JsonFault>),
    /// The body of an error, unless it is too large.
    Failure(Option<Vec<u8>>),
    Stream(Stream),
}

impl ResponseInspection {
    /// Reads the head.
    #[must_use]
    pub fn start(exchange: Exchange, head: ResponseHead<'_>) -> (Self, HeadStep) {
        let request = exchange.request;
        let treatment = |lane: &ExchangeLane| head.treatment(lane, request.origin());
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
            session: head.session(),
            request,
        };
        (inspection, step)
    }

    /// Takes the next piece of the body; gives what goes to the client in its place.
    pub fn feed(&mut self, chunk: Vec<u8>) -> Vec<u8> {
        if let Some(lane) = self.candidate.as_mut() {
            match self.enforced.is_some() {
                true => lane.feed(self.request.origin(), chunk.clone()),
                false => return lane.feed(self.request.origin(), chunk),
            };
        }
        let lane = self.enforced.as_mut();
        lane.map_or(Vec::new(), |lane| lane.feed(self.request.origin(), chunk))
    }

    /// Ends the body; says what goes to the client in place of what is still held.
    pub fn finish(&mut self) -> BodyEnd {
        if let Some(lane) = self.candidate.as_mut() {
            lane.finish(self.request.origin());
        }
        let lane = self.enforced.as_mut();
        lane.map_or(BodyEnd::Changed(Vec::new()), |lane| {
            lane.finish(self.request.origin())
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
            lane.body.give_up();
        }
    }

    /// Notes in the record of the request what became of the answer, and what would have.
    pub fn note_in(&self, record: &mut Record) {
        let answer = |lane: &Option<Lane>| lane.as_ref().map(Lane::noted);
        record.session = record.session.take().or_else(|| self.session.clone());
        record.candidate_answer = answer(&self.candidate).unwrap_or_default();
        record.answer = answer(&self.enforced).unwrap_or_else(|| Answer {
            // Nobody acts, so it passes; what it says is what the other lane has read.
            ending: Ending::Passed,
            said: record.candidate_answer.said.clone(),
            ..Answer::default()
        });
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
            found: Findings::default(),
            refused: None,
        }
    }

    /// What became of the answer, as far as it has come.
    fn noted(&self) -> Answer {
        let ending = match self.refused {
            Some(_) => Ending::Refused,
            None if self.found.removed.is_empty() => Ending::Passed,
            None => Ending::Filtered,
        };
        Answer {
            ending,
            reason: self.refused,
            said: self.found.said.clone(),
            removed: self.found.removed.clone(),
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
            Treatment::Answer => Body::Answer(Ok(Box::new(Reader::new(options)))),
            Treatment::Failure => Body::Failure(Some(Vec::new())),
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
            Body::Answer(read) => {
                if let Ok(reader) = read
                    && let Err(fault) = reader.feed(chunk)
                {
                    // Nothing of it will pass, so nothing of it is kept.
                    *read = Err(fault);
                }
                Vec::new()
            }
            Body::Failure(held) => {
                if let Some(bytes) = held {
                    match bytes.len().saturating_add(chunk.len()) > most {
                        true => *held = None,
                        false => bytes.extend_from_slice(&chunk),
                    }
                }
                Vec::new()
            }
            Body::Stream(stream) => {
                let passed = stream.feed(&self.exchange, origin, &chunk, &mut self.found);
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
            Body::Answer(read) => self.answer(read.and_then(|reader| reader.finish())),
            Body::Failure(None) => BodyEnd::Changed(self.nothing(Reason::ResponseTooLarge)),
            Body::Failure(Some(bytes)) => {
                let options = self.options();
                let judge = judge_of(&self.exchange);
                match failure::judge(judge, bytes, options, &mut self.found) {
                    Some(bytes) => BodyEnd::Same(bytes),
                    None => BodyEnd::Changed(self.nothing(Reason::ResponseUnreadable)),
                }
            }
            Body::Stream(mut stream) => {
                let passed = stream.finish(&self.exchange, origin, &mut self.found);
                BodyEnd::Changed(self.passed(passed))
            }
        }
    }

    fn answer(&mut self, read: Result<crate::json::Document, JsonFault>) -> BodyEnd {
        let document = match read {
            Ok(document) => document,
            Err(fault) => return BodyEnd::Changed(self.error(reason_of(fault))),
        };
        match whole::judge(judge_of(&self.exchange), &document, &mut self.found) {
            Ok(whole) => {
                self.refused = whole.refused;
                match whole.changed {
                    Some(changed) => BodyEnd::Changed(changed),
                    None => BodyEnd::Same(document.into_bytes()),
                }
            }
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
        match &self.exchange.asked {
            Asked::Answers { ids, batch } => Reply::json(200, whole::errors(ids, *batch, reason)),
            Asked::Anything | Asked::Discovery | Asked::Nothing | Asked::Stream => {
                refusal::unawaited(reason)
            }
        }
    }
}

impl Body {
    fn held(&self) -> usize {
        match self {
            Self::None | Self::Answer(Err(_)) | Self::Failure(None) => 0,
            Self::Answer(Ok(reader)) => reader.memory(),
            Self::Failure(Some(bytes)) => bytes.capacity(),
            Self::Stream(stream) => stream.held(),
        }
    }

    /// Lets go of what is held; the rest of the body will not be read.
    fn give_up(&mut self) {
        match self {
            Self::None => {}
            Self::Answer(read) => *read = Err(JsonFault::TooLarge),
            Self::Failure(held) => *held = None,
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
            trace: Watch::silent(),
        },
        era: lane.era,
        rounds: lane.rounds.as_ref(),
    }
}
