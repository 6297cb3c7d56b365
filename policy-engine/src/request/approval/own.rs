//! What stands in a request for the guard itself, and never reaches the server.

use super::super::RequestAction;
use super::super::head::HeadFacts;
use crate::decision::Reason;
use crate::json::{Document, Edits, Value};
use crate::jsonrpc::Message;
use crate::names::META_APPROVAL;
use crate::state::PREFIX;
use std::borrow::Cow;

/// What becomes of a member.
#[derive(Clone, Debug)]
pub(in crate::request) enum Change {
    Keep,
    Drop,
    /// This JSON takes its place.
    With(Vec<u8>),
}

/// The approval that came with a call, from the header or from `_meta`.
pub(super) fn token<'a>(
    facts: &'a HeadFacts,
    params: Option<Value<'a>>,
) -> Result<Option<Cow<'a, [u8]>>, Reason> {
    let meta = meta(params);
    match (facts.approval.as_deref(), meta) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Reason::ApprovalAmbiguous),
        (Some(header), None) => Ok(Some(header.into())),
        // What is no text is no token, which is said by whoever verifies it.
        (None, Some(value)) => Ok(Some(match value.as_str() {
            Some(Cow::Borrowed(text)) => text.as_bytes().into(),
            Some(Cow::Owned(text)) => text.into_bytes().into(),
            None => Vec::new().into(),
        })),
    }
}

fn meta(params: Option<Value<'_>>) -> Option<Value<'_>> {
    params?.get("_meta")?.get(META_APPROVAL)
}

fn answer(params: Option<Value<'_>>) -> Option<Value<'_>> {
    params?.get("inputResponses")?.get(META_APPROVAL)
}

/// Whether a state is, or was made to look like, the guard's.
pub(in crate::request) fn brings_state(message: &Message<'_>) -> bool {
    let params = match message {
        Message::Request { params, .. } | Message::Notification { params, .. } => *params,
        Message::Answer { .. } => None,
    };
    let state = params.and_then(|params| params.get("requestState")?.as_str());
    state.is_some_and(|state| state.starts_with(PREFIX))
}

/// Whether the user has answered the guard's question with anything but consent.
pub(super) fn is_declined(params: Option<Value<'_>>) -> bool {
    let action = answer(params).and_then(|answer| answer.get("action"));
    action.is_some_and(|action| !action.is_str("accept"))
}

/// What becomes of a body that passes: nothing in it that is the guard's; and this, of its
/// `requestState`.
///
/// # Errors
/// It cannot be taken out.
pub(in crate::request) fn forwarded(
    document: &Document,
    state: &Change,
) -> Result<RequestAction, Reason> {
    let root = document.root();
    let one = (!root.is_array()).then_some(root);
    let mut edits = Edits::default();
    for message in root.items().chain(one) {
        let Some(params) = message.get("params") else {
            continue;
        };
        if let Some(text) = stripped(params, state)? {
            edits.replace(params.span(), text);
        }
    }
    if edits.is_empty() {
        return Ok(RequestAction::Forward);
    }
    let text = document.bytes();
    Ok(RequestAction::Replace(edits.apply(text, 0..text.len())))
}

/// The parameters without what is the guard's, in as many bytes as before: the head, which states the
/// length, has left when the body is read. None: nothing of it is there.
///
/// # Errors
/// They would become longer.
fn stripped(params: Value<'_>, state: &Change) -> Result<Option<Vec<u8>>, Reason> {
    let (meta, answer) = (meta(Some(params)), answer(Some(params)));
    if meta.is_none() && answer.is_none() && matches!(state, Change::Keep) {
        return Ok(None);
    }
    let mut text = rewritten(params, |key, value| {
        if key.is_str("_meta") && meta.is_some() {
            return Change::With(rewritten(value, drop_own));
        }
        if key.is_str("inputResponses") && answer.is_some() {
            return match value.entries().nth(1) {
                Some(_) => Change::With(rewritten(value, drop_own)),
                None => Change::Drop,
            };
        }
        match key.is_str("requestState") {
            true => state.clone(),
            false => Change::Keep,
        }
    });
    let missing = params.raw().len().checked_sub(text.len());
    let missing = missing.ok_or(Reason::ApprovalState)?;
    text.pop();
    text.extend(core::iter::repeat_n(b' ', missing));
    text.push(b'}');
    Ok(Some(text))
}

fn drop_own(key: Value<'_>, _: Value<'_>) -> Change {
    match key.is_str(META_APPROVAL) {
        true => Change::Drop,
        false => Change::Keep,
    }
}

/// An object with changed members.
fn rewritten(object: Value<'_>, change: impl Fn(Value<'_>, Value<'_>) -> Change) -> Vec<u8> {
    let mut out = b"{".to_vec();
    for (key, value) in object.entries() {
        let changed = change(key, value);
        let value = match &changed {
            Change::Keep => value.raw(),
            Change::Drop => continue,
            Change::With(bytes) => bytes,
        };
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(key.raw());
        out.push(b':');
        out.extend_from_slice(value);
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use super::{Change, stripped};
    use crate::json::{Document, Options, Surrogates};

    fn strip(text: &str, state: &Change) -> Option<String> {
        let options = Options {
            bytes: 4096,
            depth: 16,
            keys: 64,
            values: 64,
            surrogates: Surrogates::Refuse,
        };
        let document = Document::parse(text.into(), options).unwrap();
        let stripped = stripped(document.root(), state).unwrap();
        stripped.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn what_is_the_guards_goes_and_the_length_stays() {
        for (text, expected) in [
            (r#"{"a":1}"#, None),
            (r#"{"_meta":{},"inputResponses":{"a":{}}}"#, None),
            (
                r#"{ "_meta" : {"dev.mcp-guard/approval":"t", "b":[1, 2]}, "a":"\u0041" }"#,
                Some(r#"{"_meta":{"b":[1, 2]},"a":"\u0041"}"#),
            ),
            (
                r#"{"_meta":{"dev.mcp-guard\/approval":"t"}}"#,
                Some(r#"{"_meta":{}}"#),
            ),
            (
                r#"{"inputResponses":{"dev.mcp-guard/approval":{}},"a":1}"#,
                Some(r#"{"a":1}"#),
            ),
            (
                r#"{"inputResponses":{"dev.mcp-guard/approval":{},"x":{}},"a":1}"#,
                Some(r#"{"inputResponses":{"x":{}},"a":1}"#),
            ),
        ] {
            let got = strip(text, &Change::Keep);
            assert!(got.iter().all(|got| got.len() == text.len()), "{got:?}");
            let got = got.map(|got| got.replace(' ', ""));
            assert_eq!(got, expected.map(|text| text.replace(' ', "")), "{text}");
        }
    }

    #[test]
    fn a_state_is_dropped_or_replaced() {
        let text = r#"{"requestState":"mcp-guard.1.AAAAAAAA","a":1}"#;
        let dropped = strip(text, &Change::Drop).unwrap();
        assert_eq!(dropped.replace(' ', ""), r#"{"a":1}"#);
        let put = strip(text, &Change::With(br#""s""#.to_vec())).unwrap();
        assert_eq!(put.replace(' ', ""), r#"{"requestState":"s","a":1}"#);
    }
}
