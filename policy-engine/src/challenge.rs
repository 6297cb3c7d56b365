//! What the client of a call is told that waits for a human: all that an approver needs, in the form
//! in which the client's version of the protocol asks for a human.
//!
//! | client | answer |
//! |---|---|
//! | 2026-07-28 that declares URL elicitation | a result `input_required` with the question and a state |
//! | 2025-11-25 | error -32042 with the URL |
//! | any other, or a policy without a URL | the result of a tool that did not run |
//!
//! The details stand in each of them under one key.

use crate::approval::Digest;
use crate::base64::encode_url;
use crate::decision::Reason;
use crate::http::Reply;
use crate::json::write_string;
use crate::jsonrpc::{self, Id};
use crate::mcp::code;
use crate::names::META_APPROVAL;
use crate::policy::{Placeholder, UrlTemplate};

/// Seconds within which the answer to a challenge is taken.
pub(crate) const CHALLENGE_LIFETIME: u64 = 600;

/// The form of a challenge.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// The result of a tool that did not run.
    Result {
        /// Whether results have a type.
        modern: bool,
    },
    /// The error that sends the user to a URL (2025-11-25, elicitation).
    Error {
        /// Unique to the challenge.
        elicitation: String,
    },
    /// The result that asks the client for input (2026-07-28, MRTR).
    InputRequired {
        /// The guard's state.
        state: String,
    },
}

/// What a human is asked to approve.
#[derive(Clone, Debug)]
pub(crate) struct Challenge<'a> {
    /// Why the call did not pass.
    pub(crate) reason: Reason,
    /// Whether the client is told so, whatever the reason.
    pub(crate) disclose: bool,
    pub(crate) server: &'a str,
    pub(crate) tool: &'a str,
    pub(crate) caller: &'a str,
    pub(crate) user: &'a str,
    pub(crate) arguments: Digest,
    pub(crate) policy: &'a str,
    /// Longest validity of an approval in seconds.
    pub(crate) max_lifetime: u32,
    /// Seconds since 1970.
    pub(crate) now: u64,
    pub(crate) url: Option<&'a UrlTemplate>,
}

