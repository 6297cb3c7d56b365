//! The response half of a stream.

use crate::delivery::Delivery;
use crate::host::{self, Half};
use crate::metrics::Counter;
use crate::request::RequestHalf;
use crate::stream::Stream;
use mcp_guard_engine::http::Header;
use mcp_guard_engine::response::{BodyEnd, Filtered, HeadStep, ResponseHead, ResponseInspection};
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
    /// Bytes taken over from the host.
    taken: usize,
    /// Bytes that the host holds.
    waiting: usize,
    /// Bytes of this stream in the worker's sum.
    counted: usize,
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
            (None, RequestHalf::Reading { inspection, .. }) => inspection.early_exchange(),
            (None, _) => return Action::Continue,
        };
        let head = ResponseHead {
            headers: &headers,
            end_of_stream,
        };
        let (inspection, step) = ResponseInspection::start(exchange, head);
        let mode = match step {
            HeadStep::Pass => {
                self.response = ResponseHalf::Done;
                self.conclude(&inspection);
                return Action::Continue;
            }
            HeadStep::Reply(reply) => {
                self.response = ResponseHalf::Done;
                self.conclude(&inspection);
                return self.reply(&reply);
            }
            HeadStep::Empty => {
                host::remove_header(Half::Response, "content-length");
                self.response = ResponseHalf::Empty;
                self.conclude(&inspection);
                return Action::Continue;
            }
            HeadStep::Hold => Mode::Hold,
            HeadStep::Stream => Mode::Stream,
            HeadStep::Observe => Mode::Observe,
        };
        if mode != Mode::Observe {
            host::remove_header(Half::Response, "content-length");
        }
        let delivery = Delivery::of_response(&headers);
        let reading = Reading {
            inspection,
            mode,
            delivery,
            taken: 0,
            waiting: 0,
            counted: 0,
            writable: false,
        };
        self.response = ResponseHalf::Reading(Box::new(reading));
        Action::Continue
    }

    pub(crate) fn response_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        match &mut self.response {
            ResponseHalf::Reading(reading) => {
                reading.writable = true;
                reading.waiting = size;
            }
            ResponseHalf::Empty => {
                host::set_body(Half::Response, size, &[]);
                return Action::Continue;
            }
            ResponseHalf::Begin | ResponseHalf::Done => return Action::Continue,
        }
        let action = self.response_piece(size, end_of_stream);
        if let ResponseHalf::Reading(reading) = &mut self.response {
            reading.writable = action == Action::Pause;
        }
        action
    }

    fn response_piece(&mut self, size: usize, end_of_stream: bool) -> Action {
        let ResponseHalf::Reading(reading) = &self.response else {
            return Action::Continue;
        };
        let whole = reading
            .delivery
            .is_complete(reading.taken.saturating_add(size));
        match reading.mode {
            _ if end_of_stream => self.response_end(),
            // Trailers may follow, and with them there is no piece to write into.
            Mode::Hold if whole => self.response_end(),
            Mode::Hold if reading.delivery.stays_with_host() => Action::Pause,
            Mode::Hold => self.take_over(size),
            Mode::Stream => self.pass_on(size),
            Mode::Observe => self.observe(size),
        }
    }

    /// Takes bytes over from the host, so that its bound is never met.
    fn take_over(&mut self, size: usize) -> Action {
        let ResponseHalf::Reading(reading) = &mut self.response else {
            return Action::Continue;
        };
        reading.taken = reading.taken.saturating_add(size);
        reading.waiting = 0;
        self.response_bytes = self.response_bytes.saturating_add(bytes(size));
        reading.inspection.feed(host::body(Half::Response, size));
        host::set_body(Half::Response, size, &[]);
        let after = reading.delivery.after_response_piece(size);
        self.account();
        after
    }

    /// Passes on what the chunk completed.
    fn pass_on(&mut self, size: usize) -> Action {
        let ResponseHalf::Reading(reading) = &mut self.response else {
            return Action::Continue;
        };
        reading.waiting = 0;
        self.response_bytes = self.response_bytes.saturating_add(bytes(size));
        let chunk = host::body(Half::Response, size);
        let passed = reading.inspection.feed(chunk.clone());
        if passed != chunk {
            host::set_body(Half::Response, size, &passed);
        }
        // With nothing to pass on, pausing costs no time, and lets what is left be written when
        // trailers end the stream.
        let action = match passed.is_empty() {
            true => reading.delivery.after_response_piece(size),
            false => Action::Continue,
        };
        self.account();
        action
    }

    fn observe(&mut self, size: usize) -> Action {
        let ResponseHalf::Reading(reading) = &mut self.response else {
            return Action::Continue;
        };
        reading.waiting = 0;
        self.response_bytes = self.response_bytes.saturating_add(bytes(size));
        reading.inspection.feed(host::body(Half::Response, size));
        self.account();
        Action::Continue
    }

    /// The whole body is here.
    pub(crate) fn response_end(&mut self) -> Action {
        let half = core::mem::replace(&mut self.response, ResponseHalf::Done);
        let ResponseHalf::Reading(mut reading) = half else {
            return Action::Continue;
        };
        let size = reading.waiting;
        self.response_bytes = self.response_bytes.saturating_add(bytes(size));
        let chunk = host::body(Half::Response, size);
        let before = match reading.mode {
            Mode::Stream => Some(chunk.clone()),
            Mode::Hold | Mode::Observe => None,
        };
        let mut passed = reading.inspection.feed(chunk);
        let body = match (reading.inspection.finish(), reading.mode) {
            (_, Mode::Observe) => None,
            (BodyEnd::Same(_), _) if reading.taken == 0 => None,
            (BodyEnd::Same(body) | BodyEnd::Changed(body), Mode::Hold) => Some(body),
            (BodyEnd::Same(rest) | BodyEnd::Changed(rest), Mode::Stream) => {
                passed.extend(rest);
                (before.as_ref() != Some(&passed)).then_some(passed)
            }
        };
        // Behind trailers nothing can be written any more: what is left of a stream, an event
        // without its end, is dropped, as the standard has it.
        if let Some(body) = body.filter(|_| reading.writable) {
            host::set_body(Half::Response, size, &body);
        }
        self.shared.hold(reading.counted, 0);
        self.conclude(&reading.inspection);
        Action::Continue
    }

    /// Keeps the sum of what the worker holds, and gives up where there is no room.
    fn account(&mut self) {
        let ResponseHalf::Reading(reading) = &mut self.response else {
            return;
        };
        let mut held = reading.inspection.held();
        if !self.shared.hold(reading.counted, held) {
            reading.inspection.give_up();
            held = reading.inspection.held();
            self.shared.hold(reading.counted, held);
        }
        reading.counted = held;
    }

    /// Counts and records what became of the answer.
    fn conclude(&mut self, inspection: &ResponseInspection) {
        self.count_filtered(Counter::FilteredItems, inspection.filtered());
        self.count_filtered(
            Counter::CandidateFilteredItems,
            inspection.candidate_filters(),
        );
        if let Some(reason) = inspection.refused() {
            let metrics = &self.shared.metrics;
            metrics.count(Counter::RefusedAnswers(reason), 1);
        }
        if inspection.note_in(&mut self.record) {
            host::set_record(&self.record.to_json());
        }
    }

    fn count_filtered(&self, counter: fn(&'static str) -> Counter, filtered: Filtered) {
        for (kind, count) in filtered.by_kind() {
            self.shared.metrics.count(counter(kind), u64::from(count));
        }
    }
}

impl ResponseHalf {
    /// Bytes of this half in the worker's sum.
    pub(crate) fn counted(&self) -> usize {
        match self {
            Self::Reading(reading) => reading.counted,
            _ => 0,
        }
    }
}

fn bytes(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}
