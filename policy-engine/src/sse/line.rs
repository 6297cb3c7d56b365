//! One line of an event stream.

use super::SseFault;
use std::ops::Range;

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The end of an event.
    Blank,
    /// A comment, whose text nobody reads.
    Comment,
    /// A field that events are made of.
    Field(Field),
    /// An unknown field, or one with a value that it cannot have.
    Dropped,
}

/// A field and its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) value: Value,
    /// The line is as the writer would write it.
    pub(super) canonical: bool,
}

/// A field's value, without white space around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// `event`; empty means the default.
    Name(String),
    /// `id`.
    Id(String),
    /// `retry`.
    Retry(u64),
    /// `data`, as a part of the line.
    Data(Range<usize>),
}

/// Reads a line without its end.
///
/// > stream        = [ bom ] *event
/// > event         = *( comment / field ) end-of-line
/// > comment       = colon *any-char end-of-line
/// > field         = 1*name-char [ colon [ space ] *any-char ] end-of-line
/// > end-of-line   = ( cr lf / cr / lf )
/// >
/// > ; characters
/// > lf            = %x000A ; U+000A LINE FEED (LF)
/// > cr            = %x000D ; U+000D CARRIAGE RETURN (CR)
/// > space         = %x0020 ; U+0020 SPACE
/// > colon         = %x003A ; U+003A COLON (:)
/// > bom           = %xFEFF ; U+FEFF BYTE ORDER MARK
/// > name-char     = %x0000-0009 / %x000B-000C / %x000E-0039 / %x003B-10FFFF
/// >                 ; a scalar value other than U+000A LF, U+000D CR, or U+003A COLON (:)
/// > any-char      = %x0000-0009 / %x000B-000C / %x000E-10FFFF
/// >                 ; a scalar value other than U+000A LF or U+000D CR
/// >
/// > Event streams in this format must always be encoded as UTF-8.
///
/// (WHATWG HTML, 9.2.5.)
pub(super) fn read(line: &[u8]) -> Result<Line, SseFault> {
    let line = str::from_utf8(line).map_err(|_| SseFault::NotUtf8)?;
    if line.is_empty() {
        return Ok(Line::Blank);
    }
    if line.starts_with(':') {
        return Ok(Line::Comment);
    }
    let (name, after) = line.split_once(':').unwrap_or((line, ""));
    // Clients in Go and Java take all white space away, others one space at the front: an event
    // judged as ` endpoint` would reach some as `endpoint`. So none of it is kept.
    let value = after.trim();
    let spaced = after.strip_prefix(' ') == Some(value);
    Ok(match field(name, value, line) {
        Some((value, as_written)) => Line::Field(Field {
            value,
            canonical: spaced && as_written,
        }),
        None => Line::Dropped,
    })
}

/// The field's value, and whether its text is as the writer would write it.
fn field(name: &str, value: &str, line: &str) -> Option<(Value, bool)> {
    match name {
        "data" => Some((Value::Data(part_of(line, value)), !is_escaped(value))),
        "event" if is_identifier(value) => Some((Value::Name(value.to_owned()), !value.is_empty())),
        "id" if is_identifier(value) => Some((Value::Id(value.to_owned()), true)),
        "retry" => {
            let milliseconds = retry(value)?;
            let as_written = value == "0" || !value.starts_with('0');
            Some((Value::Retry(milliseconds), as_written))
        }
        _ => None,
    }
}

/// Where the trimmed value stands in its line.
fn part_of(line: &str, value: &str) -> Range<usize> {
    let end = line.trim_end().len();
    match value.is_empty() {
        true => line.len()..line.len(),
        false => end.saturating_sub(value.len())..end,
    }
}

/// Whether `event` or `id` can have this value, which no client cuts in two.
fn is_identifier(value: &str) -> bool {
    !value.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// > If the field value consists of only ASCII digits, then interpret the field value as an
/// > integer in base ten […]. Otherwise, ignore the field.
fn retry(value: &str) -> Option<u64> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|_| digits)
}

/// Whether the writer would escape something in this data.
fn is_escaped(text: &str) -> bool {
    let escaped = |c: char| match c {
        '\t' => false,
        _ => c < ' ' || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}'),
    };
    text.bytes().any(may_begin_escaped) && text.contains(escaped)
}

/// Whether a character that the writer escapes in data can begin with this byte.
pub(super) fn may_begin_escaped(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || matches!(byte, 0xC2 | 0xE2)
}
