//! What servers do with a request that was forwarded.

use super::Request;
use crate::fuzzing::json::{member, members, text};
use crate::fuzzing::policy::{
    permits_prompt, permits_resource, runs_unasked, shows_template, shows_tool,
};
use mcp_guard_engine::request::Verdict;
use serde_json::Value;

/// Methods that need no rule.
const HOUSEKEEPING: [&str; 8] = [
    "initialize",
    "server/discover",
    "ping",
    "tools/list",
    "resources/list",
    "resources/templates/list",
    "prompts/list",
    "logging/setLevel",
];

const NOTIFICATIONS: [&str; 4] = [
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/roots/list_changed",
];

pub(super) fn check(request: &Request<'_>, verdict: &Verdict) {
    let path = request.path.split('?').next().unwrap_or_default();
    if path == "/healthz" {
        return;
    }
    assert!(!request.headers.iter().any(|(name, _)| name == "upgrade"));
    if request.method != "POST" {
        assert!(matches!(request.method, "GET" | "DELETE" | "OPTIONS"));
        assert!(request.body.is_empty());
        return;
    }
    assert!(matches!(path, "/mcp" | "/message"));
    assert_eq!(verdict.body, request.body);
    let body = serde_json::from_slice::<Value>(request.body);
    assert!(body.is_ok(), "forwarded what serde_json refuses: {body:?}");
    match body.unwrap_or_default() {
        Value::Array(messages) => {
            assert!((1..=100).contains(&messages.len()));
            assert_eq!(path, "/mcp");
            messages.iter().for_each(check_message);
        }
        message => {
            check_message(&message);
            check_headers(request, &message);
        }
    }
}

fn check_message(message: &Value) {
    assert_eq!(text(message, "jsonrpc"), "2.0");
    let id = member(message, "id");
    assert!(id.is_none_or(|id| id.is_string() || id.is_i64()));
    if members(message, "method").is_empty() {
        return check_answer(message);
    }
    assert!(
        member(message, "result")
            .or(member(message, "error"))
            .is_none()
    );
    let nothing = Value::Object(serde_json::Map::new());
    let params = member(message, "params").unwrap_or(&nothing);
    assert!(params.is_object());
    if let Some(answers) = member(params, "inputResponses") {
        answers
            .as_object()
            .into_iter()
            .flatten()
            .for_each(|(_, answer)| check_result(answer));
    }
    check_call(text(message, "method"), params, id.is_some());
}

fn check_call(method: &str, params: &Value, request: bool) {
    let permitted = match method {
        "tools/call" => permits_call(params),
        "prompts/get" => permits_prompt(text(params, "name")),
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => {
            permits_resource(text(params, "uri"))
        }
        "completion/complete" => member(params, "ref").is_some_and(permits_reference),
        "subscriptions/listen" => member(params, "notifications").is_none_or(permits_listening),
        method if NOTIFICATIONS.contains(&method) => return assert!(!request),
        method => HOUSEKEEPING.contains(&method),
    };
    assert!(permitted && request, "forwarded {method} {params}");
}

fn permits_call(params: &Value) -> bool {
    let name = text(params, "name");
    let arguments = member(params, "arguments");
    assert!(arguments.is_none_or(Value::is_object));
    assert_eq!(member(params, "task"), None);
    let edits = name == "edit_file";
    shows_tool(name) && runs_unasked(name) && (!edits || arguments.is_some_and(permits_edit))
}

fn permits_edit(arguments: &Value) -> bool {
    let mode = member(arguments, "options").and_then(|options| member(options, "mode"));
    let is_one = |mode: &Value| mode.as_f64() == Some(1.0);
    text(arguments, "owner") == "acme"
        && mode.is_some_and(|mode| *mode == "a" || is_one(mode) || mode.is_null())
}

fn permits_reference(reference: &Value) -> bool {
    match text(reference, "type") {
        "ref/prompt" => permits_prompt(text(reference, "name")),
        "ref/resource" => shows_template(text(reference, "uri")),
        _ => false,
    }
}

fn permits_listening(filter: &Value) -> bool {
    assert_eq!(member(filter, "taskIds"), None);
    let uris = member(filter, "resourceSubscriptions");
    let uris = uris.and_then(Value::as_array).into_iter().flatten();
    uris.into_iter()
        .all(|uri| uri.as_str().is_some_and(permits_resource))
}

/// The client's answer to a server that may ask nothing.
fn check_answer(message: &Value) {
    match member(message, "result") {
        Some(result) => check_result(result),
        None => assert!(member(message, "error").is_some_and(Value::is_object)),
    }
}

fn check_result(result: &Value) {
    let keys = result
        .as_object()
        .map(|object| object.keys().all(|key| key == "_meta"));
    assert_eq!(keys, Some(true), "forwarded the answer {result}");
}

/// Headers that proxies route by say what the body says.
fn check_headers(request: &Request<'_>, message: &Value) {
    let Some(method) = message.get("method").and_then(Value::as_str) else {
        return;
    };
    let named = match method {
        "tools/call" | "prompts/get" => message.pointer("/params/name"),
        "resources/read" => message.pointer("/params/uri"),
        _ => None,
    };
    let named = named.and_then(Value::as_str);
    for (header, meant) in [("mcp-method", Some(method)), ("mcp-name", named)] {
        let lines = request.headers.iter().filter(|(name, _)| name == header);
        for (_, said) in lines.filter(|(_, said)| !said.starts_with(b"=?")) {
            assert!(
                meant.is_none_or(|meant| meant.as_bytes() == said),
                "{header} of {message}"
            );
        }
    }
}
