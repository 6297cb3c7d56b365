//! One HTTP stream: which half is in which state.

use crate::host::{self, Half};
use crate::plugin::Shared;
use crate::request::RequestHalf;
use crate::response::ResponseHalf;
use mcp_guard_engine::exchange::Exchange;
use mcp_guard_engine::http::Reply;
use mcp_guard_engine::record::Record;
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;
use std::rc::Rc;

/// The context of one stream.
pub(crate) struct Stream {
    pub(crate) shared: Rc<Shared>,
    pub(crate) request: RequestHalf,
    pub(crate) response: ResponseHalf,
    /// What is recorded, once something is known.
    pub(crate) record: Option<Record>,
    /// What the answer is judged by.
    pub(crate) exchange: Option<Exchange>,
    /// The guard has answered; what follows is its own answer, or nothing.
    pub(crate) replied: bool,
    /// Bytes of both bodies.
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
}

impl Stream {
    pub(crate) fn new(shared: Rc<Shared>) -> Self {
        Self {
            shared,
            request: RequestHalf::Begin,
            response: ResponseHalf::Begin,
            record: None,
            exchange: None,
            replied: false,
            request_bytes: 0,
            response_bytes: 0,
        }
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
        self.request_head(host::headers(Half::Request), end_of_stream)
    }

    fn on_http_request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        self.request_body(size, end_of_stream)
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        // With trailers the body's last callback does not say that it is the last.
        self.request_end()
    }

    fn on_http_response_headers(&mut self, _count: usize, end_of_stream: bool) -> Action {
        if self.replied {
            return Action::Continue;
        }
        self.response_head(host::headers(Half::Response), end_of_stream)
    }

    fn on_http_response_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        if self.replied {
            return Action::Continue;
        }
        self.response_body(size, end_of_stream)
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        if self.replied {
            return Action::Continue;
        }
        self.response_end()
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
    }
}
