//! How long, and for whom, a filtered list may be cached (2026-07-28, utilities, "Caching").

use super::message::Judge;
use crate::json::{Edits, Value};
use crate::mcp::Era;

/// Makes a list private to its caller, for a time that lets changes of policy arrive. All pages of
/// a list share one scope, so every page gets it, filtered or not. Older clients never do: their
/// lists have no such members.
pub(super) fn keep_private(judge: Judge<'_>, result: Value<'_>, edits: &mut Edits) {
    if judge.era != Era::Modern {
        return;
    }
    let mut missing = Vec::new();
    let most = judge.ruling.policy.limits.list_ttl_ms;
    match result.get("cacheScope") {
        Some(scope) if scope.is_str("private") => {}
        Some(scope) => edits.replace(scope.span(), "\"private\""),
        None => missing.push("\"cacheScope\":\"private\"".to_owned()),
    }
    match result.get("ttlMs") {
        Some(ttl) if within(ttl, most) => {}
        Some(ttl)
            if ttl
                .as_number()
                .is_some_and(|number| !number.starts_with('-')) =>
        {
            edits.replace(ttl.span(), most.to_string());
        }
        Some(ttl) => edits.replace(ttl.span(), "0"),
        None => missing.push("\"ttlMs\":0".to_owned()),
    }
    if missing.is_empty() {
        return;
    }
    let separator = if result.entries().next().is_some() {
        ","
    } else {
        ""
    };
    let end = result.span().end.saturating_sub(1);
    edits.insert(end, format!("{separator}{}", missing.join(",")));
}

/// Whether a time is a number of milliseconds no larger than `most`.
fn within(ttl: Value<'_>, most: u32) -> bool {
    let number = ttl.as_number().and_then(|text| text.parse::<u32>().ok());
    number.is_some_and(|number| number <= most)
}
