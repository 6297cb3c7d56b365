//! Bodies of errors. Some clients read a result out of any status, so none is harmless.

use super::message::Judge;
use super::outcome::Findings;
use super::result;
use crate::json::{Document, Options, Value, is_twin};
use crate::jsonrpc::check_keys;
use crate::mcp::keys;

/// What becomes of the body of an answer that is no success. None: it is taken away.
pub(super) fn judge(
    judge: Judge<'_>,
    body: Vec<u8>,
    options: Options,
    found: &mut Findings,
) -> Option<Vec<u8>> {
    let Ok(text) = core::str::from_utf8(&body) else {
        return None;
    };
    // Other encodings of Unicode, which some readers guess, are full of NUL bytes.
    if text.contains('\0') {
        return None;
    }
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if !start.starts_with(['{', '[']) {
        return Some(body);
    }
    let document = Document::parse(body, options).ok()?;
    let root = document.root();
    let passes = match root.is_array() {
        true => root.items().all(|element| passes(judge, element)),
        false => passes(judge, root),
    };
    if let Some(error) = root.get("error") {
        found.said.note_error(error);
    }
    passes.then(|| document.into_bytes())
}

/// A JSON-RPC error passes under the rules, and so does what no client takes for a message.
fn passes(judge: Judge<'_>, value: Value<'_>) -> bool {
    if value.is_array() {
        return false;
    }
    let names_message = |(key, _): (Value<'_>, Value<'_>)| {
        key.as_str()
            .is_none_or(|key| keys::ANSWER.contains(&key.as_ref()) || is_twin(&key, keys::ANSWER))
    };
    let error = value.get("error");
    let is_error = error.is_some() && value.get("jsonrpc").is_some();
    if !is_error && value.entries().any(names_message) {
        return false;
    }
    if is_error && (value.get("result").is_some() || value.get("method").is_some()) {
        return false;
    }
    let plain = check_keys(value, keys::FAILURE).is_ok();
    // OAuth's errors are strings; objects are read as JSON-RPC errors, with or without a version.
    plain && error.is_none_or(|error| !error.is_object() || result::error(judge, error).is_ok())
}
