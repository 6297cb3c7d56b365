#![cfg(target_family = "wasm")]
//! Placeholder.
