//! What clients see in an answer.

use crate::fuzzing::json::{member, members, text};
use crate::fuzzing::policy::{permits_prompt, permits_resource, shows_template, shows_tool};
use crate::fuzzing::sse::seen_by_clients;
use serde_json::Value;

/// What a server may say without being asked.
const PASSING: [&str; 8] = [
    "ping",
    "notifications/message",
    "notifications/progress",
    "notifications/cancelled",
    "notifications/tools/list_changed",
    "notifications/prompts/list_changed",
    "notifications/resources/list_changed",
    "notifications/subscriptions/acknowledged",
];

/// Reads the body as every client would.
pub(super) fn check(body: &[u8], stream: bool) {
    if !stream {
        return check_text(body);
    }
    for (name, data) in seen_by_clients(body) {
        check_text(data.as_bytes());
        if name == "endpoint" && read(&data).is_none() {
            assert!(stays_here(&data), "the client would post to {data}");
        }
    }
}

/// Whether a reference leads to the host that was asked.
fn stays_here(reference: &str) -> bool {
    let first = reference.split(['/', '?', '#']).next().unwrap_or_default();
    let rest = reference.strip_prefix(first).unwrap_or_default();
    let host = rest
        .strip_prefix("//")
        .map(|rest| rest.split(['/', '?', '#']).next());
    match (first.to_lowercase().as_str(), host.flatten()) {
        ("http:" | "https:", host) => host == Some("mcp.example"),
        ("", Some(host)) => host == "mcp.example",
        (first, _) => !first.contains(':'),
    }
}

fn check_text(body: &[u8]) {
    let body = String::from_utf8_lossy(body);
    let body = body.trim_start_matches('\u{FEFF}');
    match read(body) {
        Some(Value::Array(messages)) => messages.iter().for_each(check_message),
        Some(message) => check_message(&message),
        None => {}
    }
}

/// Reads JSON as clients do that do not mind half a surrogate pair.
fn read(text: &str) -> Option<Value> {
    let read = serde_json::from_str(text).ok();
    read.or_else(|| {
        serde_json::from_str(&text.replace("\\ud", "\\u0").replace("\\uD", "\\u0")).ok()
    })
}

fn check_message(message: &Value) {
    for error in members(message, "error") {
        check_error(error);
    }
    for result in members(message, "result") {
        check_result(result);
    }
    if members(message, "method").is_empty() {
        return;
    }
    let nothing = Value::Null;
    let params = member(message, "params").unwrap_or(&nothing);
    let permitted = match text(message, "method") {
        "policy/denied" => params.is_null() && member(message, "id").is_some(),
        "notifications/resources/updated" => permits_resource(text(params, "uri")),
        method => PASSING.contains(&method),
    };
    assert!(permitted, "{message}");
    check_result(params);
}

fn check_error(error: &Value) {
    let asks = members(error, "code")
        .iter()
        .any(|code| code.as_f64() == Some(-32042.0));
    let data = members(error, "data");
    let asks = asks
        || data
            .iter()
            .any(|data| !members(data, "elicitations").is_empty());
    assert!(!asks, "the server asks by the error {error}");
}

fn check_result(result: &Value) {
    each(result, "tools", |tool| shows_tool(text(tool, "name")));
    each(result, "prompts", |prompt| {
        permits_prompt(text(prompt, "name"))
    });
    each(result, "resources", |resource| {
        permits_resource(text(resource, "uri"))
    });
    each(result, "resourceTemplates", |item| {
        shows_template(text(item, "uriTemplate"))
    });
    each(result, "contents", |contents| {
        permits_resource(text(contents, "uri"))
    });
    each(result, "content", is_permitted_block);
    each(result, "messages", |message| {
        each(message, "content", is_permitted_block);
        true
    });
    if let Some(requests) = member(result, "inputRequests") {
        let requests = requests.as_object().into_iter().flatten();
        requests.for_each(|(_, request)| assert!(PASSING.contains(&text(request, "method"))));
    }
    if let Some(error) = member(result, "error") {
        check_error(error);
    }
    if let Some(inner) = member(result, "result") {
        check_result(inner);
    }
}

/// Checks every item of a list, or the one that stands in its place.
fn each(object: &Value, key: &str, permitted: impl Fn(&Value) -> bool) {
    match member(object, key) {
        Some(Value::Array(items)) => {
            items
                .iter()
                .for_each(|item| assert!(permitted(item), "{key} has {item}"));
        }
        Some(item @ Value::Object(_)) => assert!(permitted(item), "{key} is {item}"),
        _ => {}
    }
}

fn is_permitted_block(block: &Value) -> bool {
    let is_link =
        block.is_object() && member(block, "type").is_some_and(|kind| kind == "resource_link");
    !is_link || permits_resource(text(block, "uri"))
}
