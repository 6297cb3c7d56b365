//! The response half of a stream.

use crate::delivery::Delivery;
use crate::host::{self, Half};
use crate::memory::Share;
use crate::metrics::Counter;
use crate::request::RequestHalf;
use crate::stream::Stream;
use mcp_guard_engine::http::Header;
use mcp_guard_engine::response::{BodyEnd, HeadStep, ResponseHead, ResponseInspection};
use proxy_wasm::types::Action;

/// Where the response half is.
pub(crate) enum ResponseHalf {
    Begin,
    /// The body is taken away.
    Empty,
    /// The body is judged.
    Reading(Box<Reading>),
    /// Nothing more is asked of it.
    Done,
}

/// A body that is being judged.
pub(crate) struct Reading {
    inspection: ResponseInspection,
    mode: Mode,
    delivery: Delivery,
    /// Bytes taken from the host.
    taken: usize,
    /// Bytes that the host holds.
    waiting: usize,
    share: Share,
    /// Whether the host has a buffer to write into: during a body's callback, and after one that
    /// paused. To write without one would end the VM.
    writable: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Hold,
    Stream,
    Observe,
}

impl Stream {
    pub(crate) fn response_head(&mut self, headers: Vec<Header>, end_of_stream: bool) -> Action {
        let exchange = match (self.exchange.take(), &self.request) {
            (Some(exchange), _) => exchange,
            // The server did not wait for the request's end.
            (None, RequestHalf::Reading(reading)) => reading.early_exchange(),
            (None, _) => return Action::Continue,
        };
        let head = ResponseHead {
            headers: &headers,
            end_of_stream,
        };
        if head.opens_stream() {
            self.opens(&exchange.request);
        }
        let (inspection, step) = ResponseInspection::start(exchange, head);
        let mode = match step {
            HeadStep::Pass => {
                self.response = ResponseHalf::Done;
                self.note(&inspection);
                return Action::Continue;
            }
            HeadStep::Reply(reply) => {
                self.response = ResponseHalf::Done;
                self.note(&inspection);
                return self.reply(&reply);
            }
            HeadStep::Empty => {
                host::remove_header(Half::Response, "content-length");
                self.response = ResponseHalf::Empty;
                self.note(&inspection);
                return Action::Continue;
            }
            HeadStep::Hold => Mode::Hold,
            HeadStep::Stream => Mode::Stream,
            HeadStep::Observe => Mode::Observe,
        };
        if mode != Mode::Observe {
            host::remove_header(Half::Response, "content-length");
        }
        let share = Share::of(&self.shared.memory);
        let reading = Reading::new(inspection, mode, Delivery::new(&headers), share);
        self.response = ResponseHalf::Reading(Box::new(reading));
        Action::Continue
    }

    pub(crate) fn response_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        let reading = match &mut self.response {
            ResponseHalf::Reading(reading) => reading,
            ResponseHalf::Empty => {
                host::empty_body(Half::Response, size);
                return Action::Continue;
            }
            ResponseHalf::Begin | ResponseHalf::Done => return Action::Continue,
        };
        reading.waiting = size;
        reading.writable = true;
        if end_of_stream || reading.is_whole() {
            return self.response_end();
        }
        let action = reading.piece();
        reading.writable = action == Action::Pause;
        action
    }

    /// The whole body is here.
    pub(crate) fn response_end(&mut self) -> Action {
        if let Some(mut reading) = self.response.take() {
            reading.end();
            self.conclude(&reading);
        }
        Action::Continue
    }

    /// One side has broken the stream off: what was judged till then counts.
    pub(crate) fn response_broken_off(&mut self) {
        let never_came = matches!(self.response, ResponseHalf::Begin) && !self.replied;
        let reading = self.response.take();
        if let Some(reading) = &reading {
            self.conclude(reading);
        }
        if let Some(record) = self
            .record
            .as_mut()
            .filter(|_| never_came || reading.is_some())
        {
            record.break_off();
        }
        self.close();
    }

    /// The answer is over: nothing ends it any more. Notes whether a later policy did.
    pub(crate) fn close(&mut self) {
        if let Some(by) = self.closes() {
            let ended = Counter::EndedStreams(by.reason);
            self.shared.metrics.count(ended, 1);
            self.record.get_or_insert_default().supersede(by);
        }
    }

    fn conclude(&mut self, reading: &Reading) {
        self.response_bytes = u64::try_from(reading.taken).unwrap_or(u64::MAX);
        self.note(&reading.inspection);
    }

    /// Counts and records what became of the answer.
    fn note(&mut self, inspection: &ResponseInspection) {
        // A server may answer before the request has ended.
        let record = self.record.get_or_insert_default();
        inspection.note_in(record);
        self.shared.metrics.answered(record);
    }
}

