//! OAuth discovery (RFC 8414, RFC 9728, OpenID Connect Discovery 1.0), which stands beside MCP.

const DOCUMENTS: [&[u8]; 3] = [
    b"oauth-protected-resource",
    b"oauth-authorization-server",
    b"openid-configuration",
];

/// Whether `path` is a discovery document: `/.well-known/NAME`, bare or followed by an endpoint's
/// path, or `ENDPOINT/.well-known/openid-configuration`.
pub(crate) fn is_discovery(path: &[u8], is_endpoint: impl Fn(&[u8]) -> bool) -> bool {
    if let Some(rest) = path.strip_prefix(b"/.well-known/") {
        let tail = DOCUMENTS.iter().find_map(|name| rest.strip_prefix(*name));
        return tail.is_some_and(|tail| tail.is_empty() || is_endpoint(tail));
    }
    let endpoint = path.strip_suffix(b"/.well-known/openid-configuration");
    endpoint.is_some_and(is_endpoint)
}
