//! The case format of mcp-guard, for the project's own cases and for those of a user's policy.
//!
//! ```text
//! case.yaml ─▶ case::Case ─▶ scenario::Scenario ─▶ exchange::Guard ─▶ Outcome ─▶ expect::mismatches
//! ```
//!
//! A harness is a [`exchange::Guard`]; [`engine::Engine`] is the one that plays cases with the
//! engine itself. The crate touches no file: it is given text, and says where in it a mistake is.

pub mod access;
pub mod body;
pub mod call;
pub mod case;
pub mod cuts;
mod default_answer;
pub mod engine;
pub mod exchange;
pub mod expect;
pub mod expectation;
pub mod explanation;
#[cfg(not(target_family = "wasm"))]
pub mod file;
pub mod header_text;
pub mod notes;
#[cfg(not(target_family = "wasm"))]
pub mod read;
pub mod run;
pub mod scenario;
pub mod setting;
pub mod wording;
