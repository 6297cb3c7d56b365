//! What a case expects, with the short forms spelt out.

use crate::case::ExpectText;
use crate::header_text::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What must come of an exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expect {
    /// What the server gets.
    pub forwarded: Forwarding,
    /// Header names that must not reach the server.
    pub forwarded_lacks: Vec<String>,
    /// The client's status; none: any.
    pub status: Option<u16>,
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

/// Whether the server gets the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forwarding {
    /// That is not looked at.
    Anything,
    /// Not the whole of it.
    Refused,
    /// All of it, and its body is this.
    Forwarded(Content),
}

impl Expect {
    /// What a case expects; nothing, if it says nothing.
    ///
    /// # Errors
    /// A sentence that says what contradicts what.
    pub(crate) fn new(written: ExpectText) -> Result<Self, String> {
        expect(written)
    }
}

fn expect(written: ExpectText) -> Result<Expect, String> {
    let forwards_something = written.forwarded_json.is_some()
        || written.forwarded_body.is_some()
        || !written.forwarded_lacks.is_empty()
        || written.unchanged;
    let forwards = forwards(&written)?;
    if forwards_something && forwards == Some(false) {
        return Err("`forwarded: false` contradicts what else is said of forwarding".to_owned());
    }
    let record = record(&written)?;
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
        forwarded: match forwards {
            Some(true) => Forwarding::Forwarded(sent),
            Some(false) => Forwarding::Refused,
            None if forwards_something => Forwarding::Forwarded(sent),
            None => Forwarding::Anything,
        },
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
        record,
    })
}

/// Whether the server is to get the request, if that is said.
fn forwards(written: &ExpectText) -> Result<Option<bool>, String> {
    if written.allowed == Some(true) && written.forwarded == Some(false) {
        return Err("`allowed: true` contradicts `forwarded: false`".to_owned());
    }
    // Of a refusal on a legacy message endpoint the server learns, so it says nothing of forwarding.
    let allowed = written.allowed.filter(|allowed| *allowed);
    Ok(written.forwarded.or(allowed))
}

/// The fields of the record, with those that the short forms stand for.
fn record(written: &ExpectText) -> Result<Map<String, Value>, String> {
    if written.allowed == Some(true) && written.denied.is_some() {
        return Err("`allowed: true` contradicts `denied`".to_owned());
    }
    let allowed = written
        .allowed
        .or(written.denied.is_some().then_some(false));
    let decision = allowed.map(|allowed| match allowed {
        true => "allow",
        false => "deny",
    });
    let short = [
        ("decision", decision),
        ("reason", written.denied.as_deref()),
        ("rule", written.rule.as_deref()),
        ("approval", written.approval.as_deref()),
    ];
    let mut record = written.record.clone();
    for (field, value) in short {
        let Some(value) = value.map(Value::from) else {
            continue;
        };
        if record.get(field).is_some_and(|other| *other != value) {
            return Err(format!("`record.{field}` contradicts the short form"));
        }
        record.insert(field.to_owned(), value);
    }
    Ok(record)
}

fn at_most_one<const N: usize>(forms: [Option<Content>; N]) -> Result<Option<Content>, String> {
    let mut given = forms.into_iter().flatten();
    let first = given.next();
    if given.next().is_some() {
        return Err("at most one form of a body may be expected".to_owned());
    }
    Ok(first)
}
