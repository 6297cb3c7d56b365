//! Plays a case with the engine itself, in the order in which the filter calls it.

use crate::case::Caller;
use crate::cuts::{Cuts, pieces};
use crate::exchange::{Forwarded, Guard, Outcome};
use crate::header_text::HeaderValue;
use crate::scenario::{Answer, Headers, Request, Scenario};
use mcp_guard_engine::decision::Watch;
use mcp_guard_engine::exchange::Exchange;
use mcp_guard_engine::http::{Header, Reply};
use mcp_guard_engine::once::{Claim, Claimed, Once};
use mcp_guard_engine::policy;
use mcp_guard_engine::record::Record;
use mcp_guard_engine::request::{
    self, Facts, Memory, RequestAction, RequestHead, RequestInspection, Step,
};
use mcp_guard_engine::response::{self, BodyEnd, ResponseHead, ResponseInspection};
use mcp_guard_engine::state::Secret;
use serde_json::Value;
use std::collections::BTreeMap;

/// The engine with one configuration.
#[derive(Debug)]
pub struct Engine {
    guard: policy::Guard,
}

impl Engine {
    /// The engine that `scenario` configures.
    ///
    /// # Errors
    /// The configuration is rejected.
    pub fn configured(scenario: &Scenario) -> Result<Self, String> {
        Self::of_config(&scenario.config)
    }

    /// The engine with that plugin configuration.
    ///
    /// # Errors
    /// The configuration is rejected.
    pub fn of_config(config: &str) -> Result<Self, String> {
        let guard = policy::Guard::from_json(config.as_bytes());
        guard
            .map(|guard| Self { guard })
            .map_err(|fault| format!("configuration: {fault}"))
    }

    /// The policies in force.
    #[must_use]
    pub fn guard(&self) -> &policy::Guard {
        &self.guard
    }

    /// Answers what the engine asks as a host would that has just begun to remember.
    fn decide(scenario: &Scenario, step: Step) -> request::Verdict {
        let facts = || Facts {
            now: scenario.now,
            memory: Memory {
                since: 0,
                secret: Secret::new([0; 32]),
            },
        };
        let mut step = step;
        loop {
            step = match step {
                Step::Decided(verdict) => return *verdict,
                Step::AskFacts(awaits) => awaits.resume(Some(facts())),
                Step::AskOnce(awaits) => {
                    let used = scenario
                        .approve
                        .as_ref()
                        .is_some_and(|approve| approve.used);
                    let claimed = claimed(awaits.once(), used);
                    awaits.resume(claimed)
                }
            };
        }
    }

    fn inspect(
        &self,
        scenario: &Scenario,
        cuts: &Cuts,
        trace: Watch<'_>,
    ) -> (request::Verdict, Headers) {
        let (request, peer) = (&scenario.request, peer(&scenario.caller));
        let body = request.body.bytes();
        let headers = request_headers(request, body.len());
        let head = RequestHead {
            headers: &headers,
            end_of_stream: body.is_empty(),
            peer: &peer,
        };
        let (mut inspection, step) = RequestInspection::start(&self.guard, head);
        let removed = inspection.headers_to_remove();
        let kept = without(&request.headers, &removed);
        if step != request::HeadStep::Decided {
            for piece in pieces(&body, &cuts.request) {
                inspection.feed(piece.to_vec());
            }
        }
        (Self::decide(scenario, inspection.finish_with(trace)), kept)
    }
}

impl Guard for Engine {
    fn exchange(&self, scenario: &Scenario, cuts: &Cuts) -> Result<Outcome, String> {
        self.exchange_with(scenario, cuts, Watch::silent())
    }
}

impl Engine {
    /// Plays `scenario` while `trace` watches the decision about the request.
    ///
    /// # Errors
    /// The record is no JSON.
    pub fn exchange_with(
        &self,
        scenario: &Scenario,
        cuts: &Cuts,
        trace: Watch<'_>,
    ) -> Result<Outcome, String> {
        let (verdict, headers) = self.inspect(scenario, cuts, trace);
        let body = match verdict.action {
            RequestAction::Reply(reply) => return replied(None, reply, &verdict.record),
            RequestAction::Forward => scenario.request.body.bytes(),
            RequestAction::Replace(body) => body,
        };
        let forwarded = Some(Forwarded { headers, body });
        answer(
            &scenario.upstream,
            cuts,
            forwarded,
            verdict.exchange,
            verdict.record,
        )
    }
}

