//! Names that dashboards, access logs, gateways and clients depend on.

/// Prefix of every metric of the filter.
pub const METRIC_PREFIX: &str = "mcp_guard_";

/// The `_meta` key of all that is about approvals (MCP basic, section `_meta`): a tool's level in lists,
/// the approval in calls, what a human is to approve in refusals. The guard's own question to the
/// client goes by it, too.
pub const META_APPROVAL: &str = "dev.mcp-guard/approval";

/// Property path of the decision record; access logs read it as
/// `%TYPED_CEL(filter_state['wasm.mcp_guard'])%`.
pub const FILTER_STATE_KEY: &str = "mcp_guard";

/// Prefix of every header of our own; copies sent by clients are removed.
pub const HEADER_PREFIX: &str = "x-mcp-guard-";

/// The header in which a gateway hands over an approval.
pub const APPROVAL_HEADER: &str = "x-mcp-guard-approval";

/// The method that stands in for a refused message where the answer travels on another stream.
pub const DENIED_METHOD: &str = "policy/denied";
