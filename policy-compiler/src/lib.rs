//! The compiler of mcp-guard: text in, artefacts and diagnostics out.
//!
//! ```text
//! policy.yaml ─▶ yaml::Node ─▶ policy::Policy ─▶ lower ─▶ plugin configuration
//!                    └──────────────┴─ Diagnostics
//! ```
//!
//! It touches no file, network, clock or cluster, and makes no decision: whether a request passes,
//! the engine says, also here.

pub mod artefact;
pub mod captured;
pub mod checklist;
mod checks;
pub mod compilation;
pub mod deployment;
pub mod diagnostic;
pub mod doctor;
pub mod duration;
mod https;
pub mod init;
pub mod lower;
mod pattern;
pub mod policy;
pub mod review;
pub mod schema;
pub mod source;
#[cfg(test)]
mod testing;
pub mod yaml;
