//! One message of a client: read, compared with its headers, decided.

use super::RequestAction;
use super::era::era;
use super::head::HeadFacts;
use super::lane::{Lane, Noted, Outcome};
use crate::decision::{Ask, Reason, Target, Watch};
use crate::exchange::Asked;
use crate::http::Reply;
use crate::json::Value;
use crate::jsonrpc::{Id, Message};
use crate::mcp::{Era, keys};
use crate::policy::format::EndpointKind;
use crate::policy::{Audit, Limits};
use crate::record::Payload;
use crate::refusal::{self, Subject};
use std::borrow::Cow;

/// What a client's answer to a request of the server is called in records.
const ANSWER: &str = "answer";

/// Judges a body that is one message.
pub(super) fn judge(
    lane: &Lane,
    facts: &HeadFacts,
    kind: EndpointKind,
    value: Value<'_>,
    trace: Watch<'_>,
) -> Outcome {
    let message = match read(&lane.policy.limits, value) {
        Ok(message) => message,
        Err(reason) => return Outcome::malformed(reason, lane, facts),
    };
    let (era, (target, decision, would)) = match era(facts, &message) {
        Ok(era) => (era, lane.decide(era, &message, trace)),
        Err(reason) => (assumed_era(facts), (Target::None, reason.into(), None)),
    };
    let asks = Ask::of(&message, era, &target).into_iter().collect();
    let method = method(&message);
    let (id, asked) = asked(&message);
    let action = match decision.refused() {
        None => RequestAction::Forward,
        Some(reason) => {
            let null = Id::null();
            let subject = Subject {
                id: id.as_ref().unwrap_or(&null),
                era,
                target: &target,
                version: facts.version.as_deref(),
                challenge: None,
                disclose: lane.policy.disclose_reason,
            };
            refuse(reason, &subject, id.is_some(), kind)
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
        rounds: None,
        asks: Some(asks),
        noted: noted(&message, &lane.policy.audit),
    }
}

/// The id of a request, and which answers are awaited.
fn asked(message: &Message<'_>) -> (Option<Id>, Asked) {
    match message {
        Message::Request { id, .. } => (
            Some(id.clone()),
            Asked::Answers {
                ids: vec![id.clone()],
                batch: false,
            },
        ),
        Message::Notification { .. } | Message::Answer { .. } => (None, Asked::Nothing),
    }
}

/// What is recorded of the parameters: who the client says it is, and the arguments as far as the
/// policy has them recorded.
fn noted(message: &Message<'_>, audit: &Audit) -> Noted {
    let (Message::Request { params, .. } | Message::Notification { params, .. }) = message else {
        return Noted::default();
    };
    let Some(params) = params else {
        return Noted::default();
    };
    let meta = params.get("_meta");
    let info = meta.and_then(|meta| meta.get(keys::META_CLIENT));
    let info = info.or_else(|| params.get("clientInfo"));
    let text = |value: Value<'_>| value.as_str().map(Cow::into_owned);
    let part = |key| {
        info.and_then(|info| text(info.get(key)?))
            .unwrap_or_default()
    };
    let client = info.map(|_| format!("{}/{}", part("name"), part("version")));
    let arguments = params.get("arguments");
    let named = params.get("name").is_some();
    Noted {
        client,
        protocol: params.get("protocolVersion").and_then(text),
        arguments: match named {
            true => Payload::of(
                arguments,
                audit.arguments,
                audit.value_bytes,
                &audit.redaction,
            ),
            false => Payload::default(),
        },
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

pub(super) fn method(message: &Message<'_>) -> String {
    match message {
        Message::Request { method, .. } | Message::Notification { method, .. } => {
            method.to_string()
        }
        Message::Answer { .. } => ANSWER.into(),
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
    match (request, kind) {
        _ if refusal::is_outright(reason) => {
            RequestAction::Reply(refusal::to_request(reason, subject))
        }
        // The client awaits no answer, and some end the session over a refusal.
        (false, _) => RequestAction::Reply(Reply::empty(202)),
        // The answer travels on the event stream, where only the server can write.
        (true, EndpointKind::Message) => {
            RequestAction::Replace(refusal::unknown_method(subject.id))
        }
        (true, _) => RequestAction::Reply(refusal::to_request(reason, subject)),
    }
}