impl ResponseHalf {
    /// The body that is being judged; nothing more is asked of it.
    fn take(&mut self) -> Option<Box<Reading>> {
        match core::mem::replace(self, Self::Done) {
            Self::Reading(reading) => Some(reading),
            Self::Begin | Self::Empty | Self::Done => None,
        }
    }
}

impl Reading {
    fn new(inspection: ResponseInspection, mode: Mode, delivery: Delivery, share: Share) -> Self {
        Self {
            inspection,
            mode,
            delivery,
            taken: 0,
            waiting: 0,
            share,
            writable: false,
        }
    }

    /// Whether the rest of the body is with the host. Trailers may follow, and with them there is no
    /// piece to write into.
    fn is_whole(&self) -> bool {
        let received = self.taken.saturating_add(self.waiting);
        self.mode == Mode::Hold && self.delivery.is_complete(received)
    }

    /// A piece that is not the last.
    fn piece(&mut self) -> Action {
        if self.mode == Mode::Hold && self.delivery.stays_with_host() {
            return Action::Pause;
        }
        let (size, chunk) = self.take();
        let action = match self.mode {
            Mode::Hold => self.hold(size, chunk),
            Mode::Stream => self.pass_on(size, chunk),
            Mode::Observe => {
                self.inspection.feed(chunk);
                Action::Continue
            }
        };
        if !self.share.set(self.inspection.held()) {
            self.inspection.give_up();
            self.share.set(self.inspection.held());
        }
        action
    }

    /// How much waits with the host, and its bytes.
    fn take(&mut self) -> (usize, Vec<u8>) {
        let size = core::mem::take(&mut self.waiting);
        self.taken = self.taken.saturating_add(size);
        (size, host::body(Half::Response, size))
    }

    /// Takes bytes over from the host, so that its bound is never met.
    fn hold(&mut self, size: usize, chunk: Vec<u8>) -> Action {
        self.inspection.feed(chunk);
        host::empty_body(Half::Response, size);
        self.delivery.after_piece(size)
    }

    /// Passes on what the chunk completed.
    fn pass_on(&mut self, size: usize, chunk: Vec<u8>) -> Action {
        let passed = self.inspection.feed(chunk.clone());
        if passed != chunk {
            host::set_body(Half::Response, size, &passed);
        }
        // With nothing to pass on, pausing costs no time, and lets what is left be written when
        // trailers end the stream.
        match passed.is_empty() {
            true => self.delivery.after_piece(size),
            false => Action::Continue,
        }
    }

    fn end(&mut self) {
        let kept = self.taken == 0;
        let (size, chunk) = self.take();
        let before = (self.mode == Mode::Stream).then(|| chunk.clone());
        let mut passed = self.inspection.feed(chunk);
        let body = match (self.inspection.finish(), self.mode) {
            (_, Mode::Observe) => None,
            (BodyEnd::Same(_), _) if kept => None,
            (BodyEnd::Same(body) | BodyEnd::Changed(body), Mode::Hold) => Some(body),
            (BodyEnd::Same(rest) | BodyEnd::Changed(rest), Mode::Stream) => {
                passed.extend(rest);
                (before.as_ref() != Some(&passed)).then_some(passed)
            }
        };
        // Behind trailers nothing can be written any more: what is left of a stream, an event
        // without its end, is dropped, as the standard has it.
        if let Some(body) = body.filter(|_| self.writable) {
            host::set_body(Half::Response, size, &body);
        }
    }
}
