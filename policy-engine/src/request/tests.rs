use super::*;
use crate::decision::Reason;
use crate::policy::{Guard, Peer};
use proptest::prelude::*;

fn inspect(config: &str, body: &[u8], cuts: &[usize]) -> Verdict {
    let guard = Guard::from_json(config.as_bytes()).unwrap();
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let headers = [
        header(":method", "POST"),
        header(":path", "/mcp"),
        header(":authority", "mcp.example"),
        header("content-type", "application/json"),
    ];
    let peer = Peer::default();
    let head = RequestHead {
        headers: &headers,
        end_of_stream: false,
        peer: &peer,
    };
    let (mut inspection, _) = RequestInspection::start(&guard, head);
    let mut rest = body;
    for cut in cuts {
        let (piece, tail) = rest.split_at((*cut).min(rest.len()));
        inspection.feed(piece.to_vec());
        rest = tail;
    }
    inspection.feed(rest.to_vec());
    inspection.finish().unanswered()
}

fn call(tool: &str, arguments: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
    )
}

fn config(allow: &str, deny: &str) -> String {
    format!(r#"{{"format":1,"policy":{{"allow":{allow},"deny":{deny}}}}}"#)
}

#[test]
fn the_empty_policy_permits_no_tool() {
    let verdict = inspect(&config("{}", "{}"), call("x", "{}").as_bytes(), &[]);
    assert_eq!(verdict.record.reason(), Reason::ToolNotAllowed);
}

#[test]
fn an_observed_policy_changes_nothing() {
    let config = r#"{"format":1,"candidate":{}}"#;
    let verdict = inspect(config, call("x", "{}").as_bytes(), &[]);
    assert_eq!(verdict.action, RequestAction::Forward);
    assert_eq!(
        verdict.record.candidate.unwrap().reason,
        Reason::ToolNotAllowed
    );
    assert!(verdict.exchange.enforced.is_none());
}

#[test]
fn every_record_is_json() {
    let body = call("\\u0001\\\"\\n", "{}");
    let record = inspect(&config("{}", "{}"), body.as_bytes(), &[])
        .record
        .to_json();
    serde_json::from_slice::<serde_json::Value>(&record).unwrap();
}

fn rules() -> impl Strategy<Value = Vec<(String, String)>> {
    let rule = (
        0usize..4,
        prop_oneof![Just("get"), Just("put"), Just("*"), Just("g*")],
        0usize..3,
    );
    let rule = rule.prop_map(|(id, tool, condition)| {
        let condition = match condition {
            0 => String::new(),
            n => format!(r#","arguments":[{{"path":["n"],"equals":{n}}}]"#),
        };
        (
            format!("r{id}"),
            format!(r#"{{"tools":["{tool}"]{condition}}}"#),
        )
    });
    proptest::collection::btree_map(0u8..4, rule, 0..4).prop_map(|rules| {
        rules
            .into_iter()
            .map(|(n, (_, rule))| (format!("r{n}"), rule))
            .collect()
    })
}

fn object(rules: &[(String, String)]) -> String {
    let members: Vec<_> = rules
        .iter()
        .map(|(id, rule)| format!(r#""{id}":{rule}"#))
        .collect();
    format!("{{{}}}", members.join(","))
}

proptest! {
    #[test]
    fn cutting_a_body_changes_nothing(
        tool in "[a-z\\\\\"{}]{0,6}",
        cuts in proptest::collection::vec(0usize..9, 0..12),
    ) {
        let config = config(r#"{"a":{"tools":["a*"]}}"#, "{}");
        let body = call(&tool, "{}");
        let (whole, cut) = (inspect(&config, body.as_bytes(), &[]), inspect(&config, body.as_bytes(), &cuts));
        prop_assert_eq!(whole.action, cut.action);
        prop_assert_eq!(whole.record, cut.record);
        prop_assert_eq!(whole.body, cut.body);
    }

    #[test]
    fn the_order_of_rules_changes_nothing(allow in rules(), deny in rules(), n in 0u8..3) {
        let body = call("get", &format!(r#"{{"n":{n}}}"#));
        let forwards = inspect(&config(&object(&allow), &object(&deny)), body.as_bytes(), &[]).action;
        let (mut allow, mut deny) = (allow, deny);
        allow.reverse();
        deny.reverse();
        let backwards = inspect(&config(&object(&allow), &object(&deny)), body.as_bytes(), &[]).action;
        prop_assert_eq!(forwards, backwards);
    }

    #[test]
    fn another_refusal_never_permits(allow in rules(), deny in rules(), n in 0u8..3) {
        let body = call("get", &format!(r#"{{"n":{n}}}"#));
        let with = inspect(&config(&object(&allow), &object(&deny)), body.as_bytes(), &[]).action;
        let without = inspect(&config(&object(&allow), "{}"), body.as_bytes(), &[]).action;
        prop_assert!(with != RequestAction::Forward || without == RequestAction::Forward);
    }
}
