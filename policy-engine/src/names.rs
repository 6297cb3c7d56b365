//! Names that dashboards, access logs, gateways and clients depend on.

/// Prefix of every metric of the filter.
pub const METRIC_PREFIX: &str = "mcp_guard_";

/// The `_meta` key with a tool's approval level (MCP basic, section `_meta`).
pub const META_APPROVAL: &str = "dev.mcp-guard/approval";

/// Property path of the decision record; access logs read it as
/// `%TYPED_CEL(filter_state['wasm.mcp_guard'])%`.
pub const FILTER_STATE_KEY: &str = "mcp_guard";

/// Prefix of every header of our own; copies sent by clients are removed.
pub const HEADER_PREFIX: &str = "x-mcp-guard-";

/// The method that stands in for a refused message where the answer travels on another stream.
pub const DENIED_METHOD: &str = "policy/denied";
