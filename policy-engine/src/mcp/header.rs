//! Headers of the HTTP transports, in lower case, and the encoding of their values
//! (2026-07-28, transports, "Header values").

use std::borrow::Cow;

/// The protocol version.
pub(crate) const VERSION: &str = "mcp-protocol-version";
/// A copy of the body's `method`.
pub(crate) const METHOD: &str = "mcp-method";
/// A copy of the body's `params.name`, `params.uri` or `params.taskId`.
pub(crate) const NAME: &str = "mcp-name";
/// Prefix of copies of arguments.
pub(crate) const PARAM_PREFIX: &str = "mcp-param-";
/// Prefix of all of them.
pub(crate) const PREFIX: &str = "mcp-";

const SENTINEL: (&[u8], &[u8]) = (b"=?base64?", b"?=");

/// What a mirrored header value stands for; `=?base64?…?=` is decoded. None if it is broken.
pub(crate) fn decoded(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(rest) = value.strip_prefix(SENTINEL.0) else {
        return Some(Cow::Borrowed(value));
    };
    // Without its end it is no sentinel, but literal text that looks like the beginning of one.
    let Some(text) = rest.strip_suffix(SENTINEL.1) else {
        return Some(Cow::Borrowed(value));
    };
    base64(text).map(Cow::Owned)
}

/// Decodes base64 (RFC 4648, section 4) in its one canonical form: padded, no stray bits.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let digits = text.get(..text.len().checked_sub(padding)?)?;
    let mut bytes = Vec::with_capacity(text.len());
    for group in digits.chunks(4) {
        bytes.extend(group_bytes(group)?);
    }
    (padding == expected_padding(digits.len())).then_some(bytes)
}

fn expected_padding(digits: usize) -> usize {
    4usize.saturating_sub(digits % 4) % 4
}

/// Decodes two to four digits into one to three bytes.
fn group_bytes(group: &[u8]) -> Option<impl Iterator<Item = u8>> {
    let mut bits = 0u32;
    for &digit in group {
        bits = (bits << 6) | u32::from(sextet(digit)?);
    }
    let missing = 4u32.checked_sub(u32::try_from(group.len()).ok()?)?;
    let bits = bits.checked_shl(missing.checked_mul(6)?)?;
    let [_, bytes @ ..] = bits.to_be_bytes();
    let len = group.len().checked_sub(1).filter(|&len| len > 0)?;
    let stray = bytes.iter().skip(len).any(|&byte| byte != 0);
    (!stray).then(|| bytes.into_iter().take(len))
}

fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => digit.checked_sub(b'A'),
        b'a'..=b'z' => digit.checked_sub(b'a')?.checked_add(26),
        b'0'..=b'9' => digit.checked_sub(b'0')?.checked_add(52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn plain_and_encoded_values() {
        let text = |value: &[u8]| decoded(value).map(|bytes| bytes.into_owned());
        assert_eq!(text(b"search"), Some(b"search".to_vec()));
        assert_eq!(text(b"=?base64?bmHDr3Zl?="), Some("naïve".into()));
        assert_eq!(text(b"=?base64?YQ==?="), Some(b"a".to_vec()));
        assert_eq!(text(b"=?base64??="), Some(Vec::new()));
        assert_eq!(text(b"=?base64?YQ=="), Some(b"=?base64?YQ==".to_vec()));
        for broken in [
            &b"=?base64?YQ=?="[..],
            b"=?base64?YR==?=",
            b"=?base64?Y!==?=",
            b"=?base64?Y===?=",
            b"=?base64?====?=",
        ] {
            assert_eq!(text(broken), None, "{}", String::from_utf8_lossy(broken));
        }
    }
}
