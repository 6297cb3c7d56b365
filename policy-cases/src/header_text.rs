//! Header values: bytes, which a case writes as text with `\xNN` for single bytes.
//!
//! ```text
//! value  = *( escape / character )
//! escape = "\x" 2HEXDIG          ; that byte
//! ```
//! A backslash that begins no escape stands for itself.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The bytes of a header's value. Written as a string of which each character is one byte
/// (ISO 8859-1), so that every harness can read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderValue(pub Vec<u8>);

impl HeaderValue {
    /// The value that a case writes.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some((byte, after)) = escape(rest) {
                bytes.push(byte);
                rest = after;
                continue;
            }
            let mut buffer = [0; 4];
            bytes.extend_from_slice(next.encode_utf8(&mut buffer).as_bytes());
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
        Self(bytes)
    }
}

/// The byte of an escape at the start of `text`, and what follows it.
fn escape(text: &str) -> Option<(u8, &str)> {
    let after = text.strip_prefix("\\x")?;
    let digits = after.get(..2)?;
    if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    Some((u8::from_str_radix(digits, 16).ok()?, after.get(2..)?))
}

impl Serialize for HeaderValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = self.0.iter().map(|byte| char::from(*byte)).collect();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for HeaderValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let byte = |c| u8::try_from(c).map_err(D::Error::custom);
        text.chars().map(byte).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_bytes_and_the_rest_is_utf_8() {
        assert_eq!(HeaderValue::from_text(r"a\x80\xff\x2").0, b"a\x80\xff\\x2");
        assert_eq!(HeaderValue::from_text("é").0, "é".as_bytes());
    }

    #[test]
    fn every_byte_survives_its_written_form() {
        let value = HeaderValue((0..=255).collect());
        let written = serde_json::to_string(&value).unwrap();
        assert_eq!(
            serde_json::from_str::<HeaderValue>(&written).unwrap(),
            value
        );
    }
}
