//! Event streams: every event is judged, whatever its name, and passed on as soon as it is.

use super::outcome::{Findings, Settled, reason_of};
use super::redirect::is_message_endpoint;
use crate::decision::Reason;
use crate::exchange::{ExchangeLane, Origin};
use crate::json::{Document, Options};
use crate::jsonrpc::Id;
use crate::policy::format::EndpointKind;
use crate::refusal;
use crate::sse::{Block, Event, Splitter, SseFault, write_comment, write_message};

/// The name of the event that tells where to post messages (2024-11-05).
const ENDPOINT: &str = "endpoint";

/// An event stream that is being judged.
#[derive(Debug)]
pub(super) struct Stream {
    splitter: Splitter,
    options: Options,
    /// The requests that this stream answers.
    ids: Vec<Id>,
    /// Whether one of them was answered with an error in place of something unreadable.
    answered: bool,
    /// Nothing more passes.
    broken: bool,
}

/// What a piece of a stream became.
#[derive(Debug, Default)]
pub(super) struct Passed {
    pub(super) bytes: Vec<u8>,
    pub(super) refused: Option<Reason>,
}

impl Stream {
    pub(super) fn new(options: Options, ids: Vec<Id>) -> Self {
        let splitter = Splitter::new(options.bytes);
        Self {
            splitter,
            options,
            ids,
            answered: false,
            broken: false,
        }
    }

    /// Bytes held of an event that is not whole.
    pub(super) fn held(&self) -> usize {
        self.splitter.held()
    }

    /// Lets go of what is held; the stream breaks off with the next piece.
    pub(super) fn give_up(&mut self) {
        self.splitter = Splitter::new(0);
    }

    pub(super) fn feed(
        &mut self,
        lane: &ExchangeLane,
        origin: &Origin,
        chunk: &[u8],
        found: &mut Findings,
    ) -> Passed {
        let mut blocks = Vec::new();
        let fault = self.splitter.feed(chunk, &mut blocks).err();
        self.pass(lane, origin, blocks, fault, found)
    }

    pub(super) fn finish(
        &mut self,
        lane: &ExchangeLane,
        origin: &Origin,
        found: &mut Findings,
    ) -> Passed {
        let mut blocks = Vec::new();
        let fault = self.splitter.finish(&mut blocks).err();
        self.pass(lane, origin, blocks, fault, found)
    }

    fn pass(
        &mut self,
        lane: &ExchangeLane,
        origin: &Origin,
        blocks: Vec<Block>,
        fault: Option<SseFault>,
        found: &mut Findings,
    ) -> Passed {
        let mut passed = Passed::default();
        if self.broken {
            return passed;
        }
        for block in blocks {
            match block {
                Block::Comment => write_comment(&mut passed.bytes),
                Block::Event(event) => self.event(lane, origin, event, &mut passed, found),
            }
        }
        if let Some(fault) = fault {
            self.broken = true;
            let reason = match fault {
                SseFault::TooLarge => Reason::ResponseTooLarge,
                _ => Reason::ResponseUnreadable,
            };
            self.answer_with_error(reason, &mut passed);
        }
        passed
    }

    fn event(
        &mut self,
        lane: &ExchangeLane,
        origin: &Origin,
        event: Box<Event>,
        passed: &mut Passed,
        found: &mut Findings,
    ) {
        let Some(data) = event.data() else {
            // Priming: an id or a retry without data.
            return whole(event, &mut passed.bytes);
        };
        if lane.kind == EndpointKind::Sse && event.name() == ENDPOINT {
            match is_message_endpoint(data, origin, &lane.policy) {
                true => whole(event, &mut passed.bytes),
                false => passed.refused = Some(Reason::RedirectRefused),
            }
            return;
        }
        let document = match Document::parse(data.to_vec(), self.options) {
            Ok(document) => document,
            Err(fault) => return self.answer_with_error(reason_of(fault), passed),
        };
        let judge = super::inspection::judge_of(lane);
        let root = document.root();
        let judged = judge.message(root, found);
        match judged.settle(root, document.bytes()) {
            Settled::Same => whole(event, &mut passed.bytes),
            Settled::Changed(message, refused) => {
                passed.refused = refused.or(passed.refused);
                event.write_with(&message, &mut passed.bytes);
            }
            Settled::Nothing => {}
            Settled::Lost(reason) => self.answer_with_error(reason, passed),
        }
    }

    /// Where nothing readable came, the request gets an error, once, so that nobody waits.
    fn answer_with_error(&mut self, reason: Reason, passed: &mut Passed) {
        passed.refused = Some(reason);
        if core::mem::replace(&mut self.answered, true) {
            return;
        }
        for id in &self.ids {
            write_message(&refusal::of_answer(reason, id), &mut passed.bytes);
        }
    }
}

/// Passes an event on: as it came, where that is the one form that all clients read alike.
fn whole(event: Box<Event>, out: &mut Vec<u8>) {
    match event.into_canonical() {
        Ok(bytes) => out.extend_from_slice(&bytes),
        Err(event) => event.write(out),
    }
}
