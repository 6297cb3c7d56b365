//! Protocol versions (<https://modelcontextprotocol.io/specification/versioning>).

/// Versions with an `initialize` handshake.
pub const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// The version in which every request describes itself.
pub const MODERN: &str = "2026-07-28";

/// The version whose clients may send batches, and which an absent header stands for.
pub(crate) const WITH_BATCHES: &str = "2025-03-26";

/// The version with the error that sends a user to a URL; later ones must not send it.
pub(crate) const URL_ELICITATION: &str = "2025-11-25";

/// Which of the two ways of speaking MCP a request uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// 2024-11-05 to 2025-11-25: `initialize`, sessions.
    Legacy,
    /// 2026-07-28: no sessions, every request carries its version and capabilities.
    Modern,
}
