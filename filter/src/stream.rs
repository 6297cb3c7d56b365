//! One HTTP stream: which half is in which state.

use crate::host::{self, Half};
use crate::plugin::Shared;
use crate::request::RequestHalf;
use crate::response::ResponseHalf;
use crate::succession::Open;
use mcp_guard_engine::exchange::Exchange;
use mcp_guard_engine::http::Reply;
use mcp_guard_engine::record::Record;
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;
use std::rc::Rc;
use std::time::Duration;

/// The context of one stream.
pub(crate) struct Stream {
    /// The context's id.
    pub(crate) id: u32,
    pub(crate) shared: Rc<Shared>,
    pub(crate) request: RequestHalf,
    pub(crate) response: ResponseHalf,
    /// What is recorded, once something is known.
    pub(crate) record: Option<Record>,
    /// What the answer is judged by.
    pub(crate) exchange: Option<Exchange>,
    /// The answer is an event stream.
    pub(crate) open: Option<Rc<Open>>,
    /// The guard has answered; what follows is its own answer, or nothing.
    pub(crate) replied: bool,
    /// Bytes of both bodies.
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    /// Time spent here, of one exchange in many: to read the clock costs calls of the host.
    spent: Option<Duration>,
}

impl Stream {
    pub(crate) fn new(id: u32, shared: Rc<Shared>) -> Self {
        let spent = shared.sample().then_some(Duration::ZERO);
        Self {
            id,
            spent,
            shared,
            request: RequestHalf::Begin,
            response: ResponseHalf::Begin,
            record: None,
            exchange: None,
            open: None,
            replied: false,
            request_bytes: 0,
            response_bytes: 0,
        }
    }

    /// Does a part of the work, and takes its time if this exchange is timed.
    fn timed(&mut self, work: impl FnOnce(&mut Self) -> Action) -> Action {
        let Some(spent) = self.spent else {
            return work(self);
        };
        let start = host::time_of_day();
        let action = work(self);
        let took = start.and_then(|start| host::time_of_day()?.duration_since(start).ok());
        self.spent = Some(spent.saturating_add(took.unwrap_or_default()));
        action
    }

    /// Answers here, once, and lets nothing else through.
    pub(crate) fn reply(&mut self, reply: &Reply) -> Action {
        if !self.replied {
            self.replied = true;
            host::reply(reply);
        }
        Action::Pause
    }
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, end_of_stream: bool) -> Action {
        self.timed(|stream| stream.request_head(host::headers(Half::Request), end_of_stream))
    }

    fn on_http_request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        self.timed(|stream| stream.request_body(size, end_of_stream))
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        // With trailers the body's last callback does not say that it is the last.
        self.timed(Self::request_end)
    }

    fn on_http_response_headers(&mut self, _count: usize, end_of_stream: bool) -> Action {
        if self.replied {
            return Action::Continue;
        }
        self.timed(|stream| stream.response_head(host::headers(Half::Response), end_of_stream))
    }

    fn on_http_response_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        if self.replied {
            return Action::Continue;
        }
        let action = self.timed(|stream| stream.response_body(size, end_of_stream));
        if end_of_stream {
            self.close();
        }
        action
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        if self.replied {
            return Action::Continue;
        }
        let action = self.timed(Self::response_end);
        self.close();
        action
    }

    fn on_log(&mut self) {
        self.request_broken_off();
        self.response_broken_off();
        // Access logs are written after this.
        if let Some(record) = &self.record {
            host::set_record(&record.to_struct());
        }
        let metrics = &self.shared.metrics;
        metrics.passed(self.request_bytes, self.response_bytes);
        if let Some(spent) = self.spent {
            metrics.took(spent);
        }
    }
}
