//! The head of an answer, and how its body is treated.

use super::redirect::stays_here;
use crate::decision::Reason;
use crate::exchange::{Asked, ExchangeLane, Origin};
use crate::http::{Header, charset_is_utf8, is_event_stream, is_json};
use crate::mcp::header;
use crate::parts::short_digest;

/// The head of an answer.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    /// All headers, `:status` among them.
    pub headers: &'a [Header],
    /// Whether no body follows.
    pub end_of_stream: bool,
}

/// How a body is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Nobody looks at it.
    Pass,
    /// It is taken away; status and headers stay.
    Empty,
    /// The whole answer is replaced.
    Refuse(Reason),
    /// It is read as one JSON text.
    Answer,
    /// It is read as an event stream.
    Stream,
    /// It is the body of an error.
    Failure,
}

impl ResponseHead<'_> {
    /// Whether an event stream begins, which may last for hours.
    #[must_use]
    pub fn opens_stream(&self) -> bool {
        !self.end_of_stream && self.names_stream()
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = self.headers.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_slice())
    }

    /// The one value of a header; None if there is none, or are several.
    fn one<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        let mut values = self.all(name);
        let first = values.next()?;
        values.next().is_none().then_some(first)
    }

    /// The session that it opens, by its digest.
    pub(super) fn session(&self) -> Option<String> {
        self.one(header::SESSION).map(short_digest)
    }

    fn status(&self) -> u16 {
        let text = self
            .one(":status")
            .and_then(|value| core::str::from_utf8(value).ok());
        text.and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    fn is_encoded(&self) -> bool {
        self.all("content-encoding")
            .any(|value| !value.trim_ascii().eq_ignore_ascii_case(b"identity"))
    }

    /// The content type, unless the body behind it is encoded in some way.
    fn plain_type(&self) -> Option<&[u8]> {
        let value = self.one("content-type").filter(|_| !self.is_encoded())?;
        charset_is_utf8(value).then_some(value)
    }

    fn is_stream(&self) -> bool {
        self.plain_type().is_some_and(is_event_stream)
    }

    fn is_json(&self) -> bool {
        self.plain_type().is_some_and(is_json)
    }

    /// How the body is treated, by the head and what was asked.
    pub(super) fn treatment(&self, lane: &ExchangeLane, origin: &Origin) -> Treatment {
        match self.by_status(lane, origin) {
            // A request that awaits an answer gets one.
            Treatment::Answer if self.end_of_stream => {
                Treatment::Refuse(Reason::ResponseUnreadable)
            }
            treatment => treatment,
        }
    }

    fn by_status(&self, lane: &ExchangeLane, origin: &Origin) -> Treatment {
        match (&lane.asked, self.status()) {
            (Asked::Anything, _) => Treatment::Pass,
            (_, 300..=399) => self.redirect(lane, origin),
            (Asked::Discovery, _) => self.discovery(),
            (_, 204 | 205) => Treatment::Empty,
            (asked, 200..=299) => self.success(asked),
            (_, 400..=599) => self.failure(),
            // An upgrade, or no status of HTTP.
            _ => Treatment::Refuse(Reason::ResponseUnreadable),
        }
    }

    /// A discovery document is no message; an event stream would be read as one.
    fn discovery(&self) -> Treatment {
        match self.names_stream() {
            true => Treatment::Refuse(Reason::StreamRefused),
            false => Treatment::Pass,
        }
    }

    /// Whether some reader may take the body for an event stream.
    fn names_stream(&self) -> bool {
        let names = |value: &[u8]| {
            let value = value.to_ascii_lowercase();
            value.windows(STREAM.len()).any(|window| window == STREAM)
        };
        self.all("content-type").any(names)
    }

    fn redirect(&self, lane: &ExchangeLane, origin: &Origin) -> Treatment {
        let here = |location: &[u8]| stays_here(location, origin, &lane.policy);
        match self.all("location").all(here) {
            true => Treatment::Empty,
            false => Treatment::Refuse(Reason::RedirectRefused),
        }
    }

    fn success(&self, asked: &Asked) -> Treatment {
        match asked {
            Asked::Stream if self.is_stream() => Treatment::Stream,
            Asked::Stream => Treatment::Refuse(Reason::StreamRefused),
            Asked::Answers { .. } if self.status() == 202 => Treatment::Empty,
            Asked::Answers { .. } if self.is_stream() => Treatment::Stream,
            Asked::Answers { .. } if self.is_json() => Treatment::Answer,
            Asked::Answers { .. } => Treatment::Refuse(Reason::ResponseUnreadable),
            Asked::Nothing | Asked::Anything | Asked::Discovery => Treatment::Empty,
        }
    }

    fn failure(&self) -> Treatment {
        match self.is_stream() {
            true => Treatment::Stream,
            false if self.is_encoded() || self.names_stream() => Treatment::Empty,
            false => Treatment::Failure,
        }
    }
}

const STREAM: &[u8] = b"text/event-stream";
