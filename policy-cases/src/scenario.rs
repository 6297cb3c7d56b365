//! A case with every default filled in: what all harnesses run.
//!
//! The native harness builds scenarios from the files; the others read them as JSON (written by
//! `cases_json`), so no harness has a reader of its own.

use crate::body::{Body, BodyForms};
use crate::call::Call;
use crate::case::{AnswerText, Caller, Case, Harness, RequestText};
use crate::default_answer::default_answer;
use crate::expectation::Expect;
use crate::header_text::HeaderValue;
use crate::setting::{Identity, Setting};
use serde::{Deserialize, Serialize};

/// Header names and values in order.
pub type Headers = Vec<(String, HeaderValue)>;

/// One case, ready to run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scenario {
    /// `<area>/<behaviour>`, or where a user's case stands.
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
    /// The approval in it.
    pub approve: Option<Approve>,
    /// The time at which it is played, in seconds since 1970.
    pub now: u64,
    /// What the server answers.
    pub upstream: Answer,
    /// What must come of it.
    pub expect: Expect,
}

/// The approval that a case sends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Approve {
    /// Tokens that differ in their id alone. The first stands in the request.
    pub tokens: Vec<String>,
    /// Whether it was used before.
    pub used: bool,
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

impl Scenario {
    /// What `case` means under `name` in that setting, without the approval that it asks for.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the case.
    pub fn new(name: String, case: Case, setting: &Setting) -> Result<Self, String> {
        let engines = engines(&case)?;
        let identity = identity(&case, setting)?;
        let mut request = request(&case, setting)?;
        add_headers(&mut request, identity.headers);
        let upstream = match &case.upstream {
            Some(written) => answer(written).map_err(|error| format!("upstream: {error}"))?,
            None => default_answer(&request),
        };
        Ok(Self {
            name,
            description: case.description.unwrap_or_default(),
            threat: case.threat,
            engines,
            config: setting.config.clone(),
            caller: identity.caller,
            request,
            approve: None,
            now: setting.now,
            upstream,
            expect: Expect::new(case.expect).map_err(|error| format!("expect: {error}"))?,
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

/// Who calls: the policy's caller of that name, or what the case says was verified.
fn identity(case: &Case, setting: &Setting) -> Result<Identity, String> {
    let caller = match (&case.caller, &case.caller_name) {
        (Some(_), Some(_)) => return Err("at most one of `caller` and `as`".to_owned()),
        (_, Some(name)) => return setting.caller(name).cloned(),
        (caller, None) => caller.clone().unwrap_or_default(),
    };
    if let Some(spiffe) = &caller.spiffe
        && !spiffe.starts_with("spiffe://")
    {
        return Err("`caller.spiffe` starts with `spiffe://`".to_owned());
    }
    Ok(Identity {
        caller,
        headers: Headers::new(),
    })
}

fn request(case: &Case, setting: &Setting) -> Result<Request, String> {
    let call = case.call.as_ref().map(Call::message).transpose();
    let call = call.map_err(|error| format!("call: {error}"))?;
    let written = &case.request;
    let body = request_body(written).map_err(|error| format!("request: {error}"))?;
    let body = match (call, body) {
        (Some(_), Some(_)) => return Err("at most one of `call` and a request's body".to_owned()),
        (Some(message), None) => Some(Body::of_json(message)),
        (None, body) => body,
    };
    let or = |text: &Option<String>, default: &str| text.as_deref().unwrap_or(default).to_owned();
    let method = or(&written.method, "POST");
    let content_type = (method == "POST").then_some("application/json");
    Ok(Request {
        headers: headers(&written.headers, content_type),
        method,
        path: or(&written.path, &setting.path),
        authority: or(&written.authority, &setting.authority),
        body: body.unwrap_or_default(),
    })
}

fn request_body(written: &RequestText) -> Result<Option<Body>, String> {
    Body::from_forms(BodyForms {
        json: written.json.as_ref(),
        texts: [written.body.as_deref(), None],
        hex: written.body_hex.as_deref(),
        repeat: written.body_repeat.as_ref(),
    })
}

/// Adds what the caller sends, unless the case sends it itself.
fn add_headers(request: &mut Request, headers: Headers) {
    for (name, value) in headers {
        let same = |(given, _): &(String, HeaderValue)| given.eq_ignore_ascii_case(&name);
        if !request.headers.iter().any(same) {
            request.headers.push((name, value));
        }
    }
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
