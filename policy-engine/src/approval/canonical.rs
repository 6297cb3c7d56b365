//! The digest that binds an approval to a call's arguments: SHA-256 over their canonical form
//! (RFC 8785, JSON Canonicalization Scheme).
//!
//! The canonical form prints numbers as doubles, while Python and Go run integers exactly. So that two
//! calls that a server can tell apart never share a digest, numbers that a double does not hold
//! exactly have none.

use super::number::{self, Decimal};
use crate::base64;
use crate::json::{Kind, Value};
use core::cmp::Ordering;
use core::fmt;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

/// The canonical form of an object without members.
const EMPTY: [u8; 2] = *b"{}";

/// SHA-256 over the canonical form of a call's arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

/// Why arguments have no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// A number beyond ±(2^53 − 1), with more digits than a double keeps, or a negative zero.
    Number,
    /// A string that holds half of a surrogate pair.
    Text,
}

impl Digest {
    /// The digest of a call's `params.arguments`. A call without them has the digest of `{}`.
    ///
    /// # Errors
    /// They hold something that another reader may take for something else.
    pub fn of(arguments: Option<Value<'_>>) -> Result<Self, Unfit> {
        let Some(arguments) = arguments else {
            return Ok(Self::of_nothing());
        };
        let mut hasher = Sha256::new();
        add(arguments, &mut hasher)?;
        Ok(Self(hasher.finalize().into()))
    }

    /// The digest of the arguments of a call that brings none: that of `{}`.
    #[must_use]
    pub fn of_nothing() -> Self {
        Self(Sha256::digest(EMPTY).into())
    }

    /// The digest that is written so.
    #[must_use]
    pub fn from_base64url(text: &str) -> Option<Self> {
        let bytes = base64::decode_url(text.as_bytes())?;
        bytes.try_into().ok().map(Self)
    }

    /// The digest as it stands in tokens and records: base64url without padding, 43 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64::encode_url(&self.0)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.to_base64url())
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "a number that not every reader holds exactly",
            Self::Text => "half of a surrogate pair",
        })
    }
}

impl core::error::Error for Unfit {}

/// Adds a value in canonical form. The reader of the text bounds the recursion.
fn add(value: Value<'_>, hasher: &mut Sha256) -> Result<(), Unfit> {
    match value.kind() {
        Kind::Object => add_object(value, hasher),
        Kind::Array => add_array(value, hasher),
        Kind::String => {
            add_text(&text(value)?, hasher);
            Ok(())
        }
        Kind::Number => add_number(value, hasher),
        Kind::True | Kind::False | Kind::Null => {
            hasher.update(value.raw());
            Ok(())
        }
    }
}

/// Members are sorted by the UTF-16 code units of their keys (section 3.2.3).
fn add_object(object: Value<'_>, hasher: &mut Sha256) -> Result<(), Unfit> {
    let mut members = Vec::new();
    for (key, value) in object.entries() {
        members.push((text(key)?, value));
    }
    members.sort_unstable_by(|(a, _), (b, _)| by_code_units(a, b));
    let mut separator = "{";
    for (key, value) in &members {
        hasher.update(separator);
        add_text(key, hasher);
        hasher.update(":");
        add(*value, hasher)?;
        separator = ",";
    }
    hasher.update(if members.is_empty() { "{}" } else { "}" });
    Ok(())
}

/// Not inlined: sorting compares in many places, and the filter is to stay small.
#[inline(never)]
fn by_code_units(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

fn add_array(array: Value<'_>, hasher: &mut Sha256) -> Result<(), Unfit> {
    hasher.update("[");
    let mut separator = "";
    for item in array.items() {
        hasher.update(separator);
        add(item, hasher)?;
        separator = ",";
    }
    hasher.update("]");
    Ok(())
}

fn text(value: Value<'_>) -> Result<Cow<'_, str>, Unfit> {
    value.as_str().ok_or(Unfit::Text)
}

/// A string as ECMAScript's `JSON.stringify` writes it (section 3.2.2.2).
fn add_text(text: &str, hasher: &mut Sha256) {
    hasher.update("\"");
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| needs_escape(byte)) {
        let (plain, from) = rest.split_at_checked(at).unwrap_or_default();
        hasher.update(plain);
        let (&byte, behind) = from.split_first().unwrap_or((&0, &[]));
        add_escape(byte, hasher);
        rest = behind;
    }
    hasher.update(rest);
    hasher.update("\"");
}

fn needs_escape(byte: u8) -> bool {
    matches!(byte, ..0x20 | b'"' | b'\\')
}

fn add_escape(byte: u8, hasher: &mut Sha256) {
    let short = match byte {
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        b'"' | b'\\' => byte,
        _ => {
            let low = char::from_digit(u32::from(byte & 15), 16).unwrap_or_default();
            hasher.update(if byte < 16 { "\\u000" } else { "\\u001" });
            hasher.update(low.encode_utf8(&mut [0; 4]));
            return;
        }
    };
    hasher.update([b'\\', short]);
}

fn add_number(value: Value<'_>, hasher: &mut Sha256) -> Result<(), Unfit> {
    let lexeme = value.as_number().unwrap_or_default();
    let decimal = Decimal::of(lexeme).filter(number::is_exact);
    let decimal = decimal.ok_or(Unfit::Number)?;
    hasher.update(decimal.to_string());
    Ok(())
}
