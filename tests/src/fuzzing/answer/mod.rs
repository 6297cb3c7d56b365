//! Answers: no client, however it reads, sees what the policy hides or may not be asked.

mod seen;

use super::{http, policy};
use mcp_guard_engine::exchange::Exchange;
use mcp_guard_engine::http::Header;
use mcp_guard_engine::policy::{Guard, Peer};
use mcp_guard_engine::record::Record;
use mcp_guard_engine::request::{RequestHead, RequestInspection};
use mcp_guard_engine::response::{BodyEnd, HeadStep, ResponseHead, ResponseInspection};

const CALL: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
const BATCH: &[u8] = br#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"},{"jsonrpc":"2.0","id":"a","method":"ping"}]"#;
const MODERN: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;
const NOTIFICATION: &[u8] = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
const NOTHING: &[u8] = b"";

/// Reads an answer in text form: status and what was asked for (`200 call`), headers, an empty
/// line, a body.
pub fn answer(input: &[u8]) {
    let Some((first, mut headers, body)) = http::parse(input) else {
        return;
    };
    let Some(((status, asked), (guard, observer))) = first.split_once(' ').zip(policy::guards())
    else {
        return;
    };
    let Some(exchange) = exchange(&guard, asked) else {
        return;
    };
    headers.insert(0, http::header(":status", status));
    let whole = pass(exchange.clone(), &headers, body, usize::MAX);
    for cut in [1, 7] {
        assert_eq!(
            pass(exchange.clone(), &headers, body, cut),
            whole,
            "cut by {cut}"
        );
    }
    if let Some(Passed { body, replaced }) = whole {
        let names_stream = |(name, value): &Header| {
            name == "content-type" && String::from_utf8_lossy(value).contains("text/event-stream")
        };
        let stream = headers.iter().any(names_stream);
        seen::check(&body, stream && !replaced);
    }
    assert_observed(&observer, asked, &headers, body);
}

/// What reaches the client.
#[derive(Debug, PartialEq, Eq)]
struct Passed {
    body: Vec<u8>,
    /// Whether it comes with a head of the guard's own.
    replaced: bool,
}

fn pass(exchange: Exchange, headers: &[Header], body: &[u8], cut: usize) -> Option<Passed> {
    let head = ResponseHead {
        headers,
        end_of_stream: body.is_empty(),
    };
    let (mut inspection, step) = ResponseInspection::start(exchange, head);
    let (body, replaced) = match step {
        HeadStep::Reply(reply) => (reply.body, true),
        HeadStep::Empty => (Vec::new(), false),
        HeadStep::Observe => return None,
        HeadStep::Pass => {
            assert!(body.is_empty(), "passes unread");
            (Vec::new(), false)
        }
        HeadStep::Hold | HeadStep::Stream => {
            let mut passed = Vec::new();
            for chunk in body.chunks(cut) {
                passed.extend(inspection.feed(chunk.to_vec()));
            }
            assert!(passed.is_empty() || step == HeadStep::Stream);
            match inspection.finish() {
                BodyEnd::Same(rest) => {
                    assert!(passed.is_empty());
                    assert_eq!(rest, body);
                    passed = rest;
                }
                BodyEnd::Changed(rest) => passed.extend(rest),
            }
            (passed, false)
        }
    };
    Some(Passed { body, replaced })
}

/// A policy that is only observed takes nothing away.
fn assert_observed(observer: &Guard, asked: &str, headers: &[Header], body: &[u8]) {
    let Some(exchange) = exchange(observer, asked) else {
        return;
    };
    let head = ResponseHead {
        headers,
        end_of_stream: body.is_empty(),
    };
    let (mut inspection, step) = ResponseInspection::start(exchange, head);
    assert!(matches!(step, HeadStep::Observe | HeadStep::Pass));
    if step == HeadStep::Observe {
        inspection.feed(body.to_vec());
        inspection.finish();
    }
    let mut record = Record::default();
    inspection.note_in(&mut record);
    assert_eq!(record.answer.reason, None);
}

/// What is known of a request of that kind when its answer comes.
fn exchange(guard: &Guard, asked: &str) -> Option<Exchange> {
    let (method, path, version, body) = match asked {
        "call" => ("POST", "/mcp", "2025-06-18", CALL),
        "batch" => ("POST", "/mcp", "2025-03-26", BATCH),
        "modern" => ("POST", "/mcp", "2026-07-28", MODERN),
        "notification" => ("POST", "/mcp", "2025-06-18", NOTIFICATION),
        "message" => ("POST", "/message", "2025-06-18", CALL),
        "stream" => ("GET", "/mcp", "2025-06-18", NOTHING),
        "sse" => ("GET", "/sse", "2025-06-18", NOTHING),
        "end" => ("DELETE", "/mcp", "2025-06-18", NOTHING),
        _ => return None,
    };
    let mut headers = [
        (":method", method),
        (":path", path),
        (":authority", "mcp.example"),
        ("content-type", "application/json"),
        ("mcp-protocol-version", version),
    ]
    .map(|(name, value)| http::header(name, value))
    .to_vec();
    if asked == "modern" {
        headers.push(http::header("mcp-method", "tools/list"));
    }
    let peer = Peer::default();
    let head = RequestHead {
        headers: &headers,
        end_of_stream: body.is_empty(),
        peer: &peer,
    };
    let (mut inspection, _) = RequestInspection::start(guard, head);
    inspection.feed(body.to_vec());
    let verdict = inspection.finish().unanswered();
    let reason = verdict.record.reason();
    assert_eq!(reason.label(), "allowed", "{asked}");
    Some(verdict.exchange)
}
