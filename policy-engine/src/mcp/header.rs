//! Headers of the HTTP transports, in lower case, and the encoding of their values
//! (2026-07-28, transports, "Header values").

use crate::base64;
use std::borrow::Cow;

/// The protocol version.
pub(crate) const VERSION: &str = "mcp-protocol-version";
/// The session (until 2025-11-25).
pub(crate) const SESSION: &str = "mcp-session-id";
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
    base64::decode(text).map(Cow::Owned)
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
