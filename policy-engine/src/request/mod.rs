//! Requests: from HTTP facts and a body to an action.
//!
//! ```text
//! head ─▶ HeadFacts ─▶ Route ─┬▶ reply, or pass without a body
//!                             └▶ body ─▶ Message ─▶ Decision ─▶ RequestAction, Record, Exchange
//! ```

mod batch;
mod discovery;
mod era;
mod exchange;
mod head;
mod inspection;
mod lane;
mod media_type;
mod message;
mod refusal;
mod route;

pub use exchange::{Asked, Exchange, ExchangeLane, Origin};

pub(crate) use discovery::is_discovery;
pub use head::{Header, RequestHead};
pub use inspection::{HeadStep, RequestAction, RequestInspection, Verdict};
pub use refusal::Reply;

pub(crate) use media_type::{charset_is_utf8, is_event_stream, is_json};
pub(crate) use message::{internal_error, unknown_method};
pub(crate) use refusal::response_message;

#[cfg(test)]
mod tests;
