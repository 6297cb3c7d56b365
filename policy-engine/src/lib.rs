//! The pure decision library of mcp-guard.
//!
//! Given a policy, the head of a request, and its bytes, it says what becomes of the request, of its
//! answer, and what is recorded. It touches no host, clock, environment or log: all it needs is
//! handed to it, all it wants done it returns.
//!
//! ```text
//! configuration ─▶ policy ─┐
//! request ─▶ json ─▶ jsonrpc ─▶ decision ─▶ RequestAction + Record + Exchange
//! answer ─▶ sse? ─▶ json ─▶ decision ─▶ what the client gets
//! ```

pub mod approval;
pub mod base64;
mod challenge;
pub mod decision;
pub mod exchange;
pub mod glob;
pub mod http;
pub mod json;
pub mod jsonrpc;
pub mod mcp;
pub mod names;
pub mod once;
mod parts;
pub mod policy;
pub mod record;
mod refusal;
pub mod request;
pub mod response;
pub mod sse;
pub mod state;
pub mod uri;
