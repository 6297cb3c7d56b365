//! Batches (2025-03-26, base protocol, "Batching"): judged element by element.

use super::RequestAction;
use super::era::era;
use super::head::HeadFacts;
use super::lane::{Lane, Noted, Outcome};
use super::message::{method, read};
use crate::decision::{Ask, Decision, Reason, Target, Watch};
use crate::exchange::Asked;
use crate::http::Reply;
use crate::json::Value;
use crate::jsonrpc::{Id, Message};
use crate::mcp::{Era, WITH_BATCHES};
use crate::policy::format::EndpointKind;
use crate::refusal::{self, Subject};

/// Most elements, as in the SDK with the lowest bound.
const MOST: usize = 100;

/// What a batch is called in records.
const METHOD: &str = "batch";

/// One element and what was decided about it.
struct Element {
    id: Option<Id>,
    method: String,
    target: Target,
    decision: Decision,
    would: Option<Decision>,
    ask: Option<Ask>,
}

/// Judges a body that is an array. If any element is refused, none is forwarded.
pub(super) fn judge(
    lane: &Lane,
    facts: &HeadFacts,
    kind: EndpointKind,
    root: Value<'_>,
    trace: Watch<'_>,
) -> Outcome {
    let elements = match elements(lane, facts, kind, root, trace) {
        Ok(elements) => elements,
        Err(reason) => return Outcome::malformed(reason, lane, facts),
    };
    let ids: Vec<Id> = elements
        .iter()
        .filter_map(|element| element.id.clone())
        .collect();
    let refused = elements
        .iter()
        .find(|element| !element.decision.is_permit());
    let telling = refused.or(elements.first());
    let decision = telling.map_or(Reason::BatchRefused.into(), |element| {
        element.decision.clone()
    });
    let would = elements.iter().find_map(|element| element.would.clone());
    let action = match refused {
        None => RequestAction::Forward,
        Some(_) if ids.is_empty() => RequestAction::Reply(Reply::empty(202)),
        Some(_) => RequestAction::Reply(Reply::json(200, errors(lane, &elements))),
    };
    let target = telling
        .map(|element| element.target.clone())
        .unwrap_or_default();
    let asked = match ids.is_empty() {
        true => Asked::Nothing,
        false => Asked::Answers { ids, batch: true },
    };
    let asks = elements.into_iter().filter_map(|element| element.ask);
    Outcome {
        decision,
        would,
        target,
        method: METHOD.into(),
        id: None,
        action,
        asked,
        era: Era::Legacy,
        rounds: None,
        asks: Some(asks.collect()),
        noted: Noted::default(),
    }
}

fn elements(
    lane: &Lane,
    facts: &HeadFacts,
    kind: EndpointKind,
    root: Value<'_>,
    trace: Watch<'_>,
) -> Result<Vec<Element>, Reason> {
    let permitted = facts
        .version
        .as_deref()
        .is_none_or(|version| version == WITH_BATCHES);
    if !permitted || kind != EndpointKind::Streamable || root.items().nth(MOST).is_some() {
        return Err(Reason::BatchRefused);
    }
    let mut elements: Vec<Element> = Vec::new();
    for value in root.items() {
        let element = element(lane, facts, value, trace)?;
        let repeated = elements
            .iter()
            .any(|other| other.id.is_some() && other.id == element.id);
        if repeated || element.method == "initialize" {
            return Err(Reason::BatchRefused);
        }
        elements.push(element);
    }
    match elements.is_empty() {
        true => Err(Reason::BatchRefused),
        false => Ok(elements),
    }
}

fn element(
    lane: &Lane,
    facts: &HeadFacts,
    value: Value<'_>,
    trace: Watch<'_>,
) -> Result<Element, Reason> {
    let message = read(&lane.policy.limits, value)?;
    // No header mirrors several messages, so the modern era's have no place here.
    if facts.mcp_method.is_some() || facts.mcp_name.is_some() {
        return Err(Reason::BatchRefused);
    }
    let era = era(facts, &message).map_err(|_| Reason::BatchRefused)?;
    let (target, decision, would) = lane.decide(era, &message, trace);
    let id = match &message {
        Message::Request { id, .. } => Some(id.clone()),
        _ => None,
    };
    Ok(Element {
        id,
        method: method(&message),
        ask: Ask::of(&message, era, &target),
        target,
        decision,
        would,
    })
}

/// An array with an error for every request of the batch.
fn errors(lane: &Lane, elements: &[Element]) -> Vec<u8> {
    let mut out = b"[".to_vec();
    for element in elements {
        let Some(id) = &element.id else {
            continue;
        };
        if out.len() > 1 {
            out.push(b',');
        }
        let own = element.decision.refused();
        let reason = own.unwrap_or(Reason::BatchElementRefused);
        out.extend(refusal::in_batch(
            reason,
            &Subject {
                id,
                era: Era::Legacy,
                target: &element.target,
                version: None,
                challenge: None,
                disclose: lane.policy.disclose_reason,
            },
        ));
    }
    out.push(b']');
    out
}
