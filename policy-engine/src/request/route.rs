//! What a request is, by its head alone.

use super::head::HeadFacts;
use crate::decision::Reason;
use crate::http::is_discovery;
use crate::policy::format::EndpointKind;
use crate::policy::{Callers, Policy};

/// What a request is, by its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A path that the policy lets pass uninspected.
    Open,
    /// OAuth discovery.
    Discovery,
    /// A CORS preflight.
    Preflight,
    /// A stream of server messages.
    Stream(EndpointKind),
    /// The end of a session.
    EndSession,
    /// A message.
    Message(EndpointKind),
}

/// Judges the head. Nothing here reads the body.
pub(super) fn route(
    policy: &Policy,
    callers: &Callers,
    facts: &HeadFacts,
) -> Result<Route, Reason> {
    if policy.is_open(&facts.path) {
        return Ok(Route::Open);
    }
    facts.check_method()?;
    if facts
        .origin
        .as_ref()
        .is_some_and(|origin| !policy.permits_origin(origin))
    {
        return Err(Reason::OriginNotAllowed);
    }
    if !policy.permits_authority(&facts.server.authority) {
        return Err(Reason::AuthorityNotAllowed);
    }
    let reads = matches!(facts.method.as_slice(), b"GET" | b"OPTIONS");
    if reads && is_discovery(&facts.path, |path| is_endpoint(policy, path)) {
        facts.check_body_headers()?;
        return Ok(Route::Discovery);
    }
    let kind = policy.endpoint(&facts.path).ok_or(Reason::PathNotFound)?;
    if callers.challenge().is_some() {
        return Err(Reason::TokenMissing);
    }
    if callers.are_unidentified() {
        return Err(Reason::CallerNotIdentified);
    }
    facts.check_body_headers()?;
    let limit = u64::try_from(policy.limits.request_bytes).unwrap_or(u64::MAX);
    if facts.content_length.is_some_and(|length| length > limit) {
        return Err(Reason::BodyTooLarge);
    }
    by_method(kind, &facts.method)
}

/// Where no endpoint is listed, every path is one; discovery then goes by plain paths only.
fn is_endpoint(policy: &Policy, path: &[u8]) -> bool {
    path.starts_with(b"/") && policy.endpoint(path).is_some()
}

fn by_method(kind: EndpointKind, method: &[u8]) -> Result<Route, Reason> {
    match (method, kind) {
        (b"OPTIONS", _) => Ok(Route::Preflight),
        (b"POST", EndpointKind::Streamable | EndpointKind::Message) => Ok(Route::Message(kind)),
        (b"GET", EndpointKind::Streamable | EndpointKind::Sse) => Ok(Route::Stream(kind)),
        (b"DELETE", EndpointKind::Streamable) => Ok(Route::EndSession),
        _ => Err(Reason::HttpMethodNotAllowed),
    }
}