/// What a host's memory says about something, which was used before or not.
fn claimed(once: &Once, used: bool) -> Claimed {
    let mut claim = once.claim(None);
    if let (Claim::First(cell), true) = (&claim, used) {
        claim = once.claim(Some(cell));
    }
    match claim {
        Claim::First(_) => Claimed::First,
        Claim::Again => Claimed::Again,
        Claim::Unknown => Claimed::Unknown,
    }
}

/// Lets the server answer.
fn answer(
    answer: &Answer,
    cuts: &Cuts,
    forwarded: Option<Forwarded>,
    exchange: Exchange,
    mut record: Record,
) -> Result<Outcome, String> {
    let body = answer.body.bytes();
    let headers = answer_headers(answer);
    let head = ResponseHead {
        headers: &headers,
        end_of_stream: body.is_empty(),
    };
    let (mut inspection, step) = ResponseInspection::start(exchange, head);
    let passed = match step {
        response::HeadStep::Reply(reply) => {
            inspection.note_in(&mut record);
            return replied(forwarded, reply, &record);
        }
        response::HeadStep::Empty => Vec::new(),
        response::HeadStep::Pass => body,
        // What is only observed passes as it came, whatever the inspection returns.
        response::HeadStep::Observe => {
            feed(&mut inspection, &body, cuts);
            body
        }
        response::HeadStep::Hold | response::HeadStep::Stream => feed(&mut inspection, &body, cuts),
    };
    inspection.note_in(&mut record);
    Ok(Outcome {
        forwarded,
        status: answer.status,
        headers: answer.headers.clone(),
        body: passed,
        record: json(&record)?,
    })
}

/// What the client gets of `body`.
fn feed(inspection: &mut ResponseInspection, body: &[u8], cuts: &Cuts) -> Vec<u8> {
    let mut passed = Vec::new();
    for piece in pieces(body, &cuts.answer) {
        passed.extend(inspection.feed(piece.to_vec()));
    }
    match inspection.finish() {
        BodyEnd::Same(rest) | BodyEnd::Changed(rest) => passed.extend(rest),
    }
    passed
}

fn replied(forwarded: Option<Forwarded>, reply: Reply, record: &Record) -> Result<Outcome, String> {
    let header = |(name, value): &(&str, std::borrow::Cow<'_, str>)| {
        ((*name).to_owned(), HeaderValue::from_text(value))
    };
    Ok(Outcome {
        forwarded,
        status: reply.status,
        headers: reply.headers.iter().map(header).collect(),
        body: reply.body,
        record: json(record)?,
    })
}

fn json(record: &Record) -> Result<Value, String> {
    serde_json::from_slice(&record.to_json()).map_err(|error| format!("record: {error}"))
}

/// What the host verified about `caller`.
pub(crate) fn peer(caller: &Caller) -> policy::Peer {
    let claims = caller.jwt.iter().flatten();
    let claims: BTreeMap<_, _> = claims
        .map(|(name, value)| (name.clone(), claim_values(name, value)))
        .collect();
    policy::Peer {
        spiffe: caller.spiffe.clone(),
        claims,
    }
}

/// A claim's values, as jwt_authn hands them on: Istio has it split `scope` and `permission`.
fn claim_values(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if matches!(name, "scope" | "permission") => {
            text.split(' ').map(str::to_owned).collect()
        }
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// The head as a host gives it: pseudo headers first, names in lower case, the length at the end.
fn request_headers(request: &Request, length: usize) -> Vec<Header> {
    let pseudo = [
        (":method", request.method.as_str()),
        (":path", request.path.as_str()),
        (":scheme", "http"),
        (":authority", request.authority.as_str()),
    ];
    let mut headers: Vec<Header> = pseudo
        .iter()
        .map(|(name, value)| ((*name).into(), value.as_bytes().to_vec()))
        .collect();
    headers.extend(lower_case(&request.headers));
    if length > 0 && !headers.iter().any(|(name, _)| name == "content-length") {
        headers.push(("content-length".to_owned(), length.to_string().into_bytes()));
    }
    headers
}

fn answer_headers(answer: &Answer) -> Vec<Header> {
    let mut headers = vec![(":status".to_owned(), answer.status.to_string().into_bytes())];
    headers.extend(lower_case(&answer.headers));
    headers
}

fn lower_case(headers: &Headers) -> impl Iterator<Item = Header> {
    headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.0.clone()))
}

fn without(headers: &Headers, names: &[&str]) -> Headers {
    let kept = |name: &str| {
        !names
            .iter()
            .any(|removed| removed.eq_ignore_ascii_case(name))
    };
    headers
        .iter()
        .filter(|(name, _)| kept(name))
        .cloned()
        .collect()
}
