//! The compiled policy.
pub mod format;
