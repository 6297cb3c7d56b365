//! What the head of a request says.

use crate::decision::Reason;
use crate::exchange::Origin;
use crate::http::{Header, is_json};
use crate::mcp::header;
use crate::names::{APPROVAL_HEADER, HEADER_PREFIX};
use crate::parts::short_digest;
use crate::policy::Peer;

/// The head of a request.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// All headers in order, the pseudo headers `:method`, `:path`, `:authority` among them.
    pub headers: &'a [Header],
    /// Whether no body follows.
    pub end_of_stream: bool,
    /// The verified other side.
    pub peer: &'a Peer,
}

/// Headers by which a client asks a server to take one method or path for another.
const OVERRIDES: [&str; 5] = [
    "x-original-url",
    "x-rewrite-url",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

/// What follows `x-envoy-` in headers that ask the router to repeat a request.
const REPEATS: [&str; 6] = [
    "retry-on",
    "retry-grpc-on",
    "max-retries",
    "retriable-status-codes",
    "retriable-header-names",
    "hedge-on-per-try-timeout",
];

/// Headers that may stand only once: they decide how a body is read, or let a call pass.
const ONCE: [&str; 5] = [
    APPROVAL_HEADER,
    "content-type",
    "content-encoding",
    "content-length",
    "origin",
];

/// The parts of a head that decisions use.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeadFacts {
    pub(super) method: Vec<u8>,
    /// Up to the query.
    pub(super) path: Vec<u8>,
    /// Where the request was sent to.
    pub(crate) server: Origin,
    pub(super) origin: Option<Vec<u8>>,
    /// `MCP-Protocol-Version`, empty where it is no text.
    pub(super) version: Option<String>,
    pub(super) mcp_method: Option<Vec<u8>>,
    pub(super) mcp_name: Option<Vec<u8>>,
    pub(super) content_length: Option<u64>,
    pub(super) request_id: String,
    /// The session, by its digest.
    pub(super) session: Option<String>,
    pub(super) has_body: bool,
    /// A repeated or broken `Mcp-Param-*`.
    pub(super) bad_param: bool,
    /// Names of headers that never reach the server.
    pub(super) remove: Vec<String>,
    /// The approval in its header.
    pub(super) approval: Option<Vec<u8>>,
    repeated: bool,
    upgrade: bool,
    content_type: Vec<u8>,
    content_encoding: Vec<u8>,
}

impl HeadFacts {
    pub(super) fn read(head: RequestHead<'_>) -> Self {
        let mut facts = Self {
            has_body: !head.end_of_stream,
            ..Self::default()
        };
        for (place, (name, value)) in head.headers.iter().enumerate() {
            let mut earlier = head.headers.iter().take(place);
            // Only few names matter, so the others are not looked for.
            let again = stands_once(name) && earlier.any(|(other, _)| other == name);
            facts.add(name, value, again);
        }
        facts
    }

    fn add(&mut self, name: &str, value: &[u8], again: bool) {
        if name.starts_with(header::PARAM_PREFIX) {
            self.bad_param |= again || header::decoded(value).is_none();
            return;
        }
        self.repeated |= again;
        match name {
            ":method" => self.method = value.to_vec(),
            ":path" => {
                let end = value.iter().position(|&byte| byte == b'?');
                self.path = value
                    .get(..end.unwrap_or(value.len()))
                    .unwrap_or_default()
                    .to_vec();
            }
            ":scheme" => self.server.scheme = value.to_vec(),
            ":authority" => self.server.authority = value.to_vec(),
            "origin" => self.origin = Some(value.to_vec()),
            "upgrade" => self.upgrade = true,
            "content-type" => self.content_type = value.to_vec(),
            "content-encoding" => self.content_encoding = value.to_vec(),
            "content-length" => self.content_length = text(value).parse().ok(),
            "x-request-id" => self.request_id = text(value),
            "accept-encoding" => self.remove.push(name.into()),
            header::VERSION => self.version = Some(text(value)),
            header::SESSION => self.session = Some(short_digest(value)),
            header::METHOD => self.mcp_method = Some(value.to_vec()),
            header::NAME => self.mcp_name = Some(value.to_vec()),
            APPROVAL_HEADER => {
                self.approval = Some(value.to_vec());
                self.remove.push(name.into());
            }
            _ if name.starts_with(HEADER_PREFIX) || OVERRIDES.contains(&name) || repeats(name) => {
                self.remove.push(name.into());
            }
            _ => {}
        }
    }

    /// Whether the HTTP method is one that MCP uses.
    pub(super) fn check_method(&self) -> Result<(), Reason> {
        let known = matches!(
            self.method.as_slice(),
            b"POST" | b"GET" | b"DELETE" | b"OPTIONS"
        );
        match known && !self.upgrade {
            true => Ok(()),
            false => Err(Reason::HttpMethodNotAllowed),
        }
    }

    /// Whether the head leaves no doubt about how the body is read.
    pub(super) fn check_body_headers(&self) -> Result<(), Reason> {
        if self.repeated {
            return Err(Reason::RepeatedHeader);
        }
        if self.method != b"POST" {
            return match self.has_body {
                true => Err(Reason::UnexpectedBody),
                false => Ok(()),
            };
        }
        let encoding = self.content_encoding.trim_ascii();
        if !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity") {
            return Err(Reason::UnsupportedContentEncoding);
        }
        match is_json(&self.content_type) {
            true => Ok(()),
            false => Err(Reason::UnsupportedContentType),
        }
    }
}

/// Whether a header makes Envoy's router send a request more than once, or sooner than the operator said
/// (Envoy, "Router", HTTP headers consumed): below the filter, an approved call would run again.
fn repeats(name: &str) -> bool {
    name.strip_prefix("x-envoy-")
        .is_some_and(|rest| rest.starts_with("upstream-rq-") || REPEATS.contains(&rest))
}

fn stands_once(name: &str) -> bool {
    name.starts_with(header::PREFIX) || ONCE.contains(&name)
}

fn text(value: &[u8]) -> String {
    core::str::from_utf8(value).unwrap_or_default().into()
}
