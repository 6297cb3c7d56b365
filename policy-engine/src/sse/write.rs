//! Writes events in the one form that all clients read alike.

use super::MESSAGE;
use super::line::may_begin_escaped;

/// Writes a comment without text, which keeps a connection alive and means nothing to anyone.
pub fn write_comment(out: &mut Vec<u8>) {
    out.extend_from_slice(b":\n\n");
}

/// Writes an event of the type `message` that holds this JSON text.
pub fn write_message(text: &[u8], out: &mut Vec<u8>) {
    field("event", MESSAGE, out);
    data(text.trim_ascii(), out);
    out.push(b'\n');
}

/// Writes a field that is not `data`.
pub(super) fn field(name: &str, value: &str, out: &mut Vec<u8>) {
    for part in [name, ": ", value, "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Writes the field `data`: JSON text, in one line.
///
/// In JSON text a line break means what a space means. Other characters at which some client ends
/// a line are U+000B, U+000C, U+001C to U+001E (Python), U+0085, U+2028 and U+2029 (Python, Java):
/// the last three can stand only within a string, where their escape means the same, and control
/// characters nowhere. Java also takes any control character away from the ends of a value.
pub(super) fn data(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: ");
    let mut rest = text;
    while let Some(next) = rest.iter().position(|byte| may_begin_escaped(*byte)) {
        let (plain, from_next) = rest.split_at(next);
        out.extend_from_slice(plain);
        rest = escape_first(from_next, out);
    }
    out.extend_from_slice(rest);
    out.push(b'\n');
}

/// Copies or escapes the first character of `text`, and returns what follows it.
fn escape_first<'a>(text: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let (code, rest) = match text {
        [b'\n' | b'\r', rest @ ..] => {
            out.push(b' ');
            return rest;
        }
        [control @ ..b' ', rest @ ..] => (u16::from(*control), rest),
        [0xC2, 0x85, rest @ ..] => (0x85, rest),
        [0xE2, 0x80, 0xA8, rest @ ..] => (0x2028, rest),
        [0xE2, 0x80, 0xA9, rest @ ..] => (0x2029, rest),
        [other, rest @ ..] => {
            out.push(*other);
            return rest;
        }
        [] => return text,
    };
    out.extend_from_slice(format!("\\u{code:04x}").as_bytes());
    rest
}
