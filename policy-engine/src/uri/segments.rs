//! Paths (RFC 3986, 3.3) and the segments that move within them (5.2.4).
//!
//! ```text
//! segment = *pchar
//! pchar   = unreserved / pct-encoded / sub-delims / ":" / "@"
//! ```
//!
//! Encoded separators have been refused by now, so splitting the raw text splits the decoded one.

use super::grammar::{self, Parts};
use super::{UriFault, lookalikes, percent};

pub(super) fn check(scheme: &str, parts: &Parts<'_>) -> Result<(), UriFault> {
    check_beginning(scheme, parts)?;
    let path = parts.path.strip_prefix('/').unwrap_or(parts.path);
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        // A path may be empty or end in a slash.
        if segment.is_empty() && segments.peek().is_none() {
            break;
        }
        check_segment(segment)?;
    }
    Ok(())
}

/// A segment of a path, or a name in its place.
pub(super) fn check_segment(segment: &str) -> Result<(), UriFault> {
    if segment.is_empty() || segment.starts_with(';') {
        return Err(UriFault::EmptySegment);
    }
    if segment.ends_with(';') {
        return Err(UriFault::EmptyParameter);
    }
    if is_dots(segment) {
        return Err(UriFault::DotSegment);
    }
    if is_drive(segment) {
        return Err(UriFault::DriveLetter);
    }
    if percent::decoded(segment)
        .last()
        .is_some_and(char::is_whitespace)
    {
        return Err(UriFault::TrailingBlank);
    }
    Ok(())
}

/// How a path may begin: the web and `file:` have an authority, then a rooted path. All others
/// may do as they like, but never begin with two slashes.
fn check_beginning(scheme: &str, parts: &Parts<'_>) -> Result<(), UriFault> {
    if parts.path.starts_with("//") {
        return Err(UriFault::Unc);
    }
    let is_web = grammar::web_port(scheme).is_some();
    if !is_web && scheme != "file" {
        let empty = parts.path.is_empty() && parts.authority.is_none_or(str::is_empty);
        return if empty {
            Err(UriFault::EmptyPath)
        } else {
            Ok(())
        };
    }
    if parts.authority.is_none() {
        return Err(UriFault::Authority);
    }
    if parts.path.is_empty() {
        return Err(UriFault::EmptyPath);
    }
    Ok(())
}

/// Whether a segment is dots and blanks only, up to where a resolver may cut it: at a path
/// parameter (`..;x`), at a stream's name (`..:x`), or at what becomes a query once decoded.
fn is_dots(segment: &str) -> bool {
    let mut rest = percent::decoded(segment).skip_while(|c| *c == '.' || lookalikes::is_blank(*c));
    match rest.next() {
        None => true,
        Some(c) if cuts(c) => percent::decoded(segment).next() != Some(c),
        Some(_) => false,
    }
}

/// Delimiters, and what NFKC makes one of them.
fn cuts(c: char) -> bool {
    matches!(c, ';' | ':' | '?' | '#')
        || matches!(c, '\u{37E}' | '\u{FE14}' | '\u{FE54}' | '\u{FF1B}')
        || lookalikes::is_delimiter_form(c)
}

/// `c:`, `c|` and `c:name`, at which Windows leaves the directory it was in. Some libraries take
/// any character for a drive (Python's `ntpath.splitdrive`).
fn is_drive(segment: &str) -> bool {
    percent::decoded(segment)
        .nth(1)
        .is_some_and(|c| matches!(c, ':' | '|'))
}
