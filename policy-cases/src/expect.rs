//! Compares what came of an exchange with what a case expects.

use crate::exchange::{Forwarded, Outcome};
use crate::expectation::{Content, Forwarding};
use crate::header_text::HeaderValue;
use crate::scenario::{Headers, Scenario};
use serde_json::Value;

/// Every expectation of `scenario` that `outcome` does not meet, a line for each.
#[must_use]
pub fn mismatches(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(forwarded(scenario, outcome.forwarded.as_ref()));
    found.extend(status(scenario, outcome));
    found.extend(headers(scenario, outcome));
    found.extend(body(scenario, &outcome.body));
    found.extend(record(scenario, &outcome.record));
    found
}

fn forwarded(scenario: &Scenario, forwarded: Option<&Forwarded>) -> Vec<String> {
    let (expected, got) = match (&scenario.expect.forwarded, forwarded) {
        (Forwarding::Anything, _) | (Forwarding::Refused, None) => return Vec::new(),
        (Forwarding::Forwarded(_), None) => {
            return vec!["the server did not get the request".to_owned()];
        }
        (Forwarding::Refused, Some(got)) => {
            return vec![format!("the server got the request: {}", show(&got.body))];
        }
        (Forwarding::Forwarded(expected), Some(got)) => (expected, got),
    };
    let sent = scenario.request.body.bytes();
    let present = |name: &&String| value_of(&got.headers, name).is_some();
    let unwanted = scenario.expect.forwarded_lacks.iter().filter(present);
    content("the server's request", expected, &sent, &got.body)
        .into_iter()
        .chain(unwanted.map(|name| format!("the server got the header `{name}`")))
        .collect()
}

fn status(scenario: &Scenario, outcome: &Outcome) -> Option<String> {
    let (expected, got) = (scenario.expect.status?, outcome.status);
    (expected != got).then(|| format!("status {got}, expected {expected}"))
}

fn headers(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let differing = scenario
        .expect
        .headers
        .iter()
        .filter_map(|(name, expected)| {
            let got = value_of(&outcome.headers, name);
            (got != Some(expected)).then(|| {
                let got = got.map_or_else(|| "absent".to_owned(), |value| show(&value.0));
                format!("header `{name}` is {got}, expected {}", show(&expected.0))
            })
        });
    let unwanted = scenario.expect.headers_absent.iter().filter_map(|name| {
        let got = value_of(&outcome.headers, name)?;
        Some(format!(
            "header `{name}` is {}, expected to be absent",
            show(&got.0)
        ))
    });
    differing.chain(unwanted).collect()
}

/// The first value under `name`, in any case of letters.
fn value_of<'a>(headers: &'a Headers, name: &str) -> Option<&'a HeaderValue> {
    headers
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn body(scenario: &Scenario, got: &[u8]) -> Vec<String> {
    let sent = scenario.upstream.body.bytes();
    let differing = scenario
        .expect
        .body
        .as_ref()
        .and_then(|expected| content("the client's body", expected, &sent, got));
    let missing = scenario
        .expect
        .contains
        .iter()
        .filter(|text| !holds(got, text));
    let unwanted = scenario.expect.lacks.iter().filter(|text| holds(got, text));
    differing
        .into_iter()
        .chain(missing.map(|text| format!("the client's body lacks `{text}`: {}", show(got))))
        .chain(unwanted.map(|text| format!("the client's body holds `{text}`: {}", show(got))))
        .collect()
}

fn holds(body: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(body).contains(text)
}

fn content(what: &str, expected: &Content, sent: &[u8], got: &[u8]) -> Option<String> {
    let exactly = |expected: &[u8]| {
        (expected != got).then(|| {
            format!(
                "{what} is\n    {}\n  expected\n    {}",
                show(got),
                show(expected)
            )
        })
    };
    match expected {
        Content::Unchanged => exactly(sent),
        Content::Exact(text) => exactly(text.as_bytes()),
        Content::Json(value) => match serde_json::from_slice::<Value>(got) {
            Ok(read) if read == *value => None,
            Ok(read) => Some(format!("{what} is\n    {read}\n  expected\n    {value}")),
            Err(error) => Some(format!("{what} is no JSON ({error}): {}", show(got))),
        },
    }
}

fn record(scenario: &Scenario, got: &Value) -> Vec<String> {
    let differing = scenario
        .expect
        .record
        .iter()
        .filter_map(|(field, expected)| {
            let got = got.get(field).unwrap_or(&Value::Null);
            let differs = !holds_fields(expected, got);
            differs.then(|| format!("record field `{field}` is {got}, expected {expected}"))
        });
    differing.collect()
}

/// Whether `got` is `expected`; of an object, every field that is expected must be so.
/// An expected `null` stands for a field that is absent.
fn holds_fields(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => expected
            .iter()
            .all(|(field, value)| holds_fields(value, got.get(field).unwrap_or(&Value::Null))),
        _ => expected == got,
    }
}

/// At most this much of a body is shown.
const SHOWN: usize = 2000;

/// `bytes` as text that shows every byte.
fn show(bytes: &[u8]) -> String {
    let shown = bytes.get(..SHOWN).unwrap_or(bytes);
    let rest = bytes.len().saturating_sub(shown.len());
    let text = match std::str::from_utf8(shown) {
        Ok(text) => format!("{text:?}"),
        Err(_) => format!("\"{}\"", shown.escape_ascii()),
    };
    if rest == 0 {
        text
    } else {
        format!("{text} and {rest} bytes more")
    }
}
