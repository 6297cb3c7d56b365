//! Content types (RFC 9110, section 8.3.1).
//!
//! ```abnf
//! media-type = type "/" subtype parameters
//! parameters = *( OWS ";" OWS [ parameter ] )     parameter = token "=" ( token / quoted-string )
//! ```

/// Whether a body so declared is JSON in UTF-8 to every server: `application/json` in any case, no
/// parameter but `charset=utf-8`, no second value behind a comma.
pub(crate) fn is_json(value: &[u8]) -> bool {
    is(value, b"application/json")
}

/// Whether a body so declared is an event stream in UTF-8.
pub(crate) fn is_event_stream(value: &[u8]) -> bool {
    media_type(value).eq_ignore_ascii_case(b"text/event-stream")
}

/// Whether the declared charset is absent or UTF-8, and nothing else is declared beside it.
pub(crate) fn charset_is_utf8(value: &[u8]) -> bool {
    let mut parts = value.split(|&byte| byte == b';');
    parts.next();
    parts.all(is_utf8_parameter)
}

fn is(value: &[u8], wanted: &[u8]) -> bool {
    media_type(value).eq_ignore_ascii_case(wanted) && charset_is_utf8(value)
}

fn media_type(value: &[u8]) -> &[u8] {
    let end = value
        .iter()
        .position(|&byte| byte == b';')
        .unwrap_or(value.len());
    value.get(..end).unwrap_or_default().trim_ascii()
}

fn is_utf8_parameter(parameter: &[u8]) -> bool {
    let parameter = parameter.trim_ascii();
    let Some(at) = parameter.iter().position(|&byte| byte == b'=') else {
        return parameter.is_empty();
    };
    let (name, value) = parameter.split_at_checked(at).unwrap_or_default();
    let value = value.get(1..).unwrap_or_default();
    let inner = value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""));
    name.eq_ignore_ascii_case(b"charset") && inner.unwrap_or(value).eq_ignore_ascii_case(b"utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utf8_json_is_json() {
        for good in [
            "application/json",
            "APPLICATION/JSON",
            "application/json; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
            "application/json;",
        ] {
            assert!(is_json(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "text/json",
            "application/json-rpc",
            "application/json, text/plain",
            "application/json; charset=utf-7",
            "application/json; charset=utf-16",
            "application/json; boundary=x",
            "application/json; charset=utf-8, application/json",
            "application/json; charset",
            "application/jsonx",
        ] {
            assert!(!is_json(bad.as_bytes()), "{bad}");
        }
    }
}
