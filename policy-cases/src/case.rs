//! The case format as it is written (`tests/cases/README.md` is its table).
//!
//! These types only say what may be written. What a case means to a harness, with all defaults
//! filled in, is a [`Scenario`](crate::scenario::Scenario).

use crate::call::Call;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One behaviour: a configuration, a request, the server's answer and what must come of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The claim, one sentence.
    pub description: Option<String>,
    /// Anchor in `docs/threat-model.md`.
    pub threat: Option<String>,
    /// Link to the section of the specification.
    pub spec: Option<String>,
    /// The harnesses that run the case; absent: all.
    pub engines: Option<Vec<Harness>>,
    /// Why the case does not run everywhere.
    pub because: Option<String>,
    /// The plugin configuration.
    pub config: Option<Value>,
    /// A file in `tests/cases/configs/` that holds the plugin configuration.
    pub config_file: Option<String>,
    /// Who calls.
    pub caller: Option<Caller>,
    /// Who calls, by the name that the policy gives it.
    #[serde(rename = "as")]
    pub caller_name: Option<String>,
    /// What the client asks for; short for `request.json`.
    pub call: Option<Call>,
    /// What the client sends.
    #[serde(default)]
    pub request: RequestText,
    /// The approval that `{approval}` in the request stands for. Only who has keys for that can make
    /// one: what is written is theirs to read.
    pub approve: Option<Value>,
    /// What the server answers.
    pub upstream: Option<AnswerText>,
    /// What must come of it.
    pub expect: ExpectText,
}

/// A harness that runs cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harness {
    /// The engine, compiled for this machine.
    Native,
    /// The engine on `wasm32-unknown-unknown`.
    Wasm,
    /// The built filter in a real Envoy.
    Envoy,
}

impl Harness {
    /// Every harness, the default of a case.
    pub const ALL: [Self; 3] = [Self::Native, Self::Wasm, Self::Envoy];
}

/// What the host verified about who calls. Neither given: plain text and no identity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caller {
    /// URI SAN of the client's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spiffe: Option<String>,
    /// Claims of a token that jwt_authn verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt: Option<Map<String, Value>>,
}

/// The request as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestText {
    /// HTTP method, default `POST`.
    pub method: Option<String>,
    /// Path with query, default `/mcp`.
    pub path: Option<String>,
    /// Host, default `mcp.example`.
    pub authority: Option<String>,
    /// Headers in order, repeats kept.
    pub headers: Vec<(String, String)>,
    /// The body as a JSON value; its keys are sent in alphabetical order.
    pub json: Option<Value>,
    /// The body's exact text.
    pub body: Option<String>,
    /// The body's bytes in hexadecimal.
    pub body_hex: Option<String>,
    /// A body that repeats a unit.
    pub body_repeat: Option<Repeat>,
}

/// The server's answer as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerText {
    /// Default 200.
    pub status: Option<u16>,
    /// Headers in order, repeats kept.
    pub headers: Vec<(String, String)>,
    /// The body as a JSON value; its keys are sent in alphabetical order.
    pub json: Option<Value>,
    /// The body's exact text.
    pub body: Option<String>,
    /// The body's bytes in hexadecimal.
    pub body_hex: Option<String>,
    /// A body that repeats a unit.
    pub body_repeat: Option<Repeat>,
    /// The raw text of an event stream.
    pub events: Option<String>,
}

/// `prefix`, then `count` times `unit`, then `suffix`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Repeat {
    /// What comes once before.
    pub prefix: String,
    /// What is repeated.
    pub unit: String,
    /// How often.
    pub count: u32,
    /// What comes once after.
    pub suffix: String,
}

/// The expectation as written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectText {
    /// Whether the request passes.
    pub allowed: Option<bool>,
    /// The reason for which it does not.
    pub denied: Option<String>,
    /// The rule that decides, by its id.
    pub rule: Option<String>,
    /// Whether a human is asked.
    pub approval: Option<String>,
    /// Whether the server gets the whole request.
    pub forwarded: Option<bool>,
    /// What the server gets, equal as JSON.
    pub forwarded_json: Option<Value>,
    /// What the server gets, byte for byte.
    pub forwarded_body: Option<String>,
    /// Header names that must not reach the server.
    pub forwarded_lacks: Vec<String>,
    /// The client's status.
    pub status: Option<u16>,
    /// Exact values of the client's headers, by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// Names of headers that the client must not get.
    pub headers_absent: Vec<String>,
    /// The client's body, equal as JSON.
    pub json: Option<Value>,
    /// The client's body, byte for byte.
    pub body: Option<String>,
    /// The client's body is the server's, byte for byte.
    pub unchanged: bool,
    /// The raw text of the event stream that the client gets.
    pub events: Option<String>,
    /// Strings that the client's body holds.
    pub contains: Vec<String>,
    /// Strings that the client's body does not hold.
    pub lacks: Vec<String>,
    /// Fields of the decision record, each equal.
    pub record: Map<String, Value>,
}
