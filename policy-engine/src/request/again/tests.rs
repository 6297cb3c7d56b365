use crate::exchange::Forwarded;
use crate::policy::{Guard, Peer};
use crate::request::{RequestAction, RequestHead, RequestInspection, Verdict};
use std::rc::Rc;

const LISTEN: (&str, &str) = ("GET /mcp", "");

fn guard(policy: &str) -> Guard {
    Guard::from_json(format!(r#"{{"format":1,"policy":{policy}}}"#).as_bytes()).unwrap()
}

fn observed(policy: &str) -> Guard {
    Guard::from_json(format!(r#"{{"format":1,"candidate":{policy}}}"#).as_bytes()).unwrap()
}

fn allow(rule: &str) -> Guard {
    guard(&format!(r#"{{"allow":{{"some":{rule}}}}}"#))
}

fn peer(spiffe: &str) -> Peer {
    Peer {
        spiffe: Some(format!("spiffe://cluster.local/ns/{spiffe}")),
        ..Peer::default()
    }
}

/// What a guard makes of a request, `METHOD PATH` and body.
fn send(guard: &Guard, (line, body): (&str, &str), peer: &Peer) -> Verdict {
    let (method, path) = line.split_once(' ').unwrap();
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let mut headers = vec![
        header(":method", method),
        header(":path", path),
        header(":authority", "mcp.example"),
    ];
    if !body.is_empty() {
        headers.push(header("content-type", "application/json"));
    }
    if body.contains("2026-07-28") {
        headers.push(header("mcp-protocol-version", "2026-07-28"));
        headers.push(header("mcp-method", "subscriptions/listen"));
    }
    let head = RequestHead {
        headers: &headers,
        end_of_stream: body.is_empty(),
        peer,
    };
    let (mut inspection, _) = RequestInspection::start(guard, head);
    inspection.feed(body.as_bytes().to_vec());
    inspection.finish().unanswered()
}

/// A request that passes.
fn open(guard: &Guard, request: (&str, &str), peer: &Peer) -> Rc<Forwarded> {
    let verdict = send(guard, request, peer);
    assert_eq!(verdict.action, RequestAction::Forward, "{request:?}");
    verdict.exchange.request
}

/// Why the second guard ends what the first let pass; empty: it goes on.
fn after(first: &Guard, request: (&str, &str), second: &Guard) -> &'static str {
    let nobody = Peer::default();
    let by = second.forbids(&open(first, request, &nobody), &nobody);
    by.map_or("", |by| by.reason.label())
}

fn message(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#)
}

fn check(first: &Guard, body: &str, expected: &[(&str, Guard)]) {
    for (reason, second) in expected {
        assert_eq!(after(first, ("POST /mcp", body), second), *reason, "{body}");
    }
}

#[test]
fn a_call_goes_on_while_some_call_of_its_tool_may_pass() {
    let denied = r#"{"allow":{"a":{"tools":["*"]}},"deny":{"off":{"tools":["deploy"]}}}"#;
    let argument = r#""arguments":[{"path":["env"],"equals":"test"}]"#;
    let (granted, refused) = (
        format!(r#"{{"tools":["deploy"],{argument}}}"#),
        format!(
            r#"{{"allow":{{"a":{{"tools":["*"]}}}},"deny":{{"b":{{"tools":["*"],{argument}}}}}}}"#
        ),
    );
    let body = message(
        "tools/call",
        r#"{"name":"deploy","arguments":{"env":"prod"}}"#,
    );
    check(
        &allow(r#"{"tools":["deploy"]}"#),
        &body,
        &[
            ("", allow(r#"{"tools":["dep*"]}"#)),
            ("tool_not_allowed", allow(r#"{"tools":["search"]}"#)),
            ("tool_not_allowed", guard("{}")),
            ("tool_denied", guard(denied)),
            (
                "",
                guard(&denied.replace(r#""off":{"#, r#""off":{"dry_run":true,"#)),
            ),
            ("", allow(&granted)),
            ("", guard(&refused)),
            ("", allow(r#"{"tools":["deploy"],"approval":"required"}"#)),
            (
                "method_denied",
                guard(r#"{"allow":{"a":{"tools":["*"]}},"deny":{"b":{"methods":["tools/call"]}}}"#),
            ),
            ("", observed("{}")),
        ],
    );
}

#[test]
fn the_rule_and_the_policy_that_end_a_stream_are_told() {
    let second = guard(r#"{"deny":{"off":{"tools":["deploy"]}}}"#);
    let nobody = Peer::default();
    let body = message("tools/call", r#"{"name":"deploy"}"#);
    let first = allow(r#"{"tools":["deploy"]}"#);
    let by = second.forbids(&open(&first, ("POST /mcp", &body), &nobody), &nobody);
    let by = by.unwrap();
    assert_eq!(by.rule.as_deref(), Some("off"));
    assert_eq!(by.policy, second.enforced.unwrap().digest);
}

#[test]
fn what_a_message_names_is_judged_as_it_was() {
    let some = |rule: &str| allow(rule);
    let none = || guard("{}");
    let resources = r#"{"resources":["repo://acme/**"]}"#;
    for (rule, method, params, reason) in [
        (
            r#"{"prompts":["p"]}"#,
            "prompts/get",
            r#"{"name":"p"}"#,
            "prompt_not_allowed",
        ),
        (
            resources,
            "resources/read",
            r#"{"uri":"repo://acme/x"}"#,
            "resource_not_allowed",
        ),
        (
            r#"{"prompts":["p"]}"#,
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","name":"p"},"argument":{}}"#,
            "prompt_not_allowed",
        ),
        (
            resources,
            "completion/complete",
            r#"{"ref":{"type":"ref/resource","uri":"repo://acme/{x}"},"argument":{}}"#,
            "resource_not_allowed",
        ),
        (r#"{"methods":["x/own"]}"#, "x/own", "{}", "unknown_method"),
        (
            r#"{"tasks":true}"#,
            "tasks/result",
            r#"{"taskId":"t"}"#,
            "tasks_not_allowed",
        ),
    ] {
        let expected = [("", some(rule)), (reason, none())];
        check(&some(rule), &message(method, params), &expected);
    }
    for method in ["initialize", "tools/list", "ping"] {
        check(&none(), &message(method, "{}"), &[("", none())]);
    }
}

#[test]
fn a_call_as_a_task_needs_tasks() {
    let body = message("tools/call", r#"{"name":"t","task":{}}"#);
    let first = allow(r#"{"tools":["t"],"tasks":true}"#);
    let second = allow(r#"{"tools":["t"]}"#);
    check(&first, &body, &[("tasks_not_allowed", second)]);
}

#[test]
fn each_resource_of_a_subscription_counts() {
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}"#;
    let listen = |filter: &str| {
        let params = format!(r#"{{{meta},"notifications":{filter}}}"#);
        message("subscriptions/listen", &params)
    };
    let both = allow(r#"{"resources":["repo://a","repo://b"],"tasks":true}"#);
    let one = || allow(r#"{"resources":["repo://a"]}"#);
    for (filter, reason) in [
        (r#"{"resourceSubscriptions":["repo://a"]}"#, ""),
        (
            r#"{"resourceSubscriptions":["repo://a","repo://b"]}"#,
            "resource_not_allowed",
        ),
        (
            r#"{"taskIds":["t"],"resourceSubscriptions":["repo://a"]}"#,
            "tasks_not_allowed",
        ),
        (r#"{"toolsListChanged":true}"#, ""),
    ] {
        check(&both, &listen(filter), &[(reason, one())]);
    }
}

#[test]
fn each_message_of_a_batch_counts() {
    let body = ["a", "b"].map(|tool| message("tools/call", &format!(r#"{{"name":"{tool}"}}"#)));
    let body = format!("[{},{}]", body[0], body[1].replace("\"id\":1", "\"id\":2"));
    let all = || allow(r#"{"tools":["a","b"]}"#);
    let one = allow(r#"{"tools":["a"]}"#);
    check(&all(), &body, &[("", all()), ("tool_not_allowed", one)]);
}

#[test]
fn a_stream_of_server_messages_is_judged_by_its_head() {
    let first = guard("{}");
    for (policy, reason) in [
        ("{}", ""),
        (r#"{"endpoints":[{"path":"/mcp","kind":"sse"}]}"#, ""),
        (
            r#"{"endpoints":[{"path":"/mcp","kind":"message"}]}"#,
            "http_method_not_allowed",
        ),
        (
            r#"{"endpoints":[{"path":"/other","kind":"streamable"}]}"#,
            "path_not_found",
        ),
        (
            r#"{"authorities":["other.example"]}"#,
            "authority_not_allowed",
        ),
        (
            r#"{"callers":{"a":{"principals":["cluster.local/ns/a/sa/a"]}}}"#,
            "caller_not_identified",
        ),
        (
            r#"{"callers":{"a":{"jwt":{"issuer":"i"}}}}"#,
            "token_missing",
        ),
    ] {
        assert_eq!(after(&first, LISTEN, &guard(policy)), reason, "{policy}");
    }
}

#[test]
fn callers_are_found_out_anew() {
    let callers = |callers: &str| {
        guard(&format!(
            r#"{{"callers":{{{callers}}},"allow":{{"some":{{"callers":["a"],"tools":["t"]}}}}}}"#
        ))
    };
    let caller =
        |name: &str, who: &str| format!(r#""{name}":{{"principals":["cluster.local/ns/{who}"]}}"#);
    let [bot, gateway] = ["bot/sa/x", "gateway/sa/x"];
    let first = callers(&format!("{},{}", caller("a", bot), caller("b", gateway)));
    let swapped = callers(&format!("{},{}", caller("a", gateway), caller("b", bot)));
    let body = message("tools/call", r#"{"name":"t"}"#);
    let call = open(&first, ("POST /mcp", &body), &peer(bot));
    assert_eq!(first.forbids(&call, &peer(bot)), None);
    let by = swapped.forbids(&call, &peer(bot)).unwrap();
    assert_eq!(by.reason.label(), "tool_not_allowed");
    assert_eq!(swapped.forbids(&call, &peer(gateway)), None);
}

#[test]
fn what_was_only_watched_is_judged_by_what_was_read() {
    let call = message("tools/call", r#"{"name":"t"}"#);
    let watching = observed("{}");
    let granting = || allow(r#"{"tools":["t"]}"#);
    check(
        &watching,
        &call,
        &[("", granting()), ("tool_not_allowed", guard("{}"))],
    );
    check(&watching, "no JSON", &[("parse_error", granting())]);
}

#[test]
fn what_nobody_read_ends_where_it_would_be_read() {
    let open = guard(
        r#"{"open_paths":["/healthz","/mcp"],"endpoints":[{"path":"/x","kind":"streamable"}]}"#,
    );
    let endpoint = guard(r#"{"endpoints":[{"path":"/mcp","kind":"streamable"}]}"#);
    let call = message("ping", "{}");
    assert_eq!(after(&open, ("POST /mcp", &call), &open), "");
    assert_eq!(after(&open, ("POST /mcp", &call), &endpoint), "parse_error");
    assert_eq!(
        after(&open, ("GET /healthz", ""), &endpoint),
        "path_not_found"
    );
}

/// Whatever would be let in goes on.
#[test]
fn what_the_other_policy_read_counts() {
    let policy =
        r#"{"endpoints":[{"path":"/mcp","kind":"streamable"}],"allow":{"a":{"tools":["t"]}}}"#;
    let text = format!(r#"{{"format":1,"policy":{{"open_paths":["/mcp"]}},"candidate":{policy}}}"#);
    let first = Guard::from_json(text.as_bytes()).unwrap();
    let call = message("tools/call", r#"{"name":"t"}"#);
    let none = r#"{"allow":{"a":{"tools":["other"]}}}"#;
    check(
        &first,
        &call,
        &[("", guard(policy)), ("tool_not_allowed", guard(none))],
    );
}

#[test]
fn an_answer_asks_for_nothing() {
    let answer = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    check(&allow(r#"{"tools":["t"]}"#), answer, &[("", guard("{}"))]);
}

#[test]
fn what_asks_for_too_much_to_be_kept_ends_with_its_policy() {
    let subscribed = |count: usize| {
        let uris = vec![r#""repo://a/b""#; count].join(",");
        let meta = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}"#;
        let params = format!(
            r#"{{"_meta":{{{meta}}},"notifications":{{"resourceSubscriptions":[{uris}]}}}}"#
        );
        message("subscriptions/listen", &params)
    };
    let resources = || allow(r#"{"resources":["repo://a/**"]}"#);
    check(&resources(), &subscribed(100), &[("", resources())]);
    check(
        &resources(),
        &subscribed(1000),
        &[("parse_error", resources())],
    );
}

#[test]
fn nothing_ends_that_would_be_let_in() {
    let guards = [
        r#"{}"#,
        r#"{"allow":{"a":{"tools":["*"]}}}"#,
        r#"{"allow":{"a":{"tools":["a"]}},"deny":{"b":{"tools":["a"],"arguments":[{"path":["x"],"equals":"1"}]}}}"#,
        r#"{"allow":{"a":{"tools":["a"],"arguments":[{"path":["x"],"equals":"1"}]}}}"#,
        r#"{"allow":{"a":{"tools":["*"],"prompts":["*"]}},"deny":{"b":{"methods":["tools/call"]}}}"#,
        r#"{"allow":{"a":{"resources":["repo://**"],"tools":["a"],"approval":"required"}}}"#,
        r#"{"endpoints":[{"path":"/other","kind":"streamable"}]}"#,
        r#"{"callers":{"a":{"principals":["cluster.local/ns/a/sa/a"]}},"allow":{"a":{"tools":["*"]}}}"#,
    ];
    let messages = [
        message("tools/call", r#"{"name":"a","arguments":{"x":"1"}}"#),
        message("tools/call", r#"{"name":"a","arguments":{"x":"2"}}"#),
        message("tools/call", r#"{"name":"delete"}"#),
        message("prompts/get", r#"{"name":"p"}"#),
        message("resources/read", r#"{"uri":"repo://a/b"}"#),
        message("tools/list", "{}"),
    ];
    let nobody = Peer::default();
    // Its path is open: it is the candidate that reads.
    let both = br#"{"format":1,"policy":{"open_paths":["/mcp"]},"candidate":{}}"#;
    let watching = [observed("{}"), Guard::from_json(both).unwrap()];
    let mut ended = 0;
    for second in guards.map(guard) {
        for request in messages
            .iter()
            .map(|body| ("POST /mcp", body.as_str()))
            .chain([LISTEN])
        {
            let verdict = send(&second, request, &nobody);
            let let_in = verdict.record.reason().label() == "allowed";
            for first in &watching {
                let forbidden = second.forbids(&open(first, request, &nobody), &nobody);
                assert!(
                    !(let_in && forbidden.is_some()),
                    "{request:?} {forbidden:?}"
                );
                ended += usize::from(forbidden.is_some());
            }
        }
    }
    assert!(ended > 20, "{ended}");
}
