//! Generated valid policies: `can-i` answers what the engine decides.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

mod common;

use common::Folder;
use mcp_guard_engine::http::Header;
use mcp_guard_engine::policy::{Guard, Peer};
use mcp_guard_engine::request::{RequestAction, RequestHead, RequestInspection};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

fn rule(effect: &'static str) -> impl Strategy<Value = Value> {
    let callers = subsequence(vec!["near", "far"], 1..=2);
    let tools = subsequence(
        vec!["search", "get_*", "issue_write", "*_x", "delete_*"],
        1..3,
    );
    let arguments = select(vec![
        json!({}),
        json!({"owner": {"equals": "acme"}}),
        json!({"page": {"range": {"min": 1, "max": 9}}}),
        json!({"owner": {"glob": "a*"}, "deep.er": {"one_of": [true, "x"]}}),
    ]);
    let approval = select(vec!["none", "notify", "required"]);
    (callers, tools, arguments, approval).prop_map(move |(callers, tools, arguments, approval)| {
        let mut rule = json!({"callers": callers, "tools": tools, "arguments": arguments});
        if effect == "allow" {
            rule["approval"] = json!(approval);
        }
        rule
    })
}

/// JSON is YAML, so the policy is written as such.
fn policy() -> impl Strategy<Value = Value> {
    let rules = |effect| prop::collection::btree_map("[a-c]", rule(effect), 1..4);
    (rules("allow"), rules("deny"), any::<bool>()).prop_map(|(allow, deny, denies)| {
        let deny = if denies { json!(deny) } else { json!({}) };
        json!({
            "version": 1, "server": "generated",
            "endpoints": {"port": 8080, "mcp": ["/mcp"]},
            "callers": {
                "near": {"service_accounts": ["a/b"]},
                "far": {"principals": ["elsewhere/ns/c/sa/d"]},
            },
            "allow": allow, "deny": deny,
        })
    })
}

const CALLS: [Call; 6] = [
    ("search", &[], "{}"),
    ("get_x", &["owner=acme"], r#"{"owner":"acme"}"#),
    (
        "issue_write",
        &["page=3", "owner=evil"],
        r#"{"page":3,"owner":"evil"}"#,
    ),
    (
        "delete_x",
        &["owner=ab", "deep.er=true"],
        r#"{"owner":"ab","deep":{"er":true}}"#,
    ),
    ("get_y", &["page=\"3\""], r#"{"page":"3"}"#),
    ("other", &[], "{}"),
];

/// What the filter would do, from its configuration and the bytes of a request.
fn engine_permits(config: &str, principal: &str, tool: &str, arguments: &str) -> bool {
    let guard = Guard::from_json(config.as_bytes()).unwrap();
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
    );
    let headers: Vec<Header> = [
        (":method", "POST"),
        (":path", "/mcp"),
        (":authority", "mcp.example"),
        ("content-type", "application/json"),
    ]
    .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
    .to_vec();
    let peer = Peer {
        spiffe: Some(format!("spiffe://{principal}")),
        ..Peer::default()
    };
    let head = RequestHead {
        headers: &headers,
        end_of_stream: false,
        peer: &peer,
    };
    let (mut inspection, _) = RequestInspection::start(&guard, head);
    inspection.feed(body.into_bytes());
    inspection.finish().unanswered().action == RequestAction::Forward
}

type Call = (&'static str, &'static [&'static str], &'static str);

fn agrees(policy: &Value, call: Call, caller: &str, principal: &str) -> Result<(), TestCaseError> {
    let folder = Folder::of(&[("policy.yaml", &policy.to_string())]);
    let compiled = folder.run(&["compile", "policy.yaml"]);
    // A generated rule may be shadowed or unable to match; only what compiles is compared.
    prop_assume!(compiled.status == 0);
    let (tool, given, arguments) = call;
    let asked = folder.run(
        &[
            &["can-i", "policy.yaml", "--as", caller, "tool", tool],
            given,
        ]
        .concat(),
    );
    let permitted = engine_permits(&compiled.stdout, principal, tool, arguments);
    prop_assert_eq!(asked.status, i32::from(!permitted), "{:?}", asked);
    Ok(())
}

// One for each caller, so that they run side by side.
proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_global_rejects: 100_000, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn can_i_answers_what_the_engine_decides_of_a_service_account(policy in policy(), call in select(CALLS.to_vec())) {
        agrees(&policy, call, "near", "cluster.local/ns/a/sa/b")?;
    }

    #[test]
    fn can_i_answers_what_the_engine_decides_of_a_principal(policy in policy(), call in select(CALLS.to_vec())) {
        agrees(&policy, call, "far", "elsewhere/ns/c/sa/d")?;
    }
}
