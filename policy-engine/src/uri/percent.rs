//! Characters and their percent-encodings (RFC 3986, 2.1 to 2.4).
//!
//! ```text
//! pct-encoded = "%" HEXDIG HEXDIG
//! unreserved  = ALPHA / DIGIT / "-" / "." / "_" / "~"
//! gen-delims  = ":" / "/" / "?" / "#" / "[" / "]" / "@"
//! sub-delims  = "!" / "$" / "&" / "'" / "(" / ")" / "*" / "+" / "," / ";" / "="
//! ```
//!
//! Normal form: hexadecimal digits in upper case (6.2.2.1), nothing unreserved encoded (6.2.2.2).

use super::{UriFault, lookalikes};

/// A character of a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) char: char,
    pub(super) escaped: bool,
}

/// The characters of a URI with its escapes decoded, once.
#[derive(Clone, Debug)]
pub(super) struct Characters<'a> {
    rest: &'a str,
}

impl<'a> Characters<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl Iterator for Characters<'_> {
    type Item = Result<Decoded, UriFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut chars = self.rest.chars();
        let char = chars.next()?;
        if char != '%' {
            self.rest = chars.as_str();
            return Some(Ok(Decoded {
                char,
                escaped: false,
            }));
        }
        let decoded = escaped(self.rest);
        self.rest = decoded.map_or("", |(_, rest)| rest);
        Some(decoded.map(|(char, _)| Decoded {
            char,
            escaped: true,
        }))
    }
}

/// Decodes text that [`check`] has accepted.
pub(super) fn decoded(text: &str) -> impl Iterator<Item = char> + Clone {
    Characters::of(text).flatten().map(|decoded| decoded.char)
}

/// The characters of accepted text with all escapes decoded but those of `?`, `#` and `%`, which
/// would become structure.
pub(super) fn folded(text: &str) -> impl Iterator<Item = char> {
    Characters::of(text)
        .flatten()
        .flat_map(|Decoded { char, escaped }| {
            let kept = match char {
                '?' if escaped => ['%', '3', 'F'],
                '#' if escaped => ['%', '2', '3'],
                '%' if escaped => ['%', '2', '5'],
                _ => [char, '\0', '\0'],
            };
            // No accepted text has a NUL.
            kept.into_iter().filter(|c| *c != '\0')
        })
}

/// Whether [`folded`] decodes the escape of this character.
pub(super) fn folds(c: char) -> bool {
    !matches!(c, '?' | '#' | '%')
}

/// Checks every character and every escape, wherever it stands.
pub(super) fn check(text: &str) -> Result<(), UriFault> {
    let mut characters = Characters::of(text);
    while let Some(decoded) = characters.next() {
        let Decoded { char, escaped } = decoded?;
        if !char.is_ascii() {
            lookalikes::check(char)?;
        } else if escaped {
            check_escaped(char, characters.rest)?;
        } else {
            check_raw(char)?;
        }
    }
    Ok(())
}

fn check_raw(c: char) -> Result<(), UriFault> {
    match c {
        '\0'..='\x1F' | '\x7F' => Err(UriFault::Control),
        '\\' => Err(UriFault::Backslash),
        '"' | '<' | '>' | '^' | '`' | '{' | '|' | '}' => Err(UriFault::Character),
        _ => Ok(()),
    }
}

/// An escape of ASCII, and what stands after it.
fn check_escaped(c: char, after: &str) -> Result<(), UriFault> {
    match c {
        '\0'..='\x1F' | '\x7F' => Err(UriFault::Control),
        '/' | '\\' => Err(UriFault::EncodedSeparator),
        '-' | '.' | '_' | '~' => Err(UriFault::EncodedUnreserved),
        c if c.is_ascii_alphanumeric() => Err(UriFault::EncodedUnreserved),
        '%' if begins_escape(after) => Err(UriFault::DoubleEncoding),
        _ => Ok(()),
    }
}

/// Whether a `%` before this text would be an escape, also one of the `%u002E` kind.
fn begins_escape(after: &str) -> bool {
    let mut bytes = after.bytes();
    match (bytes.next(), bytes.next()) {
        (Some(b'u' | b'U'), Some(hex)) => hex.is_ascii_hexdigit(),
        (Some(high), Some(low)) => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Decodes the character whose escapes begin this text: one byte, or a whole UTF-8 sequence.
pub(super) fn escaped(text: &str) -> Result<(char, &str), UriFault> {
    let (first, mut rest) = escape(text)?;
    let mut sequence = [first, 0, 0, 0];
    let length = match first {
        0x00..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return Err(UriFault::EncodedUtf8),
    };
    for byte in sequence.iter_mut().take(length).skip(1) {
        if !rest.starts_with('%') {
            return Err(UriFault::EncodedUtf8);
        }
        (*byte, rest) = escape(rest)?;
    }
    let sequence = sequence.get(..length).unwrap_or_default();
    let char = std::str::from_utf8(sequence)
        .ok()
        .and_then(|s| s.chars().next())
        .ok_or(UriFault::EncodedUtf8)?;
    Ok((char, rest))
}

/// Decodes one `%XX`.
fn escape(text: &str) -> Result<(u8, &str), UriFault> {
    let (escape, rest) = text.split_at_checked(3).ok_or(UriFault::Escape)?;
    let &[b'%', high, low] = escape.as_bytes() else {
        return Err(UriFault::Escape);
    };
    if high.is_ascii_lowercase() || low.is_ascii_lowercase() {
        return Err(lower_case(high, low));
    }
    let value = digit(high)? << 4 | digit(low)?;
    Ok((value, rest))
}

/// The more telling fault of an escape that is in lower case.
fn lower_case(high: u8, low: u8) -> UriFault {
    let upper = (high.to_ascii_uppercase(), low.to_ascii_uppercase());
    let (Ok(high), Ok(low)) = (digit(upper.0), digit(upper.1)) else {
        return UriFault::Escape;
    };
    let c = char::from(high << 4 | low);
    if !c.is_ascii() {
        return UriFault::EscapeCase;
    }
    check_escaped(c, "").err().unwrap_or(UriFault::EscapeCase)
}

fn digit(byte: u8) -> Result<u8, UriFault> {
    char::from(byte)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
        .ok_or(UriFault::Escape)
}
