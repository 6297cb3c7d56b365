//! The request half of a stream.

use crate::delivery::Delivery;
use crate::host::{self, Half};
use crate::peer;
use crate::stream::Stream;
use mcp_guard_engine::http::{Header, Reply};
use mcp_guard_engine::request::{HeadStep, RequestAction, RequestHead, RequestInspection};
use proxy_wasm::types::Action;

/// Where the request half is.
pub(crate) enum RequestHalf {
    Begin,
    /// The body is awaited.
    Reading {
        inspection: Box<RequestInspection>,
        /// It is held back until the decision.
        hold: bool,
        delivery: Delivery,
        /// Bytes taken over from the host.
        taken: usize,
        /// Bytes that the host holds.
        waiting: usize,
        /// Bytes of memory in the worker's sum.
        counted: usize,
    },
    /// Nothing more is asked of it.
    Done,
}

impl RequestHalf {
    /// Bytes of this half in the worker's sum.
    pub(crate) fn counted(&self) -> usize {
        match self {
            Self::Reading { counted, .. } => *counted,
            Self::Begin | Self::Done => 0,
        }
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
                let inspection = Box::new(inspection);
                let delivery = Delivery::of_request(&headers);
                self.request = RequestHalf::Reading {
                    inspection,
                    hold,
                    delivery,
                    taken: 0,
                    waiting: 0,
                    counted: 0,
                };
                // Headers pass on: held ones would hold the body's callbacks, too.
                Action::Continue
            }
        }
    }

    pub(crate) fn request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        let RequestHalf::Reading {
            inspection,
            hold,
            delivery,
            taken,
            waiting,
            counted,
        } = &mut self.request
        else {
            return self.request_over();
        };
        *waiting = size;
        let received = taken.saturating_add(size);
        let refused = inspection.note_size(received) && *hold;
        if refused || end_of_stream {
            return self.request_end();
        }
        if *hold && delivery.stays_with_host() {
            return Action::Pause;
        }
        *taken = received;
        *waiting = 0;
        inspection.feed(host::body(Half::Request, size));
        let held = inspection.held();
        if !self.shared.hold(*counted, held) {
            inspection.give_up();
            if *hold {
                return self.request_end();
            }
        } else {
            *counted = held;
        }
        if !*hold {
            // Nothing is enforced: the bytes pass as they come, and copies are judged.
            return Action::Continue;
        }
        host::set_body(Half::Request, size, &[]);
        Action::Pause
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
        let RequestHalf::Reading {
            mut inspection,
            hold,
            taken,
            waiting,
            counted,
            ..
        } = half
        else {
            return self.request_over();
        };
        self.shared.hold(counted, 0);
        let size = taken.saturating_add(waiting);
        self.request_bytes = u64::try_from(size).unwrap_or(u64::MAX);
        if waiting > 0 && !inspection.note_size(size) {
            inspection.feed(host::body(Half::Request, waiting));
        }
        self.decide(*inspection, waiting, taken > 0 && hold)
    }

    /// Performs the verdict. `waiting` bytes are with the host, the rest was `taken` over.
    fn decide(&mut self, inspection: RequestInspection, waiting: usize, taken: bool) -> Action {
        self.request = RequestHalf::Done;
        let verdict = inspection.finish();
        self.shared.metrics.decided(&verdict.record);
        host::set_record(&verdict.record.to_json());
        self.record = verdict.record;
        self.exchange = Some(verdict.exchange);
        match verdict.action {
            RequestAction::Reply(reply) => return self.reply(&reply),
            RequestAction::Replace(body) => host::set_body(Half::Request, waiting, &body),
            RequestAction::Forward if taken => {
                host::set_body(Half::Request, waiting, &verdict.body);
            }
            RequestAction::Forward => {}
        }
        Action::Continue
    }
}
