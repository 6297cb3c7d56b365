//! Base64 in its canonical forms (RFC 4648): no stray bits, no white space, padding as required.
//!
//! Readers that take more than one text for the same bytes let a signed thing be written twice.

use core::iter;

/// Digits 62 and 63 of the alphabet of section 4.
const STANDARD: [u8; 2] = *b"+/";

/// Digits 62 and 63 of the URL-safe alphabet of section 5.
const URL: [u8; 2] = *b"-_";

/// Decodes the padded form of section 4.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let digits = text.get(..text.len().checked_sub(padding)?)?;
    let bytes = bytes(digits, STANDARD)?;
    (padding == expected_padding(digits.len())).then_some(bytes)
}

/// Decodes the unpadded URL-safe form (RFC 7515, section 2).
#[must_use]
pub fn decode_url(text: &[u8]) -> Option<Vec<u8>> {
    bytes(text, URL)
}

/// Encodes in the unpadded URL-safe form (RFC 7515, section 2).
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    bytes.chunks(3).flat_map(group_digits).collect()
}

fn expected_padding(digits: usize) -> usize {
    4usize.saturating_sub(digits % 4) % 4
}

fn bytes(digits: &[u8], last: [u8; 2]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(digits.len());
    for group in digits.chunks(4) {
        bytes.extend(group_bytes(group, last)?);
    }
    Some(bytes)
}

/// Decodes two to four digits into one to three bytes.
fn group_bytes(group: &[u8], last: [u8; 2]) -> Option<impl Iterator<Item = u8>> {
    let mut bits = 0u32;
    for &digit in group {
        bits = (bits << 6) | u32::from(sextet(digit, last)?);
    }
    let missing = 4u32.checked_sub(u32::try_from(group.len()).ok()?)?;
    let bits = bits.checked_shl(missing.checked_mul(6)?)?;
    let [_, bytes @ ..] = bits.to_be_bytes();
    let len = group.len().checked_sub(1).filter(|&len| len > 0)?;
    let stray = bytes.iter().skip(len).any(|&byte| byte != 0);
    (!stray).then(|| bytes.into_iter().take(len))
}

fn sextet(digit: u8, [second_last, last]: [u8; 2]) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => digit.checked_sub(b'A'),
        b'a'..=b'z' => digit.checked_sub(b'a')?.checked_add(26),
        b'0'..=b'9' => digit.checked_sub(b'0')?.checked_add(52),
        _ if digit == second_last => Some(62),
        _ if digit == last => Some(63),
        _ => None,
    }
}

/// Encodes one to three bytes as two to four digits.
fn group_digits(group: &[u8]) -> impl Iterator<Item = char> {
    let padded = group.iter().copied().chain(iter::repeat(0)).take(3);
    let bits = padded.fold(0u32, |bits, byte| (bits << 8) | u32::from(byte));
    let shifts = [18u32, 12, 6, 0].into_iter();
    let digits = shifts.map(move |shift| digit(bits >> shift & 63));
    digits.take(group.len().saturating_add(1))
}

fn digit(sextet: u32) -> char {
    let letter = |first: u8, from: u32| {
        let offset = u8::try_from(sextet.saturating_sub(from)).unwrap_or_default();
        char::from(first.saturating_add(offset))
    };
    match sextet {
        0..=25 => letter(b'A', 0),
        26..=51 => letter(b'a', 26),
        52..=61 => letter(b'0', 52),
        62 => '-',
        _ => '_',
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_url, encode_url};
    use proptest::prelude::*;

    /// RFC 4648, section 10.
    #[test]
    fn the_vectors_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(decode(text.as_bytes()), Some(bytes.into()));
            let unpadded = text.trim_end_matches('=');
            assert_eq!(encode_url(bytes.as_bytes()), unpadded);
            assert_eq!(decode_url(unpadded.as_bytes()), Some(bytes.into()));
        }
    }

    #[test]
    fn other_texts_for_the_same_bytes_are_refused() {
        for text in ["Zh", "Zm9", "Zg==", "Zm9v\n", " Zm9v", "A", "AAAAA", "_/8"] {
            assert_eq!(decode_url(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode_url(b"-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(decode(b"-_8="), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes: Vec<u8>) {
            prop_assert_eq!(decode_url(encode_url(&bytes).as_bytes()), Some(bytes));
        }

        #[test]
        fn only_what_is_encoded_is_decoded(text in "[A-Za-z0-9_-]{0,12}") {
            if let Some(bytes) = decode_url(text.as_bytes()) {
                prop_assert_eq!(encode_url(&bytes), text);
            }
        }
    }
}
