//! Strings (RFC 8259, section 7), decoded as they arrive.
//!
//! ```abnf
//! string    = quotation-mark *char quotation-mark
//! char      = unescaped / escape ( %x22 / %x5C / %x2F / %x62 / %x66 / %x6E / %x72 / %x74 / %x75 4HEXDIG )
//! unescaped = %x20-21 / %x23-5B / %x5D-10FFFF
//! ```

use super::run;
use super::utf8::Utf8;
use super::{JsonFault, Surrogates};

/// A string that is being read, from behind its opening quotation mark.
#[derive(Debug)]
pub(super) struct Text {
    escape: Escape,
    /// The first half of a surrogate pair, waiting for the other.
    high: Option<u16>,
    utf8: Utf8,
    surrogates: Surrogates,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    None,
    Backslash,
    Hex { digits: u8, value: u16 },
}

/// What a step through the string found.
pub(super) enum Piece<'a> {
    /// Plain bytes of the chunk itself.
    Plain(&'a [u8]),
    /// A decoded escape; up to six bytes where a lone surrogate precedes it.
    Decoded(Decoded),
    /// Nothing to pass on yet.
    Nothing,
    /// The closing quotation mark.
    End,
}

/// A stretch of a string that was read without decoding it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Skipped {
    /// Its length in bytes.
    pub(super) len: usize,
    /// Whether it holds escapes.
    pub(super) escaped: bool,
}

/// The bytes of a decoded escape.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Decoded {
    bytes: [u8; 8],
    len: usize,
}

impl Decoded {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, code: u32) {
        let mut buffer = [0u8; 4];
        let encoded: &[u8] = match char::from_u32(code) {
            Some(character) => character.encode_utf8(&mut buffer).as_bytes(),
            None => {
                buffer = wtf8(code);
                buffer.get(..3).unwrap_or_default()
            }
        };
        for &byte in encoded {
            if let Some(slot) = self.bytes.get_mut(self.len) {
                *slot = byte;
                self.len = self.len.saturating_add(1);
            }
        }
    }
}

/// The three bytes of a surrogate, as UTF-8 would have them if it had them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    reason = "each part is masked to fewer than eight bits"
)]
fn wtf8(surrogate: u32) -> [u8; 4] {
    [
        0xe0 | (surrogate >> 12) as u8,
        0x80 | ((surrogate >> 6) & 0x3f) as u8,
        0x80 | (surrogate & 0x3f) as u8,
        0,
    ]
}

impl Text {
    pub(super) fn new(surrogates: Surrogates) -> Self {
        Self {
            escape: Escape::None,
            high: None,
            utf8: Utf8::default(),
            surrogates,
        }
    }

    /// Takes as much of `bytes` (not empty) as makes one piece; says how many bytes that were.
    pub(super) fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<(Piece<'a>, usize), JsonFault> {
        if self.escape != Escape::None {
            let byte = bytes.first().copied().ok_or(JsonFault::Incomplete)?;
            return Ok((self.escaped(byte)?, 1));
        }
        let run = run::plain(bytes);
        if run.len > 0 {
            if self.high.is_some() {
                return Ok((Piece::Decoded(self.lone_high()?), 0));
            }
            let plain = bytes.get(..run.len).unwrap_or_default();
            if !run.ascii || !self.utf8.is_complete() {
                self.utf8.push(plain)?;
            }
            return Ok((Piece::Plain(plain), run.len));
        }
        if !self.utf8.is_complete() {
            return Err(JsonFault::NotUtf8);
        }
        match bytes.first() {
            Some(b'\\') => {
                self.escape = Escape::Backslash;
                Ok((Piece::Nothing, 1))
            }
            Some(b'"') if self.high.is_some() => Ok((Piece::Decoded(self.lone_high()?), 0)),
            Some(b'"') => Ok((Piece::End, 1)),
            _ => Err(JsonFault::Syntax),
        }
    }

