//! A text form of HTTP messages, so that inputs can be read and mutated.

use mcp_guard_engine::http::Header;

/// Reads `first-line *( LF name ": " value ) LF LF body`.
pub(super) fn parse(input: &[u8]) -> Option<(&str, Vec<Header>, &[u8])> {
    let end = input.windows(2).position(|pair| pair == b"\n\n")?;
    let head = str::from_utf8(input.get(..end)?).ok()?;
    let body = input.get(end.checked_add(2)?..)?;
    let mut lines = head.split('\n');
    let first = lines.next()?;
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        headers.push(header(&name.to_ascii_lowercase(), value));
    }
    Some((first, headers, body))
}

/// A header, as hosts give it.
pub(super) fn header(name: &str, value: &str) -> Header {
    (name.into(), value.as_bytes().to_vec())
}
