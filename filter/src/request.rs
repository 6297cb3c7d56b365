//! The request half of a stream.

use crate::host::{self, Half};
use crate::peer;
use crate::stream::Stream;
use mcp_guard_engine::request::{
    HeadStep, Header, Reply, RequestAction, RequestHead, RequestInspection,
};
use proxy_wasm::types::Action;

/// From this size on, bytes are taken over from the host, whose own buffer is bounded by
/// `per_connection_buffer_limit_bytes` (1 MiB by default) and answers in its own words beyond.
pub(crate) const TAKE_OVER: usize = 64 * 1024;

/// Where the request half is.
pub(crate) enum RequestHalf {
    Begin,
    /// The body is awaited.
    Reading {
        inspection: Box<RequestInspection>,
        /// It is held back until the decision.
        hold: bool,
        /// Bytes taken over from the host.
        taken: usize,
        /// Bytes that the host holds.
        waiting: usize,
    },
    /// Nothing more is asked of it.
    Done,
}

impl Stream {
    pub(crate) fn request_head(&mut self, headers: Vec<Header>, end_of_stream: bool) -> Action {
        let Some(guard) = &self.shared.guard else {
            return self.reply(&Reply::no_policy());
        };
        let peer = peer::read(guard);
        let head = RequestHead { headers: &headers, end_of_stream, peer: &peer };
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
                self.request = RequestHalf::Reading { inspection, hold, taken: 0, waiting: 0 };
                // Headers pass on: held ones would hold the body's callbacks, too.
                Action::Continue
            }
        }
    }

    pub(crate) fn request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        let RequestHalf::Reading { inspection, hold, taken, waiting } = &mut self.request else {
            return if self.replied { Action::Pause } else { Action::Continue };
        };
        *waiting = size;
        if inspection.refuses_size(taken.saturating_add(size)) && *hold {
            return self.request_end();
        }
        if !*hold {
            // Nothing is enforced: the bytes pass as they come, and copies are judged.
            *taken = taken.saturating_add(size);
            *waiting = 0;
            inspection.feed(host::body(Half::Request, size));
        } else if size >= TAKE_OVER && !end_of_stream {
            *taken = taken.saturating_add(size);
            *waiting = 0;
            inspection.feed(host::body(Half::Request, size));
            host::set_body(Half::Request, size, &[]);
        }
        match (end_of_stream, *hold) {
            (true, _) => self.request_end(),
            (false, true) => Action::Pause,
            (false, false) => Action::Continue,
        }
    }

    /// The whole body is here.
    pub(crate) fn request_end(&mut self) -> Action {
        let half = core::mem::replace(&mut self.request, RequestHalf::Done);
        let RequestHalf::Reading { mut inspection, hold, taken, waiting } = half else {
            return if self.replied { Action::Pause } else { Action::Continue };
        };
        let size = taken.saturating_add(waiting);
        self.request_bytes = u64::try_from(size).unwrap_or(u64::MAX);
        if hold && waiting > 0 && !inspection.refuses_size(size) {
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