impl Challenge<'_> {
    /// The answer to the request of that id.
    pub(crate) fn reply(&self, id: &Id, form: &Form) -> Reply {
        let body = match (form, self.url()) {
            (Form::Error { elicitation }, Some(url)) => self.error(id, elicitation, &url),
            (Form::InputRequired { state }, Some(url)) => self.input_required(id, state, &url),
            (Form::Result { modern: true } | Form::InputRequired { .. }, _) => {
                self.result(id, "\"resultType\":\"complete\",")
            }
            (Form::Result { modern: false } | Form::Error { .. }, _) => self.result(id, ""),
        };
        Reply::json(200, body)
    }

    fn url(&self) -> Option<String> {
        let template = self.url?;
        Some(template.filled(|place| match place {
            Placeholder::Arguments => self.arguments.to_base64url(),
            Placeholder::Caller => self.caller.into(),
            Placeholder::Policy => self.policy.into(),
            Placeholder::Request => encode_url(&self.request()),
            Placeholder::Server => self.server.into(),
            Placeholder::Tool => self.tool.into(),
        }))
    }

    fn error(&self, id: &Id, elicitation: &str, url: &str) -> Vec<u8> {
        let message = self.message();
        let mut asked = Object::new();
        asked.text("mode", "url");
        asked.text("elicitationId", elicitation);
        asked.text("url", url);
        asked.text("message", &message);
        let mut data = Object::new();
        data.raw("elicitations", &array(&asked.end()));
        data.raw(META_APPROVAL, &self.details(Some(url)));
        let code = code::URL_ELICITATION_REQUIRED;
        jsonrpc::error(id, code, &message, Some(&data.end()))
    }

    fn input_required(&self, id: &Id, state: &str, url: &str) -> Vec<u8> {
        let mut params = Object::new();
        params.text("mode", "url");
        params.text("message", &self.message());
        params.text("url", url);
        let mut request = Object::new();
        request.text("method", "elicitation/create");
        request.raw("params", &params.end());
        let mut requests = Object::new();
        requests.raw(META_APPROVAL, &request.end());
        let mut result = Object::new();
        result.text("resultType", "input_required");
        result.raw("inputRequests", &requests.end());
        result.text("requestState", state);
        result.raw("_meta", &self.meta(Some(url)));
        jsonrpc::result(id, &result.end())
    }

    /// The details stand in a text as well, for those who only see texts; never in
    /// `structuredContent`, which clients hold against the tool's own schema.
    fn result(&self, id: &Id, result_type: &str) -> Vec<u8> {
        let url = self.url();
        let details = self.details(url.as_deref());
        let text = |text: &str| {
            let mut block = Object::new();
            block.text("type", "text");
            block.text("text", text);
            block.end()
        };
        let message = match &url {
            Some(url) => format!("{} Approve it at {url}", self.message()),
            None => self.message(),
        };
        let texts = [text(&message), text(&String::from_utf8_lossy(&details))];
        let mut result = format!("{{{result_type}\"content\":").into_bytes();
        result.extend(array(&texts.join(&b","[..])));
        result.extend_from_slice(b",\"isError\":true,\"_meta\":");
        result.extend(self.meta(url.as_deref()));
        result.push(b'}');
        jsonrpc::result(id, &result)
    }

    fn meta(&self, url: Option<&str>) -> Vec<u8> {
        let mut meta = Object::new();
        meta.raw(META_APPROVAL, &self.details(url));
        meta.end()
    }

    fn message(&self) -> String {
        let tool = self.tool;
        if self.reason == Reason::ApprovalRequired {
            return format!(
                "`{tool}` needs the approval of a human before it runs. It was not executed."
            );
        }
        let why = self.told();
        let why = why.map_or_else(String::new, |reason| format!(" ({})", reason.label()));
        format!(
            "`{tool}` needs the approval of a human before it runs, and what came with it was not accepted{why}. It was not executed."
        )
    }

    /// The reason, where the client may know it.
    fn told(&self) -> Option<Reason> {
        (self.disclose || self.reason.is_told()).then_some(self.reason)
    }

    /// All that an approver needs.
    fn details(&self, url: Option<&str>) -> Vec<u8> {
        let mut details = self.binds();
        details.text("user", self.user);
        let told = self.told().unwrap_or(Reason::ApprovalRequired);
        details.text("reason", told.label());
        if let Some(url) = url {
            details.text("url", url);
        }
        details.end()
    }

    /// The same for a URL, which must not tell who somebody is.
    fn request(&self) -> Vec<u8> {
        self.binds().end()
    }

    fn binds(&self) -> Object {
        let mut object = Object::new();
        object.text("server", self.server);
        object.text("tool", self.tool);
        object.text("arguments", &self.arguments.to_base64url());
        object.text("caller", self.caller);
        object.text("policy", self.policy);
        object.number("max_lifetime", self.max_lifetime.into());
        object.number("requested", self.now);
        object.number("expires", self.now.saturating_add(CHALLENGE_LIFETIME));
        object
    }
}

fn array(elements: &[u8]) -> Vec<u8> {
    [b"[", elements, b"]"].concat()
}

/// Writes one JSON object.
struct Object(Vec<u8>);

impl Object {
    fn new() -> Self {
        Self(b"{".to_vec())
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        write_string(&mut self.0, key);
        self.0.push(b':');
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        write_string(&mut self.0, text);
    }

    fn number(&mut self, key: &str, number: u64) {
        self.raw(key, number.to_string().as_bytes());
    }

    fn raw(&mut self, key: &str, json: &[u8]) {
        self.key(key);
        self.0.extend_from_slice(json);
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
