//! Answers of our own, in the one form that every SDK client takes.

use super::Id;
use crate::json::write_string;

/// `{"jsonrpc":"2.0","id":…,"error":{"code":…,"message":…}}`, with `data`, which is JSON, where given.
pub(crate) fn error(id: &Id, code: i32, message: &str, data: Option<&[u8]>) -> Vec<u8> {
    let mut out = begin(id);
    out.extend_from_slice(b"\"error\":{\"code\":");
    out.extend_from_slice(code.to_string().as_bytes());
    out.extend_from_slice(b",\"message\":");
    write_string(&mut out, message);
    if let Some(data) = data {
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(data);
    }
    out.extend_from_slice(b"}}");
    out
}

/// `{"jsonrpc":"2.0","id":…,"result":…}` with a result that is JSON.
pub(crate) fn result(id: &Id, result: &[u8]) -> Vec<u8> {
    let mut out = begin(id);
    out.extend_from_slice(b"\"result\":");
    out.extend_from_slice(result);
    out.push(b'}');
    out
}

/// The result of a tool that did not run: `isError`, with a text for the model to act on.
pub(crate) fn tool_error(id: &Id, text: &str, modern: bool) -> Vec<u8> {
    let mut out = begin(id);
    out.extend_from_slice(b"\"result\":{");
    if modern {
        out.extend_from_slice(b"\"resultType\":\"complete\",");
    }
    out.extend_from_slice(b"\"content\":[{\"type\":\"text\",\"text\":");
    write_string(&mut out, text);
    out.extend_from_slice(b"}],\"isError\":true}}");
    out
}

fn begin(id: &Id) -> Vec<u8> {
    let mut out = b"{\"jsonrpc\":\"2.0\",\"id\":".to_vec();
    out.extend_from_slice(id.as_bytes());
    out.push(b',');
    out
}
