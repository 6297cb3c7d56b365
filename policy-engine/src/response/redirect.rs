//! Places that a server sends a client to (RFC 9110, section 10.2.2; MCP 2024-11-05, `endpoint`).

use crate::policy::Policy;

/// Whether a URI reference leads to this same guard: it is relative, or names the authority that
/// was asked and a path that speaks MCP.
///
/// ```abnf
/// URI-reference = URI / relative-ref            relative-ref = relative-part [ "?" query ] …
/// relative-part = "//" authority path-abempty / path-absolute / path-noscheme / path-empty
/// ```
pub(super) fn stays_here(reference: &[u8], authority: &[u8], policy: &Policy) -> bool {
    // Clients strip, fold or turn what is none of these.
    if reference
        .iter()
        .any(|byte| !byte.is_ascii_graphic() || *byte == b'\\')
    {
        return false;
    }
    let end = reference.iter().position(|byte| b"/?#".contains(byte));
    let head = reference
        .get(..end.unwrap_or(reference.len()))
        .unwrap_or_default();
    if !head.contains(&b':') {
        return !reference.starts_with(b"//");
    }
    let rest = match head.to_ascii_lowercase().as_slice() {
        b"http:" => reference.get(5..),
        b"https:" => reference.get(6..),
        _ => None,
    };
    let Some(rest) = rest.and_then(|rest| rest.strip_prefix(b"//")) else {
        return false;
    };
    let end = rest
        .iter()
        .position(|byte| b"/?#".contains(byte))
        .unwrap_or(rest.len());
    let (named, path) = rest.split_at_checked(end).unwrap_or_default();
    named.eq_ignore_ascii_case(authority) && policy.endpoint(up_to_query(path)).is_some()
}

/// The path of a reference that stays here.
pub(super) fn up_to_query(path: &[u8]) -> &[u8] {
    let end = path.iter().position(|byte| b"?#".contains(byte));
    path.get(..end.unwrap_or(path.len())).unwrap_or_default()
}
