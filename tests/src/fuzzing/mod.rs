//! What the fuzz targets run, so that their inputs can be replayed without a fuzzer.
//!
//! Each target is a function that takes any bytes and panics where a property fails.

mod answer;
mod approval;
mod configuration;
mod decision;
mod glob;
mod http;
mod json;
mod policy;
#[cfg(not(target_family = "wasm"))]
mod policy_yaml;
mod reader;
mod sse;
mod uri;

pub use answer::answer;
pub use approval::approval;
pub use configuration::configuration;
pub use decision::decision;
pub use glob::glob;
#[cfg(not(target_family = "wasm"))]
pub use policy_yaml::policy_yaml;
pub use reader::reader;
pub use sse::sse;
pub use uri::uri;

/// A target: its name, and what it runs.
pub type Target = (&'static str, fn(&[u8]));

/// All targets. `fuzz/corpus/<name>` and `fuzz/regressions/<name>` hold inputs for each.
pub const TARGETS: &[Target] = &[
    ("answer", answer),
    ("approval", approval),
    ("configuration", configuration),
    ("decision", decision),
    ("glob", glob),
    #[cfg(not(target_family = "wasm"))]
    ("policy_yaml", policy_yaml),
    ("reader", reader),
    ("sse", sse),
    ("uri", uri),
];
