//! Calls that wait for a human.
//!
//! ```text
//! awaiting call ─▶ AwaitsFacts ─▶ token, or state of a round ─▶ AwaitsOnce ─▶ it passes
//!                  clock, memory └▶ challenge                    memory     └▶ challenge
//! ```

mod held;
mod own;
mod step;

pub use held::{Facts, Memory};
pub(super) use own::{Change, brings_state, forwarded};
pub(super) use step::Judged;
pub use step::{AwaitsFacts, AwaitsOnce, Step};
