//! What the harnesses of this project share, beside the case format itself (`mcp_guard_cases`).

#[cfg(not(target_family = "wasm"))]
mod approve;
pub mod fuzzing;
#[cfg(not(target_family = "wasm"))]
pub mod load;
