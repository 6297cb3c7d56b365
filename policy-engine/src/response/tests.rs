use super::*;
use crate::policy::{Guard, Peer};
use crate::request::{RequestHead, RequestInspection};
use proptest::prelude::*;

const CONFIG: &str =
    r#"{"format":1,"policy":{"allow":{"a":{"tools":["seen"]}},"limits":{"response_bytes":4096}}}"#;

/// What a client gets of an answer to `tools/list`, cut at these places.
fn answer(content_type: &str, body: &[u8], cuts: &[usize]) -> Vec<u8> {
    let (mut inspection, step) = start(content_type);
    let mut passed = Vec::new();
    let mut rest = body;
    for cut in cuts {
        let (piece, tail) = rest.split_at((*cut).min(rest.len()));
        passed.extend(inspection.feed(piece.to_vec()));
        rest = tail;
    }
    passed.extend(inspection.feed(rest.to_vec()));
    match (step, inspection.finish()) {
        (HeadStep::Reply(reply), _) => return reply.body,
        (_, BodyEnd::Same(bytes) | BodyEnd::Changed(bytes)) => passed.extend(bytes),
    }
    passed
}

fn start(content_type: &str) -> (ResponseInspection, HeadStep) {
    let guard = Guard::from_json(CONFIG.as_bytes()).unwrap();
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let headers = [
        header(":method", "POST"),
        header(":path", "/"),
        header("content-type", "application/json"),
    ];
    let head = RequestHead {
        headers: &headers,
        end_of_stream: false,
        peer: &Peer::default(),
    };
    let (mut request, _) = RequestInspection::start(&guard, head);
    request.feed(br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#.to_vec());
    let headers = [
        header(":status", "200"),
        header("content-type", content_type),
    ];
    ResponseInspection::start(
        request.finish().unanswered().exchange,
        ResponseHead {
            headers: &headers,
            end_of_stream: false,
        },
    )
}

fn list(names: &[&str]) -> String {
    let tools: Vec<_> = names
        .iter()
        .map(|name| format!(r#"{{"name":"{name}"}}"#))
        .collect();
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"tools":[{}],"nextCursor":"c"}}}}"#,
        tools.join(", ")
    )
}

#[test]
fn what_needs_no_change_passes_byte_for_byte() {
    let body =
        " {\"result\" : {\"tools\":[ {\"name\":\"seen\"} ]},\"id\":1 , \"jsonrpc\":\"2.0\"}\n";
    assert_eq!(
        answer("application/json", body.as_bytes(), &[]),
        body.as_bytes()
    );
}

#[test]
fn an_emptied_list_stays_a_list() {
    let passed = answer("application/json", list(&["hidden"]).as_bytes(), &[]);
    assert_eq!(passed, list(&[]).as_bytes());
}

#[test]
fn an_answer_that_is_too_large_becomes_an_error_and_holds_nothing() {
    let (mut inspection, _) = start("application/json");
    for _ in 0..100 {
        assert!(inspection.feed(vec![b' '; 1024]).is_empty());
        assert!(inspection.held() <= 4096);
    }
    let BodyEnd::Changed(body) = inspection.finish() else {
        panic!("it passed")
    };
    assert!(String::from_utf8(body).unwrap().contains("too large"));
}

proptest! {
    #[test]
    fn a_hidden_tool_is_never_seen_and_cuts_change_nothing(
        names in proptest::collection::vec(prop_oneof![Just("seen"), Just("hidden"), Just("\\u0073een"), Just("Seen")], 0..6),
        cuts in proptest::collection::vec(0usize..40, 0..12),
        stream in any::<bool>(),
    ) {
        let (kind, body) = match stream {
            true => ("text/event-stream", format!("event: message\ndata: {}\n\n", list(&names))),
            false => ("application/json", list(&names)),
        };
        let whole = answer(kind, body.as_bytes(), &[]);
        prop_assert_eq!(&whole, &answer(kind, body.as_bytes(), &cuts));
        let text = String::from_utf8(whole).unwrap();
        prop_assert!(!text.contains("hidden") && !text.contains("Seen"));
        let shown = names.iter().filter(|name| name.ends_with("een") && !name.starts_with('S')).count();
        prop_assert_eq!(text.matches("een\"").count(), shown);
    }
}
