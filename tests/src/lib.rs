//! The case format of mcp-guard and what its harnesses share.
//!
//! A file in `tests/cases` is read into a [`case::Case`], which becomes a
//! [`scenario::Scenario`]. A [`exchange::Guard`] plays it, and [`expect`] compares what came of
//! it with what was expected.

pub mod body;
pub mod case;
pub mod cuts;
mod default_answer;
pub mod engine;
pub mod exchange;
pub mod expect;
pub mod fuzzing;
pub mod header_text;
#[cfg(not(target_family = "wasm"))]
pub mod load;
pub mod run;
pub mod scenario;
