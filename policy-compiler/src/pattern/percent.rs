//! Decoding percent-encodings one character of text at a time (RFC 3986, section 2.1).
//!
//! ```text
//! pct-encoded = "%" HEXDIG HEXDIG        ; in upper case, or the URI is refused
//! ```

use std::ops::RangeInclusive;

/// What has been read of a character.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Escape {
    /// Nothing: the next character may be any.
    #[default]
    Idle,
    /// The first bytes of its UTF-8 form; the next character must be `%`, if there are any.
    Bytes(Vec<u8>),
    /// These, and a `%`, perhaps with its first digit.
    Digits(Vec<u8>, Option<u8>),
    /// It is as this one to whoever asks; so many characters of its escapes are still to come.
    Settled(char, u8),
}

/// What one more character of the text makes of it.
pub(super) enum Decoded {
    /// A character that stands for itself.
    Raw(char),
    /// A character that was escaped.
    Escaped(char),
    /// More is to come.
    Pending(Escape),
    /// This is in no accepted URI.
    Refused,
}

impl Escape {
    /// Reads one more character. `boundaries` are the first code points of runs of characters that
    /// act alike for whoever gets them: once it is clear in which run a character is, its remaining
    /// bytes do not matter.
    pub(super) fn read(&self, c: char, boundaries: &[u32]) -> Decoded {
        match self {
            Self::Idle if c == '%' => Decoded::Pending(Self::Digits(Vec::new(), None)),
            Self::Idle => Decoded::Raw(c),
            Self::Bytes(bytes) if c == '%' => Decoded::Pending(Self::Digits(bytes.clone(), None)),
            Self::Bytes(_) => Decoded::Refused,
            Self::Digits(bytes, high) => match (digit(c), high) {
                (None, _) => Decoded::Refused,
                (Some(digit), None) => Decoded::Pending(Self::Digits(bytes.clone(), Some(digit))),
                (Some(low), Some(high)) => byte(bytes, high << 4 | low, boundaries),
            },
            Self::Settled(to, left) => settled(*to, *left, c),
        }
    }
}

fn byte(bytes: &[u8], byte: u8, boundaries: &[u32]) -> Decoded {
    let mut bytes = bytes.to_vec();
    bytes.push(byte);
    let Some(range) = characters(&bytes) else {
        return Decoded::Refused;
    };
    let ends = (char::from_u32(*range.start()), char::from_u32(*range.end()));
    let (Some(lowest), Some(highest)) = ends else {
        return Decoded::Refused;
    };
    let missing = lowest.len_utf8().saturating_sub(bytes.len());
    match missing {
        0 if is_refused(lowest) => return Decoded::Refused,
        0 => return Decoded::Escaped(lowest),
        _ => {}
    }
    let run = |code: u32| boundaries.partition_point(|start| *start <= code);
    if run(u32::from(lowest)) != run(u32::from(highest)) {
        return Decoded::Pending(Escape::Bytes(bytes));
    }
    // Any character of the run would do; the first one makes the states of all of them equal.
    let first = run(u32::from(lowest)).checked_sub(1);
    let first = first.and_then(|run| boundaries.get(run)).copied();
    let first = first.and_then(char::from_u32).filter(|c| !c.is_ascii());
    let left = u8::try_from(missing.saturating_mul(3)).unwrap_or(u8::MAX);
    Decoded::Pending(Escape::Settled(first.unwrap_or('\u{80}'), left))
}

/// Characters whose escapes are in no accepted URI: control characters, separators, and those that
/// need no escape (RFC 3986, section 2.3).
fn is_refused(c: char) -> bool {
    c.is_ascii_control() || c.is_ascii_alphanumeric() || "/\\-._~".contains(c)
}

/// The characters whose UTF-8 form begins with these bytes (RFC 3629, section 4).
fn characters(bytes: &[u8]) -> Option<RangeInclusive<u32>> {
    let first = *bytes.first()?;
    let (length, bits) = match first {
        0x00..=0x7F => (1_usize, first),
        0xC2..=0xDF => (2, first & 0x1F),
        0xE0..=0xEF => (3, first & 0x0F),
        0xF0..=0xF4 => (4, first & 0x07),
        _ => return None,
    };
    let mut code = u32::from(bits);
    for byte in bytes.get(1..)? {
        if byte & 0xC0 != 0x80 {
            return None;
        }
        code = code << 6 | u32::from(byte & 0x3F);
    }
    let missing = length.checked_sub(bytes.len())?;
    let shift = u32::try_from(missing.checked_mul(6)?).ok()?;
    let lowest = code << shift;
    let highest = lowest | (1_u32 << shift).saturating_sub(1);
    let least = [0, 0x80, 0x800, 0x1_0000]
        .get(length.saturating_sub(1))
        .copied()?;
    let (lowest, mut highest) = (lowest.max(least), highest.min(0x10_FFFF));
    // Surrogates are no characters; only bytes that begin with ED lead to them.
    if (0xD800..0xE000).contains(&highest) {
        highest = 0xD7FF;
    }
    (lowest <= highest).then_some(lowest..=highest)
}

/// The `left` characters that are still to come are escapes of continuation bytes, `%80` to `%BF`.
fn settled(to: char, left: u8, c: char) -> Decoded {
    let fits = match left % 3 {
        0 => c == '%',
        2 => matches!(c, '8' | '9' | 'A' | 'B'),
        _ => digit(c).is_some(),
    };
    match left {
        _ if !fits => Decoded::Refused,
        0 | 1 => Decoded::Escaped(to),
        _ => Decoded::Pending(Escape::Settled(to, left.saturating_sub(1))),
    }
}

fn digit(c: char) -> Option<u8> {
    let fits = c.is_ascii_digit() || ('A'..='F').contains(&c);
    let digit = c.to_digit(16).filter(|_| fits)?;
    u8::try_from(digit).ok()
}