    /// Takes a stretch of plain bytes and whole escapes without decoding them. It stops, at the
    /// latest, before whatever needs [`Text::step`]: faults, surrogates, what the chunk cuts, the end.
    pub(super) fn skip(&mut self, bytes: &[u8]) -> Skipped {
        let mut skipped = Skipped::default();
        if self.escape != Escape::None || self.high.is_some() || !self.utf8.is_complete() {
            return skipped;
        }
        loop {
            let rest = bytes.get(skipped.len..).unwrap_or_default();
            let run = run::plain(rest);
            let (plain, rest) = rest.split_at_checked(run.len).unwrap_or_default();
            if !run.ascii && core::str::from_utf8(plain).is_err() {
                return skipped;
            }
            skipped.len = skipped.len.saturating_add(run.len);
            let Some(len) = escape_len(rest) else {
                return skipped;
            };
            skipped.len = skipped.len.saturating_add(len);
            skipped.escaped = true;
        }
    }

    fn escaped(&mut self, byte: u8) -> Result<Piece<'static>, JsonFault> {
        let Escape::Hex { digits, value } = self.escape else {
            return self.escape_letter(byte);
        };
        let digit = char::from(byte).to_digit(16).ok_or(JsonFault::Syntax)?;
        let digit = u16::try_from(digit).map_err(|_| JsonFault::Syntax)?;
        let value = (value << 4) | digit;
        if digits < 3 {
            self.escape = Escape::Hex {
                digits: digits.saturating_add(1),
                value,
            };
            return Ok(Piece::Nothing);
        }
        self.escape = Escape::None;
        self.code_unit(value)
    }

    fn escape_letter(&mut self, byte: u8) -> Result<Piece<'static>, JsonFault> {
        let code = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                self.escape = Escape::Hex {
                    digits: 0,
                    value: 0,
                };
                return Ok(Piece::Nothing);
            }
            _ => return Err(JsonFault::Syntax),
        };
        self.escape = Escape::None;
        let mut decoded = self.lone_high()?;
        decoded.push(u32::from(code));
        Ok(Piece::Decoded(decoded))
    }

    fn code_unit(&mut self, unit: u16) -> Result<Piece<'static>, JsonFault> {
        match (self.high, unit) {
            (None, 0xd800..=0xdbff) => {
                self.high = Some(unit);
                Ok(Piece::Nothing)
            }
            (Some(high), 0xdc00..=0xdfff) => {
                self.high = None;
                let mut decoded = Decoded::default();
                decoded.push(pair(high, unit));
                Ok(Piece::Decoded(decoded))
            }
            (Some(_), 0xd800..=0xdbff) => {
                let decoded = self.lone_high()?;
                self.high = Some(unit);
                Ok(Piece::Decoded(decoded))
            }
            (None, 0xdc00..=0xdfff) if self.surrogates == Surrogates::Refuse => {
                Err(JsonFault::LoneSurrogate)
            }
            _ => {
                let mut decoded = self.lone_high()?;
                decoded.push(u32::from(unit));
                Ok(Piece::Decoded(decoded))
            }
        }
    }

    /// The waiting first half of a pair whose other half will not come; nothing if none waits.
    fn lone_high(&mut self) -> Result<Decoded, JsonFault> {
        let mut decoded = Decoded::default();
        let Some(high) = self.high.take() else {
            return Ok(decoded);
        };
        if self.surrogates == Surrogates::Refuse {
            return Err(JsonFault::LoneSurrogate);
        }
        decoded.push(u32::from(high));
        Ok(decoded)
    }
}

/// The length of the whole escape that `bytes` begin with, if it stands for a character of its own.
fn escape_len(bytes: &[u8]) -> Option<usize> {
    let (b'\\', rest) = bytes.split_first()? else {
        return None;
    };
    match rest.split_first()? {
        (b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', _) => Some(2),
        (b'u', digits) => {
            let digits = digits.first_chunk::<4>()?;
            let surrogate = matches!(
                digits,
                [b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]
            );
            (!surrogate && digits.iter().all(u8::is_ascii_hexdigit)).then_some(6)
        }
        _ => None,
    }
}

/// The character of a surrogate pair (RFC 8259, section 7).
fn pair(high: u16, low: u16) -> u32 {
    let high = u32::from(high & 0x3ff) << 10;
    let low = u32::from(low & 0x3ff);
    (high | low).saturating_add(0x1_0000)
}
