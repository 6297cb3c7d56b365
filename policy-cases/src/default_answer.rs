//! What the server answers where a case does not say: an empty result for each request.

use crate::body::Body;
use crate::header_text::HeaderValue;
use crate::scenario::{Answer, Request};
use serde_json::{Value, json};

/// 200 with an empty result for a POSTed request (an array of them for a batch), 202 otherwise.
pub(crate) fn default_answer(request: &Request) -> Answer {
    match results(request) {
        Some(value) => Answer {
            status: 200,
            headers: vec![(
                "content-type".to_owned(),
                HeaderValue::from_text("application/json"),
            )],
            body: Body::of(value.to_string()),
        },
        None => Answer {
            status: 202,
            headers: Vec::new(),
            body: Body::default(),
        },
    }
}

fn results(request: &Request) -> Option<Value> {
    if request.method != "POST" {
        return None;
    }
    match serde_json::from_slice(&request.body.bytes()).ok()? {
        Value::Array(elements) => {
            let results: Vec<Value> = elements.iter().filter_map(result).collect();
            (!results.is_empty()).then_some(Value::Array(results))
        }
        message => result(&message),
    }
}

/// The empty result for `message`, if it is a request.
fn result(message: &Value) -> Option<Value> {
    message.get("method")?;
    let id = message.get("id")?;
    Some(json!({"jsonrpc": "2.0", "id": id, "result": {}}))
}
