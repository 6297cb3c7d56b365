//! Bodies of errors. Some clients read a result out of any status, so none is harmless.

use super::message::Judge;
use super::outcome::{Filtered, Judged};
use crate::json::{Document, Options, Value, is_twin};

/// What becomes of the body of an answer that is no success. None: it is taken away.
pub(super) fn judge(
    judge: Judge<'_>,
    body: Vec<u8>,
    options: Options,
    filtered: &mut Filtered,
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
        true => root.items().all(|element| passes(judge, element, filtered)),
        false => passes(judge, root, filtered),
    };
    passes.then(|| document.into_bytes())
}

/// A JSON-RPC error passes under the rules, and so does what no client takes for a message.
fn passes(judge: Judge<'_>, value: Value<'_>, filtered: &mut Filtered) -> bool {
    let is_error = value.get("error").is_some() && value.get("jsonrpc").is_some();
    if is_error {
        return matches!(judge.message(value, filtered), Judged::Pass(edits) if edits.is_empty());
    }
    let names = |(key, _): (Value<'_>, Value<'_>)| {
        key.as_str()
            .is_none_or(|key| MESSAGE.contains(&key.as_ref()) || is_twin(&key, &MESSAGE))
    };
    !value.is_array() && !value.entries().any(names)
}

const MESSAGE: [&str; 3] = ["jsonrpc", "method", "result"];
