//! How a refusal looks.

use super::Request;
use crate::fuzzing::json::{member, text};
use mcp_guard_engine::http::Reply;
use serde_json::Value;

const STATUSES: [u16; 9] = [200, 202, 400, 403, 404, 405, 413, 415, 421];

/// A reply is empty, or JSON-RPC for the request's own id or for none.
pub(super) fn check_reply(request: &Request<'_>, reply: &Reply) {
    assert!(STATUSES.contains(&reply.status), "{}", reply.status);
    if reply.body.is_empty() {
        assert_ne!(reply.status, 200);
        return;
    }
    let body = read(&reply.body);
    let sent = serde_json::from_slice::<Value>(request.body).unwrap_or_default();
    match (&body, &sent) {
        (Value::Array(errors), Value::Array(messages)) => {
            let ids = messages.iter().filter_map(|message| message.get("id"));
            let answered = errors.iter().filter_map(|error| error.get("id"));
            assert!(answered.eq(ids));
            errors.iter().for_each(check_error);
        }
        _ => {
            check_error(&body);
            let id = body.get("id").filter(|id| !id.is_null());
            assert!(id.is_none() || id == sent.get("id"));
            assert!(id.is_some() || reply.status >= 400);
        }
    }
}

/// Where the answer travels on another stream, the server is made to send an error.
pub(super) fn check_replaced(request: &Request<'_>, body: &[u8]) {
    assert!(request.path.starts_with("/message"));
    let body = read(body);
    let sent = serde_json::from_slice::<Value>(request.body).unwrap_or_default();
    assert_eq!(text(&body, "jsonrpc"), "2.0");
    assert_eq!(text(&body, "method"), "policy/denied");
    assert!(body.get("id").is_some());
    assert_eq!(body.get("id"), sent.get("id"));
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(3));
}

fn check_error(answer: &Value) {
    assert_eq!(text(answer, "jsonrpc"), "2.0");
    let error = member(answer, "error");
    let is_tool_error = member(answer, "result").is_some_and(|result| result["isError"] == true);
    assert!(
        error.is_some_and(|error| error["code"].is_i64()) != is_tool_error,
        "{answer}"
    );
}

fn read(body: &[u8]) -> Value {
    let read = serde_json::from_slice(body);
    assert!(read.is_ok(), "{read:?}");
    read.unwrap_or_default()
}
