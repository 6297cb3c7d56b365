//! Requests: what is forwarded, every server may run; what is refused is refused in order.

mod forwarded;
mod refused;

use super::{http, policy};
use mcp_guard_engine::http::Header;
use mcp_guard_engine::policy::{Guard, Peer};
use mcp_guard_engine::record::Record;
use mcp_guard_engine::request::{HeadStep, RequestAction, RequestHead, RequestInspection, Verdict};

/// A request as it came.
struct Request<'a> {
    headers: Vec<Header>,
    method: &'a str,
    path: &'a str,
    body: &'a [u8],
}

/// Reads a request in text form: `POST /mcp`, headers, an empty line, a body.
pub fn decision(input: &[u8]) {
    let Some((first, mut headers, body)) = http::parse(input) else {
        return;
    };
    let Some(((method, path), (guard, observer))) = first.split_once(' ').zip(policy::guards())
    else {
        return;
    };
    let pseudo = [
        (":method", method),
        (":path", path),
        (":authority", "mcp.example"),
    ];
    headers.splice(0..0, pseudo.map(|(name, value)| http::header(name, value)));
    let request = Request {
        headers,
        method,
        path,
        body,
    };
    let verdict = inspect(&guard, &request, usize::MAX);
    assert_same(&verdict, &inspect(&guard, &request, 1));
    assert_observed(&verdict.record, &inspect(&observer, &request, usize::MAX));
    check(&request, &verdict);
}

fn inspect(guard: &Guard, request: &Request<'_>, cut: usize) -> Verdict {
    let peer = Peer::default();
    let head = RequestHead {
        headers: &request.headers,
        end_of_stream: request.body.is_empty(),
        peer: &peer,
    };
    let (mut inspection, step) = RequestInspection::start(guard, head);
    if step != HeadStep::Decided {
        for chunk in request.body.chunks(cut) {
            inspection.feed(chunk.to_vec());
        }
    }
    inspection.finish().unanswered()
}

fn assert_same(whole: &Verdict, cut: &Verdict) {
    assert_eq!(whole.action, cut.action);
    assert_eq!(whole.record, cut.record);
    assert_eq!(whole.body, cut.body);
}

/// A policy that is only observed changes nothing, and records what it would have done.
fn assert_observed(enforced: &Record, observed: &Verdict) {
    assert_eq!(observed.action, RequestAction::Forward);
    assert_eq!(observed.record.enforced, None);
    assert_eq!(observed.record.candidate, enforced.enforced);
}

fn check(request: &Request<'_>, verdict: &Verdict) {
    let record = serde_json::from_slice(&verdict.record.to_json());
    assert!(record.is_ok(), "{record:?}");
    let record: serde_json::Value = record.unwrap_or_default();
    let forwards = verdict.action == RequestAction::Forward;
    let decision = if forwards { "allow" } else { "deny" };
    assert_eq!(record.get("decision"), Some(&decision.into()), "{record}");
    match &verdict.action {
        RequestAction::Forward => forwarded::check(request, verdict),
        RequestAction::Replace(body) => refused::check_replaced(request, body),
        RequestAction::Reply(reply) => refused::check_reply(request, reply),
    }
}
