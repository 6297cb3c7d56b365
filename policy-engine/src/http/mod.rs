//! HTTP, as far as both halves of an exchange know it.

mod discovery;
mod media_type;

pub(crate) use discovery::is_discovery;
pub(crate) use media_type::{charset_is_utf8, is_event_stream, is_json};

use std::borrow::Cow;

/// A header as the host gives it: name in lower case, value of any bytes.
pub type Header = (String, Vec<u8>);

/// An answer of the guard's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beside `:status`.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The answer to everything where there is no policy.
    #[must_use]
    pub fn no_policy() -> Self {
        Self::empty(503)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn json(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".into())],
            body,
        }
    }

    pub(crate) fn challenge(status: u16, challenge: &str) -> Self {
        Self {
            headers: vec![("www-authenticate", challenge.to_owned().into())],
            ..Self::empty(status)
        }
    }
}
