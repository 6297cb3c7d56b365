//! A case with every default filled in: what all harnesses run.
//!
//! The native harness builds scenarios from the files; the others read them as JSON (written by
//! `cases_json`), so no harness has a reader of its own.

use crate::body::{Body, BodyForms};
use crate::case::{AnswerText, Caller, Case, ExpectText, Harness, RequestText};
use crate::default_answer::default_answer;
use crate::header_text::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Header names and values in order.
pub type Headers = Vec<(String, HeaderValue)>;

/// One case, ready to run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scenario {
    /// `<area>/<behaviour>`.
    pub name: String,
    /// The claim.
    pub description: String,
    /// The anchor in the threat model, if the case names one.
    pub threat: Option<String>,
    /// The harnesses that run it.
    pub engines: Vec<Harness>,
    /// The plugin configuration, JSON text.
    pub config: String,
    /// Who calls.
    pub caller: Caller,
    /// What the client sends.
    pub request: Request,
    /// What the server answers.
    pub upstream: Answer,
    /// What must come of it.
    pub expect: Expect,
}

/// A request of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// HTTP method.
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Host.
    pub authority: String,
    /// All other headers.
    pub headers: Headers,
    /// The body; empty means none.
    pub body: Body,
}

/// An answer of a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: Headers,
    /// The body; empty means none.
    pub body: Body,
}

/// What must come of an exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expect {
    /// What the server gets; `None`: not the whole request.
    pub forwarded: Option<Content>,
    /// Header names that must not reach the server.
    pub forwarded_lacks: Vec<String>,
    /// The client's status.
    pub status: u16,
    /// Exact values of the client's headers, by lower-case name.
    pub headers: BTreeMap<String, HeaderValue>,
    /// Names of headers that the client must not get.
    pub headers_absent: Vec<String>,
    /// The client's body.
    pub body: Option<Content>,
    /// Strings that the client's body holds.
    pub contains: Vec<String>,
    /// Strings that the client's body does not hold.
    pub lacks: Vec<String>,
    /// Fields of the decision record, each equal.
    pub record: Map<String, Value>,
}

/// What a body must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Exactly what the other side sent.
    Unchanged,
    /// Equal as JSON.
    Json(Value),
    /// Equal byte for byte.
    Exact(String),
}

impl Scenario {
    /// What `case` means under `name`; `config` is its plugin configuration.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the case.
    pub fn new(name: String, case: Case, config: &Value) -> Result<Self, String> {
        let engines = engines(&case)?;
        check_purpose(&case)?;
        let request = request(&case.request).map_err(|error| format!("request: {error}"))?;
        let upstream = match &case.upstream {
            Some(written) => answer(written).map_err(|error| format!("upstream: {error}"))?,
            None => default_answer(&request),
        };
        Ok(Self {
            name,
            description: case.description,
            threat: case.threat,
            engines,
            config: config.to_string(),
            caller: case.caller,
            request,
            upstream,
            expect: expect(case.expect).map_err(|error| format!("expect: {error}"))?,
        })
    }
}

fn engines(case: &Case) -> Result<Vec<Harness>, String> {
    match (&case.engines, &case.because) {
        (None, None) => Ok(Harness::ALL.to_vec()),
        (Some(engines), Some(_)) if !engines.is_empty() => Ok(engines.clone()),
        (Some(_), Some(_)) => Err("`engines` is empty".to_owned()),
        (Some(_), None) => Err("`engines` needs `because`".to_owned()),
        (None, Some(_)) => Err("`because` without `engines`".to_owned()),
    }
}

fn check_purpose(case: &Case) -> Result<(), String> {
    if case.threat.is_none() && case.spec.is_none() {
        return Err("`threat` or `spec` is mandatory".to_owned());
    }
    if let Some(spiffe) = &case.caller.spiffe
        && !spiffe.starts_with("spiffe://")
    {
        return Err("`caller.spiffe` starts with `spiffe://`".to_owned());
    }
    Ok(())
}

fn request(written: &RequestText) -> Result<Request, String> {
    let body = Body::from_forms(BodyForms {
        json: written.json.as_ref(),
        texts: [written.body.as_deref(), None],
        hex: written.body_hex.as_deref(),
        repeat: written.body_repeat.as_ref(),
    })?;
    let or = |text: &Option<String>, default: &str| text.as_deref().unwrap_or(default).to_owned();
    let method = or(&written.method, "POST");
    let content_type = (method == "POST").then_some("application/json");
    Ok(Request {
        headers: headers(&written.headers, content_type),
        method,
        path: or(&written.path, "/mcp"),
        authority: or(&written.authority, "mcp.example"),
        body: body.unwrap_or_default(),
    })
}

fn answer(written: &AnswerText) -> Result<Answer, String> {
    let body = Body::from_forms(BodyForms {
        json: written.json.as_ref(),
        texts: [written.body.as_deref(), written.events.as_deref()],
        hex: written.body_hex.as_deref(),
        repeat: written.body_repeat.as_ref(),
    })?;
    let streams = written.events.is_some();
    let content_type = if streams {
        "text/event-stream"
    } else {
        "application/json"
    };
    Ok(Answer {
        status: written.status.unwrap_or(200),
        headers: headers(&written.headers, Some(content_type)),
        body: body.unwrap_or_default(),
    })
}

/// The written headers, with a content type unless one is written; `""` stands for none at all.
fn headers(written: &[(String, String)], content_type: Option<&str>) -> Headers {
    let is_content_type = |name: &str| name.eq_ignore_ascii_case("content-type");
    let mut headers: Headers = written
        .iter()
        .filter(|(name, value)| !(is_content_type(name) && value.is_empty()))
        .map(|(name, value)| (name.clone(), HeaderValue::from_text(value)))
        .collect();
    if let Some(default) = content_type
        && !written.iter().any(|(name, _)| is_content_type(name))
    {
        headers.insert(
            0,
            ("content-type".to_owned(), HeaderValue::from_text(default)),
        );
    }
    headers
}

fn expect(written: ExpectText) -> Result<Expect, String> {
    let forwards_something = written.forwarded_json.is_some()
        || written.forwarded_body.is_some()
        || !written.forwarded_lacks.is_empty()
        || written.unchanged;
    if forwards_something && !written.forwarded {
        return Err("`forwarded: false` contradicts what else is said of forwarding".to_owned());
    }
    let sent = [
        written.forwarded_json.map(Content::Json),
        written.forwarded_body.map(Content::Exact),
    ];
    let got = [
        written.json.map(Content::Json),
        written.body.map(Content::Exact),
        written.events.map(Content::Exact),
        written.unchanged.then_some(Content::Unchanged),
    ];
    let sent = at_most_one(sent)?.unwrap_or(Content::Unchanged);
    Ok(Expect {
        forwarded: written.forwarded.then_some(sent),
        forwarded_lacks: written.forwarded_lacks,
        status: written.status,
        headers: written
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_text(value)))
            .collect(),
        headers_absent: written.headers_absent,
        body: at_most_one(got)?,
        contains: written.contains,
        lacks: written.lacks,
        record: written.record,
    })
}

fn at_most_one<const N: usize>(forms: [Option<Content>; N]) -> Result<Option<Content>, String> {
    let mut given = forms.into_iter().flatten();
    let first = given.next();
    if given.next().is_some() {
        return Err("at most one form of a body may be expected".to_owned());
    }
    Ok(first)
}
