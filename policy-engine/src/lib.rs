//! The pure decision library of mcp-guard.

pub mod names;
pub mod policy;
