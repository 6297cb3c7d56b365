//! The parts of a URI (RFC 3986, appendix A).
//!
//! ```text
//! URI           = scheme ":" hier-part [ "?" query ] [ "#" fragment ]
//! hier-part     = "//" authority path-abempty / path-absolute / path-rootless / path-empty
//! scheme        = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
//! path-abempty  = *( "/" segment )
//! path-absolute = "/" [ segment-nz *( "/" segment ) ]
//! path-rootless = segment-nz *( "/" segment )
//! ```

use super::UriFault;

/// What follows the scheme.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) authority: Option<&'a str>,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
}

/// Splits a URI at the colon after its scheme.
pub(super) fn scheme(text: &str) -> Result<(&str, &str), UriFault> {
    let (scheme, rest) = text.split_once(':').ok_or(UriFault::Scheme)?;
    let mut bytes = scheme.bytes();
    let first = bytes.next().ok_or(UriFault::Scheme)?;
    if scheme.len() == 1 && first.is_ascii_alphabetic() {
        return Err(UriFault::DriveLetter);
    }
    if !first.is_ascii_lowercase() || !bytes.all(is_scheme_byte) {
        return Err(UriFault::Scheme);
    }
    Ok((scheme, rest))
}

pub(super) fn split(rest: &str) -> Result<Parts<'_>, UriFault> {
    if rest.contains('#') {
        return Err(UriFault::Fragment);
    }
    let (hierarchy, query) = match rest.split_once('?') {
        Some((hierarchy, query)) => (hierarchy, Some(query)),
        None => (rest, None),
    };
    let (authority, path) = match hierarchy.strip_prefix("//") {
        Some(after) => {
            let end = after.find('/').unwrap_or(after.len());
            after.split_at_checked(end).map(|(a, p)| (Some(a), p))
        }
        None => Some((None, hierarchy)),
    }
    .ok_or(UriFault::Authority)?;
    Ok(Parts {
        authority,
        path,
        query,
    })
}

/// The schemes that browsers' URL parsers treat as the web's, with their default ports.
/// These parsers rewrite hosts and demand an authority (WHATWG URL, "special scheme").
pub(super) fn web_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')
}
