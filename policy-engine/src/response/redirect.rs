//! Places that a server sends a client to (RFC 9110, section 10.2.2; MCP 2024-11-05, `endpoint`).

use crate::exchange::Origin;
use crate::http::is_discovery;
use crate::policy::Policy;
use crate::policy::format::EndpointKind;

/// Where a URI reference leads, if every client reads it alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination<'a> {
    /// Where the client is already.
    Same,
    /// Another path of this same guard.
    Path(&'a [u8]),
}

/// Whether a redirect leads to where this guard looks: the same place, or a path that speaks MCP or
/// tells of it. A path that passes uninspected leads round the guard, although it is at home here.
pub(super) fn stays_here(reference: &[u8], origin: &Origin, policy: &Policy) -> bool {
    match destination(reference, origin) {
        None => false,
        Some(Destination::Same) => true,
        Some(Destination::Path(path)) => {
            let speaks = |path: &[u8]| policy.endpoint(path).is_some();
            !policy.is_open(path) && (speaks(path) || is_discovery(path, speaks))
        }
    }
}

/// Whether the place to post messages to is a message endpoint of this same guard.
pub(super) fn is_message_endpoint(reference: &[u8], origin: &Origin, policy: &Policy) -> bool {
    match destination(reference, origin) {
        Some(Destination::Path(path)) => {
            !policy.is_open(path) && policy.endpoint(path) == Some(EndpointKind::Message)
        }
        _ => false,
    }
}

/// Reads a reference that is empty, begins with `?` or `/`, or is a whole `http` or `https` URL of
/// the origin that was asked. Paths relative to another are read differently by different clients.
///
/// ```abnf
/// URI-reference = URI / relative-ref            relative-ref = relative-part [ "?" query ] …
/// relative-part = "//" authority path-abempty / path-absolute / path-noscheme / path-empty
/// ```
fn destination<'a>(reference: &'a [u8], origin: &Origin) -> Option<Destination<'a>> {
    // Clients strip, fold or turn what is none of these.
    if reference
        .iter()
        .any(|byte| !byte.is_ascii_graphic() || *byte == b'\\')
    {
        return None;
    }
    let path = match reference.first() {
        None | Some(b'?' | b'#') => return Some(Destination::Same),
        Some(b'/') if reference.starts_with(b"//") => return None,
        Some(b'/') => reference,
        Some(_) => of_this_origin(reference, origin)?,
    };
    let path = up_to_query(path);
    is_plain(path).then_some(Destination::Path(path))
}

/// The path of a URL whose scheme and authority are those that were asked.
fn of_this_origin<'a>(url: &'a [u8], origin: &Origin) -> Option<&'a [u8]> {
    let at = url.windows(3).position(|window| window == b"://")?;
    let (scheme, rest) = url.split_at_checked(at)?;
    let rest = rest.get(3..)?;
    let end = rest
        .iter()
        .position(|byte| b"/?#".contains(byte))
        .unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let is_web = scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https");
    // With a port in it the authority names one listener; else the scheme does.
    let same_listener = states_port(authority) || scheme.eq_ignore_ascii_case(&origin.scheme);
    let same = is_web && same_listener && authority.eq_ignore_ascii_case(&origin.authority);
    same.then_some(path)
}

fn states_port(authority: &[u8]) -> bool {
    let host_end = authority
        .iter()
        .rposition(|byte| *byte == b']')
        .unwrap_or(0);
    authority
        .get(host_end..)
        .is_some_and(|rest| rest.contains(&b':'))
}

/// Whether a path is compared as it stands: nothing in it that a client or a server resolves.
fn is_plain(path: &[u8]) -> bool {
    let Some(segments) = path.strip_prefix(b"/") else {
        return false;
    };
    let resolves = |segment: &[u8]| {
        matches!(segment, b"." | b"..") || segment.iter().any(|byte| b"%;".contains(byte))
    };
    !path.windows(2).any(|window| window == b"//")
        && !segments.split(|byte| *byte == b'/').any(resolves)
}

fn up_to_query(path: &[u8]) -> &[u8] {
    let end = path.iter().position(|byte| b"?#".contains(byte));
    path.get(..end.unwrap_or(path.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Guard;

    const CONFIG: &str = r#"{"format":1,"policy":{"open_paths":["/healthz"],"endpoints":[
        {"path":"/mcp"},{"path":"/sse","kind":"sse"},{"path":"/messages","kind":"message"}]}}"#;

    fn asked(scheme: &str, authority: &str) -> Origin {
        Origin {
            scheme: scheme.into(),
            authority: authority.into(),
        }
    }

    #[test]
    fn only_what_is_looked_at_can_be_the_destination() {
        let policy = Guard::from_json(CONFIG.as_bytes())
            .unwrap()
            .enforced
            .unwrap();
        let origin = asked("http", "mcp.example");
        for here in [
            "",
            "?a=b",
            "/mcp",
            "/mcp?x=/../y",
            "http://mcp.example/mcp",
            "HTTP://MCP.example/messages",
            "/.well-known/oauth-protected-resource/mcp",
        ] {
            assert!(stays_here(here.as_bytes(), &origin, &policy), "{here}");
        }
        for elsewhere in [
            "/healthz",
            "healthz",
            "mcp",
            "x/../healthz",
            "/%2e%2e/healthz",
            "/mcp/../healthz",
            "//evil/mcp",
            "/\\evil/mcp",
            "https://mcp.example/mcp",
            "http://mcp.example:81/mcp",
            "http://evil/mcp",
            "http://mcp.example@evil/mcp",
            "http:/mcp",
            "http:mcp",
            "javascript:x",
            "http://mcp.example/other",
            "http://mcp.example",
            "/mcp\t",
            " /mcp",
            "/mcp;x",
            "ftp://mcp.example/mcp",
        ] {
            assert!(
                !stays_here(elsewhere.as_bytes(), &origin, &policy),
                "{elsewhere}"
            );
        }
        assert!(stays_here(
            b"https://mcp.example:8080/mcp",
            &asked("http", "mcp.example:8080"),
            &policy
        ));
    }

    #[test]
    fn messages_are_posted_to_message_endpoints() {
        let policy = Guard::from_json(CONFIG.as_bytes())
            .unwrap()
            .enforced
            .unwrap();
        let origin = asked("http", "mcp.example");
        for good in ["/messages?sessionId=1", "http://mcp.example/messages"] {
            assert!(
                is_message_endpoint(good.as_bytes(), &origin, &policy),
                "{good}"
            );
        }
        for bad in [
            "",
            "?x",
            "/mcp",
            "/healthz",
            "healthz?://x/messages",
            "http://evil/messages",
            "{}",
            "/messages/../healthz",
        ] {
            assert!(
                !is_message_endpoint(bad.as_bytes(), &origin, &policy),
                "{bad}"
            );
        }
    }
}
