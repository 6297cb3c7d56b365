//! Answers: what a server sends, judged before a client sees it.
//!
//! ```text
//! head ─▶ Treatment ─┬▶ reply, empty body, or pass
//!                    ├▶ whole body ─▶ messages ─▶ the same bytes, edits, or an error
//!                    └▶ event stream ─▶ events ─▶ the same, one by one as they come
//! ```
//!
//! Lists are filtered by their shape, on any message and any channel, because some clients
//! overwrite ids; no remembered request is trusted to tell what a message is.

mod cache;
mod content;
mod failure;
mod head;
mod inspection;
mod list;
mod message;
mod outcome;
mod redirect;
mod result;
mod rounds;
mod stream;
mod tool;
mod whole;

pub use head::ResponseHead;
pub use inspection::{BodyEnd, HeadStep, ResponseInspection};

#[cfg(test)]
mod tests;
