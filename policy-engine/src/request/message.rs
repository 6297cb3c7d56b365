//! One message of a client: read, compared with its headers, decided.

use super::RequestAction;
use super::era::era;
use super::exchange::Asked;
use super::head::HeadFacts;
use super::lane::{Lane, Outcome};
use super::refusal::{Reply, Subject, to_request};
use crate::decision::{Context, Decision, Reason, Target, Trace, decide};
use crate::json::Value;
use crate::jsonrpc::{Id, Message, error};
use crate::mcp::{Era, code};
use crate::names::DENIED_METHOD;
use crate::policy::Limits;
use crate::policy::format::EndpointKind;

/// Judges a body that is one message.
pub(super) fn judge<T: Trace>(
    lane: &Lane,
    facts: &HeadFacts,
    kind: EndpointKind,
    value: Value<'_>,
    trace: T,
) -> Outcome {
    let message = match read(&lane.policy.limits, value) {
        Ok(message) => message,
        Err(reason) => return Outcome::malformed(reason, lane, facts),
    };
    let (decision, would, target, era) = match era(facts, &message) {
        Ok(era) => {
            let (decision, target) = decide(context(lane, era, false, trace), &message);
            let would = lane.would(
                || decide(context(lane, era, true, trace), &message).0,
                &decision,
            );
            (decision, would, target, era)
        }
        Err(reason) => (reason.into(), None, Target::None, assumed_era(facts)),
    };
    let method = method(&message);
    let (id, asked) = match &message {
        Message::Request { id, .. } => (
            Some(id.clone()),
            Asked::Answers {
                ids: vec![id.clone()],
                batch: false,
            },
        ),
        Message::Notification { .. } | Message::Answer { .. } => (None, Asked::Nothing),
    };
    let action = match &decision {
        Decision::Permit(_) => RequestAction::Forward,
        Decision::Deny(denial) => {
            let null = Id::null();
            let subject = Subject {
                id: id.as_ref().unwrap_or(&null),
                era,
                target: &target,
                version: facts.version.as_deref(),
                disclose: lane.policy.disclose_reason,
            };
            refuse(denial.reason, &subject, id.is_some(), kind)
        }
    };
    Outcome {
        decision,
        would,
        target,
        method,
        id,
        action,
        asked,
        era,
    }
}

/// Reads a message and holds it against the limits of its arguments.
pub(super) fn read<'d>(limits: &Limits, value: Value<'d>) -> Result<Message<'d>, Reason> {
    let message = Message::read(value)?;
    let params = match &message {
        Message::Request { params, .. } | Message::Notification { params, .. } => *params,
        Message::Answer { .. } => None,
    };
    let Some(arguments) = params.and_then(|params| params.get("arguments")) else {
        return Ok(message);
    };
    let many = arguments.entries().nth(limits.arguments).is_some();
    match many || is_deeper(arguments, limits.argument_depth) {
        true => Err(Reason::LimitExceeded),
        false => Ok(message),
    }
}

/// Whether containers inside `value` are nested more than `levels` deep. The reader bounds the
/// recursion.
fn is_deeper(value: Value<'_>, levels: usize) -> bool {
    let children = value.entries().map(|(_, child)| child).chain(value.items());
    let mut containers = children.filter(|child| child.is_object() || child.is_array());
    match levels.checked_sub(1) {
        None => containers.next().is_some(),
        Some(left) => containers.any(|child| is_deeper(child, left)),
    }
}

pub(super) fn context<T: Trace>(lane: &Lane, era: Era, dry_run: bool, trace: T) -> Context<'_, T> {
    Context {
        ruling: lane.ruling(dry_run, trace),
        era,
    }
}

pub(super) fn method(message: &Message<'_>) -> String {
    match message {
        Message::Request { method, .. } | Message::Notification { method, .. } => {
            method.to_string()
        }
        Message::Answer { .. } => String::new(),
    }
}

/// The era to answer in when headers and body disagree about it.
fn assumed_era(facts: &HeadFacts) -> Era {
    match facts.version.as_deref() {
        Some(crate::mcp::MODERN) => Era::Modern,
        _ => Era::Legacy,
    }
}

fn refuse(
    reason: Reason,
    subject: &Subject<'_>,
    request: bool,
    kind: EndpointKind,
) -> RequestAction {
    let about_headers = matches!(reason, Reason::HeaderMismatch | Reason::UnsupportedVersion);
    let unreadable = matches!(reason, Reason::AmbiguousKey | Reason::LimitExceeded);
    if about_headers || unreadable {
        return RequestAction::Reply(to_request(reason, subject));
    }
    match (request, kind) {
        // The client awaits no answer, and some end the session over a refusal.
        (false, _) => RequestAction::Reply(Reply::empty(202)),
        // The answer travels on the event stream, where only the server can write.
        (true, EndpointKind::Message) => RequestAction::Replace(unknown_method(subject.id)),
        (true, _) => RequestAction::Reply(to_request(reason, subject)),
    }
}

/// A request that makes the other side answer that id with an error.
pub(crate) fn unknown_method(id: &Id) -> Vec<u8> {
    let mut out = b"{\"jsonrpc\":\"2.0\",\"id\":".to_vec();
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(b",\"method\":\"");
    out.extend_from_slice(DENIED_METHOD.as_bytes());
    out.extend_from_slice(b"\"}");
    out
}

/// The error for the id of an answer that is refused.
pub(crate) fn internal_error(id: &Id, message: &str) -> Vec<u8> {
    error(id, code::INTERNAL_ERROR, message)
}
