//! What explains a decision is the decision: it says the same, and what it says of rules is true.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

use mcp_guard_cases::case::{Caller, Case, RequestText};
use mcp_guard_cases::cuts::Cuts;
use mcp_guard_cases::engine::Engine;
use mcp_guard_cases::exchange::Guard;
use mcp_guard_cases::explanation::{Explanation, Part, RuleName};
use mcp_guard_cases::notes::Notes;
use mcp_guard_cases::scenario::Scenario;
use mcp_guard_cases::setting::Setting;
use mcp_guard_engine::decision::Watch;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

const TOOLS: [&str; 6] = ["search", "get_*", "get_x", "*_x", "delete_x", "*"];

/// A rule that may list what is asked for, with conditions that may be met.
fn rule() -> impl Strategy<Value = Value> {
    let callers = subsequence(vec!["near", "far"], 0..=1);
    let tools = subsequence(TOOLS.to_vec(), 1..3);
    let arguments = prop_oneof![
        2 => Just(json!([])),
        1 => Just(json!([{"path": ["a"], "equals": 1}])),
        1 => Just(json!([{"path": ["a"], "equals": 2}, {"path": ["b"], "glob": "x*"}])),
    ];
    let other = subsequence(vec!["repo://a/**", "repo://a/b"], 0..=1);
    (callers, tools, arguments, other, any::<bool>(), 0..5_u8).prop_map(
        |(callers, tools, arguments, resources, tasks, dry_run)| {
            json!({"callers": callers, "tools": tools, "arguments": arguments,
                "resources": resources, "tasks": tasks, "dry_run": dry_run == 0})
        },
    )
}

/// A rule that may ask a human.
fn grant() -> impl Strategy<Value = Value> {
    let level = select(vec![None, Some("none"), Some("notify"), Some("required")]);
    (rule(), level).prop_map(|(mut rule, level)| {
        if let Some(level) = level {
            rule["approval"] = json!(level);
        }
        rule
    })
}

fn policy() -> impl Strategy<Value = Value> {
    let grants = prop::collection::btree_map("[a-c]", grant(), 0..4);
    let refusals = prop::collection::btree_map("[a-c]", rule(), 0..4);
    (grants, refusals).prop_map(|(allow, deny)| {
        json!({"format": 1, "policy": {
            "callers": {
                "near": {"principals": ["cluster.local/ns/a/sa/b"]},
                "far": {"namespaces": ["far"]},
            },
            "allow": allow, "deny": deny,
        }})
    })
}

fn message() -> impl Strategy<Value = Value> {
    let tool = select(vec!["search", "get_x", "get_y", "delete_x", "other"]);
    let arguments = select(vec![
        json!({}),
        json!({"a": 1}),
        json!({"a": "1"}),
        json!({"a": 2, "b": "xy"}),
        json!({"A": 1}),
    ]);
    let call = (tool, arguments, any::<bool>()).prop_map(|(name, arguments, task)| {
        let mut params = json!({"name": name, "arguments": arguments});
        if task {
            params["task"] = json!({});
        }
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    });
    let uri = select(vec!["repo://a/b", "repo://a/c", "repo://a/../c"]);
    let read = uri.prop_map(|uri| json!({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": uri}}));
    prop_oneof![4 => call, 1 => read, 1 => Just(json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}))]
}

/// What is recorded, once with nobody watching, and what who watches says.
fn decide(config: &Value, message: &Value) -> (Value, Vec<Explanation>) {
    let case = Case {
        caller: Some(Caller {
            spiffe: Some("spiffe://cluster.local/ns/a/sa/b".into()),
            jwt: None,
        }),
        request: RequestText {
            json: Some(message.clone()),
            ..RequestText::default()
        },
        ..Case::default()
    };
    let setting = Setting::of_config(config.to_string());
    let scenario = Scenario::new("case".into(), case, &setting).unwrap();
    let engine = Engine::configured(&scenario).unwrap();
    let notes = Notes::default();
    let watched = engine
        .exchange_with(&scenario, &Cuts::whole(), Watch::by(&notes))
        .unwrap();
    let alone = engine.exchange(&scenario, &Cuts::whole()).unwrap();
    assert_eq!(watched, alone, "watching changed the outcome");
    let policy = engine.guard().enforced.clone().unwrap();
    let messages = notes.into_messages();
    let enforced = messages.iter().filter(|message| !message.dry_run);
    let explained = enforced.filter_map(|message| Explanation::of(&policy, message));
    (alone.record, explained.collect())
}

fn without(config: &Value, rule: &RuleName) -> Value {
    let mut config = config.clone();
    let rules = &mut config["policy"][rule.effect.label()];
    rules.as_object_mut().unwrap().remove(&rule.id);
    config
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_explanation_is_the_decision(config in policy(), message in message()) {
        let (record, explained) = decide(&config, &message);
        let [explanation] = explained.as_slice() else {
            panic!("{} explanations of one message", explained.len());
        };
        prop_assert_eq!(record["reason"].as_str(), Some(explanation.reason.label()));
        let rule = explanation.rule.as_ref();
        prop_assert_eq!(record["rule"].as_str(), rule.map(|rule| rule.id.as_str()));
        let count = |config: &Value| {
            let rules = |effect: &str| config["policy"][effect].as_object().map_or(0, |rules| rules.len());
            rules("allow") + rules("deny")
        };
        prop_assert_eq!(explanation.rules.len(), count(&config));
    }

    /// Whatever a rule lacks: a rule that did not decide can go, and nothing changes.
    #[test]
    fn a_rule_that_took_no_part_makes_no_difference(config in policy(), message in message()) {
        let (record, explained) = decide(&config, &message);
        for (rule, part) in explained.iter().flat_map(|explanation| &explanation.rules) {
            let idle = match part {
                Part::NotListed | Part::Callers | Part::DryRun | Part::Beaten { .. } => true,
                Part::Unmet { .. } => record["rule"] != rule.id.as_str(),
                Part::Decides
                | Part::Grants
                | Part::Level { .. }
                | Part::Unjudgeable { .. } => false,
            };
            if !idle {
                continue;
            }
            let (other, _) = decide(&without(&config, rule), &message);
            // Whether a refused tool is shown chooses the words, so a grant beaten by a deny counts.
            let words = |record: &Value| match record["reason"].as_str() {
                Some("argument_refused" | "tool_denied") if matches!(part, Part::Beaten { .. }) => json!("denied"),
                _ => record["reason"].clone(),
            };
            prop_assert_eq!(words(&other), words(&record), "{:?} {:?}", rule, part);
            prop_assert_eq!(&other["rule"], &record["rule"], "{:?} {:?}", rule, part);
            prop_assert_eq!(&other["approval"], &record["approval"], "{:?} {:?}", rule, part);
        }
    }
}
