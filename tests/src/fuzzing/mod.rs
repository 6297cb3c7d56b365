//! What the fuzz targets run, so that their inputs can be replayed without a fuzzer.
//!
//! Each target is a function that takes any bytes and panics where a property fails.

mod sse;

pub use sse::sse;

/// A target: its name, and what it runs.
pub type Target = (&'static str, fn(&[u8]));

/// All targets. `fuzz/corpus/<name>` and `fuzz/regressions/<name>` hold inputs for each.
pub const TARGETS: &[Target] = &[("sse", sse)];
