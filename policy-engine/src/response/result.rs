//! The result or error of a request.

use super::cache;
use super::content;
use super::list;
use super::message::Judge;
use super::outcome::Findings;
use crate::decision::Reason;
use crate::json::{Edits, Value};
use crate::jsonrpc::check_keys;
use crate::mcp::{code, keys};
use crate::policy::format::ServerRequestKind;

/// How deep results lie within results: a task's result holds the result of a call.
const NESTED: usize = 4;

/// Judges a result by its shape.
pub(super) fn result(
    judge: Judge<'_>,
    value: Value<'_>,
    edits: &mut Edits,
    found: &mut Findings,
) -> Result<(), Reason> {
    at_level(judge, value, edits, found, NESTED)
}

fn at_level(
    judge: Judge<'_>,
    value: Value<'_>,
    edits: &mut Edits,
    found: &mut Findings,
    levels: usize,
) -> Result<(), Reason> {
    let levels = levels.checked_sub(1).ok_or(Reason::ResponseUnreadable)?;
    if !value.is_object() || check_keys(value, keys::RESULT).is_err() {
        return Err(Reason::ResponseUnreadable);
    }
    if list::filter(judge, value, edits, found)? {
        cache::keep_private(judge, value, edits);
    }
    content::judge(judge, value, edits, found)?;
    if let Some(requests) = value.get("inputRequests") {
        input_requests(judge, requests)?;
    }
    if let Some(error_value) = value.get("error") {
        error(judge, error_value)?;
    }
    match value.get("result") {
        Some(inner) => at_level(judge, inner, edits, found, levels),
        None => Ok(()),
    }
}

/// What the server asks in place of a result (2026-07-28, MRTR). One refused request refuses all:
/// without it the client would ask again for ever.
fn input_requests(judge: Judge<'_>, requests: Value<'_>) -> Result<(), Reason> {
    if !requests.is_object() {
        return Err(Reason::ResponseUnreadable);
    }
    let permitted = |request: Value<'_>| {
        let params = request.get("params");
        check_keys(request, keys::SERVER).is_ok()
            && params.is_none_or(params_are_plain)
            && request
                .get("method")
                .and_then(Value::as_str)
                .is_some_and(|method| judge.ruling.permits_server_message(&method, params, true))
    };
    match requests.entries().all(|(_, request)| permitted(request)) {
        true => Ok(()),
        false => Err(Reason::ServerRequestRefused),
    }
}

/// Whether all readers find the same in the parameters of a server's message.
pub(super) fn params_are_plain(params: Value<'_>) -> bool {
    check_keys(params, keys::SERVER).is_ok() && check_keys(params, keys::SAMPLING).is_ok()
}

/// Judges an error: one of them asks the user to visit a URL (2025-11-25, URL elicitation).
pub(super) fn error(judge: Judge<'_>, error: Value<'_>) -> Result<(), Reason> {
    let data = error.get("data");
    let unreadable = !error.is_object()
        || check_keys(error, keys::ERROR).is_err()
        || data.is_some_and(|data| check_keys(data, keys::ERROR_DATA).is_err());
    if unreadable {
        return Err(Reason::ResponseUnreadable);
    }
    let number = error
        .get("code")
        .and_then(|code| code.as_number()?.parse::<f64>().ok());
    let asks = number == Some(f64::from(code::URL_ELICITATION_REQUIRED))
        || data.is_some_and(|data| data.get("elicitations").is_some());
    match asks
        && !judge
            .ruling
            .permits_server_request(ServerRequestKind::Elicitation)
    {
        true => Err(Reason::ServerRequestRefused),
        false => Ok(()),
    }
}
