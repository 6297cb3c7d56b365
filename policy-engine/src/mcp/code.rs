//! Error codes of JSON-RPC 2.0 (section 5.1) and of MCP 2026-07-28 (`schema.ts`).

/// The text is not JSON.
pub(crate) const PARSE_ERROR: i32 = -32700;
/// The JSON is no valid request.
pub(crate) const INVALID_REQUEST: i32 = -32600;
/// The method is unknown.
pub(crate) const METHOD_NOT_FOUND: i32 = -32601;
/// The parameters are wrong, or name something unknown.
pub(crate) const INVALID_PARAMS: i32 = -32602;
/// The answer could not be produced.
pub(crate) const INTERNAL_ERROR: i32 = -32603;
/// A resource is unknown, up to 2025-11-25.
pub(crate) const RESOURCE_NOT_FOUND: i32 = -32002;
/// Headers and body disagree, from 2026-07-28 on.
pub(crate) const HEADER_MISMATCH: i32 = -32020;
/// The protocol version is not spoken here, from 2026-07-28 on.
pub(crate) const UNSUPPORTED_PROTOCOL_VERSION: i32 = -32022;
/// The user is to visit a URL first, 2025-11-25.
pub(crate) const URL_ELICITATION_REQUIRED: i32 = -32042;
