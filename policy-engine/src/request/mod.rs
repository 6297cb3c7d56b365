//! Requests: from HTTP facts and a body to an action.
//!
//! ```text
//! head ─▶ HeadFacts ─▶ Route ─┬▶ reply, or pass without a body
//!                             └▶ body ─▶ Message ─▶ Decision ─▶ RequestAction, Record, Exchange
//! ```

mod again;
mod approval;
mod batch;
mod era;
mod head;
mod inspection;
mod lane;
mod message;
mod route;

pub use approval::{AwaitsFacts, AwaitsOnce, Facts, Memory, Step};
pub(crate) use head::HeadFacts;
pub use head::RequestHead;
pub use inspection::{HeadStep, RequestAction, RequestInspection, Verdict};

#[cfg(test)]
mod tests;
