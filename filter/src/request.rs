//! The request half of a stream.

use crate::approvals;
use crate::delivery::request_stays_with_host;
use crate::host::{self, Half};
use crate::memory::Share;
use crate::peer;
use crate::stream::Stream;
use mcp_guard_engine::exchange::Exchange;
use mcp_guard_engine::http::{Header, Reply};
use mcp_guard_engine::record::Record;
use mcp_guard_engine::request::{HeadStep, RequestAction, RequestHead, RequestInspection};
use proxy_wasm::types::Action;

/// Where the request half is.
pub(crate) enum RequestHalf {
    Begin,
    /// The body is awaited.
    Reading(Box<Reading>),
    /// Nothing more is asked of it.
    Done,
}

/// A body that is being read.
pub(crate) struct Reading {
    inspection: RequestInspection,
    /// It is held back until the decision.
    hold: bool,
    stays_with_host: bool,
    /// Bytes taken over from the host.
    taken: usize,
    /// Bytes that the host holds.
    waiting: usize,
    share: Share,
}

impl Reading {
    /// What an answer is judged by that does not wait for the request's end.
    pub(crate) fn early_exchange(&self) -> Exchange {
        self.inspection.early_exchange()
    }

    /// What is recorded if the request never comes to its end.
    pub(crate) fn undecided(&self) -> Record {
        self.inspection.undecided()
    }

    /// Takes bytes over from the host. False: there is no room for them.
    fn take_over(&mut self, size: usize) -> bool {
        self.taken = self.taken.saturating_add(size);
        self.waiting = 0;
        self.inspection.feed(host::body(Half::Request, size));
        let fits = self.share.set(self.inspection.held());
        if !fits {
            self.inspection.give_up();
            self.share.set(self.inspection.held());
        }
        fits
    }
}

impl Stream {
    pub(crate) fn request_head(&mut self, headers: Vec<Header>, end_of_stream: bool) -> Action {
        let Some(guard) = &self.shared.guard else {
            return self.reply(&Reply::no_policy());
        };
        let peer = peer::read(guard);
        let head = RequestHead {
            headers: &headers,
            end_of_stream,
            peer: &peer,
        };
        let (inspection, step) = RequestInspection::start(guard, head);
        for name in inspection.headers_to_remove() {
            if headers.iter().any(|(header, _)| header == name) {
                host::remove_header(Half::Request, name);
            }
        }
        match step {
            HeadStep::Decided => self.decide(inspection, 0, false),
            HeadStep::NeedsBody { hold } => {
                self.request = RequestHalf::Reading(Box::new(Reading {
                    inspection,
                    hold,
                    stays_with_host: request_stays_with_host(&headers),
                    taken: 0,
                    waiting: 0,
                    share: Share::of(&self.shared.memory),
                }));
                // Headers pass on: held ones would hold the body's callbacks, too.
                Action::Continue
            }
        }
    }

    pub(crate) fn request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        let RequestHalf::Reading(reading) = &mut self.request else {
            return self.request_over();
        };
        reading.waiting = size;
        let received = reading.taken.saturating_add(size);
        let refused = reading.inspection.note_size(received) && reading.hold;
        if refused || end_of_stream {
            return self.request_end();
        }
        if reading.hold && reading.stays_with_host {
            return Action::Pause;
        }
        let fits = reading.take_over(size);
        if !reading.hold {
            // Nothing is enforced: the bytes pass as they come, and copies are judged.
            return Action::Continue;
        }
        host::empty_body(Half::Request, size);
        if !fits {
            return self.request_end();
        }
        Action::Pause
    }

    /// The client went away before the end.
    pub(crate) fn request_broken_off(&mut self) {
        if let RequestHalf::Reading(reading) = &self.request {
            let undecided = reading.undecided();
            self.note_request(undecided);
        }
    }

    /// Keeps what is recorded of the request, and what was recorded of an answer that came earlier.
    fn note_request(&mut self, record: Record) {
        let early = self.record.take().unwrap_or_default();
        self.record = Some(Record {
            answer: early.answer,
            candidate_answer: early.candidate_answer,
            ..record
        });
    }

    /// What becomes of pieces that come after the decision.
    fn request_over(&self) -> Action {
        match self.replied {
            true => Action::Pause,
            false => Action::Continue,
        }
    }

    /// The whole body is here.
    pub(crate) fn request_end(&mut self) -> Action {
        let half = core::mem::replace(&mut self.request, RequestHalf::Done);
        let RequestHalf::Reading(mut reading) = half else {
            return self.request_over();
        };
        let size = reading.taken.saturating_add(reading.waiting);
        self.request_bytes = u64::try_from(size).unwrap_or(u64::MAX);
        if reading.waiting > 0 && !reading.inspection.note_size(size) {
            reading
                .inspection
                .feed(host::body(Half::Request, reading.waiting));
        }
        let taken = reading.taken > 0 && reading.hold;
        self.decide(reading.inspection, reading.waiting, taken)
    }

    /// Performs the verdict. `waiting` bytes are with the host, the rest was `taken` over.
    fn decide(&mut self, inspection: RequestInspection, waiting: usize, taken: bool) -> Action {
        self.request = RequestHalf::Done;
        let verdict = approvals::decide(inspection);
        self.shared.metrics.decided(&verdict.record);
        self.note_request(verdict.record);
        self.exchange = Some(verdict.exchange);
        match verdict.action {
            RequestAction::Reply(reply) => {
                // What it still buffered beyond its limit, the host would answer itself, after us.
                host::empty_body(Half::Request, waiting);
                return self.reply(&reply);
            }
            RequestAction::Replace(body) => host::set_body(Half::Request, waiting, &body),
            RequestAction::Forward if taken => {
                host::set_body(Half::Request, waiting, &verdict.body);
            }
            RequestAction::Forward => {}
        }
        Action::Continue
    }
}
