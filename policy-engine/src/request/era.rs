//! Headers and body must say the same (2026-07-28, transports, "Request Metadata").

use super::head::HeadFacts;
use crate::decision::Reason;
use crate::json::Value;
use crate::jsonrpc::Message;
use crate::mcp::{Era, LEGACY, MODERN, client_method, header, keys};
use std::borrow::Cow;

/// The era of a message, if headers and body agree about it.
pub(super) fn era(facts: &HeadFacts, message: &Message<'_>) -> Result<Era, Reason> {
    let (method, params, request) = match message {
        Message::Request { method, params, .. } => (method.as_ref(), *params, true),
        Message::Notification { method, params } => (method.as_ref(), *params, false),
        Message::Answer { .. } => return header_era(facts),
    };
    let era = header_era(facts)?;
    let meta = params.and_then(|params| params.get("_meta"));
    let claimed = meta.and_then(|meta| meta.get(keys::META_VERSION));
    match era {
        Era::Legacy if claimed.is_some() => return Err(Reason::HeaderMismatch),
        Era::Legacy => {}
        Era::Modern if request => modern_meta(meta, claimed)?,
        Era::Modern if claimed.is_some_and(|version| !version.is_str(MODERN)) => {
            return Err(Reason::HeaderMismatch);
        }
        Era::Modern => {}
    }
    mirrored(
        facts.mcp_method.as_deref(),
        Some(method.as_bytes()),
        era == Era::Modern,
    )?;
    let name = mirrored_name(method, params);
    mirrored(
        facts.mcp_name.as_deref(),
        name.as_deref().map(str::as_bytes),
        era == Era::Modern,
    )?;
    match facts.bad_param {
        true => Err(Reason::HeaderMismatch),
        false => Ok(era),
    }
}

fn header_era(facts: &HeadFacts) -> Result<Era, Reason> {
    match facts.version.as_deref() {
        None => Ok(Era::Legacy),
        Some(MODERN) => Ok(Era::Modern),
        Some(version) if LEGACY.contains(&version) => Ok(Era::Legacy),
        Some(_) => Err(Reason::UnsupportedVersion),
    }
}

fn modern_meta(meta: Option<Value<'_>>, claimed: Option<Value<'_>>) -> Result<(), Reason> {
    let claimed = claimed.ok_or(Reason::MissingMeta)?;
    if !claimed.is_str(MODERN) {
        return Err(Reason::HeaderMismatch);
    }
    let capabilities = meta.and_then(|meta| meta.get(keys::META_CAPABILITIES));
    match capabilities.is_some_and(Value::is_object) {
        true => Ok(()),
        false => Err(Reason::MissingMeta),
    }
}

/// What `Mcp-Name` mirrors: the parameter that names the target.
fn mirrored_name<'d>(method: &str, params: Option<Value<'d>>) -> Option<Cow<'d, str>> {
    let parameter = client_method(method)?.mirrors?;
    params?.get(parameter)?.as_str()
}

/// Compares a header with what it mirrors. The modern era requires the header; in either era a
/// header that is there must be right. A header that mirrors nothing is no mismatch.
fn mirrored(header: Option<&[u8]>, body: Option<&[u8]>, required: bool) -> Result<(), Reason> {
    let matches = match (header, body) {
        (Some(header), Some(body)) => header::decoded(header).is_some_and(|value| *value == *body),
        (Some(header), None) => header::decoded(header).is_some(),
        (None, Some(_)) => !required,
        (None, None) => true,
    };
    match matches {
        true => Ok(()),
        false => Err(Reason::HeaderMismatch),
    }
}
