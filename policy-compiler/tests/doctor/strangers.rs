//! ALLOWs that are not of the policy: what the proxy has of them, beside what their objects say now.

use super::{CHAINS, changed, found, found_or_none};
use mcp_guard_compiler::doctor::State;
use serde_json::{Value, json};

/// The filter of the MCP port in which ALLOWs stand.
const POLICIES: &str =
    "0.0.0.0_8080/filters/0/typed_config/http_filters/1/typed_config/rules/policies";

const GATEWAY: &str = "cluster.local/ns/gateway/sa/ai-gateway";

/// The first rule of an ALLOW as a proxy has it, and the object as it is.
fn beside(rule: &Value, object: &Value) -> Value {
    let path = format!("{CHAINS}/{POLICIES}/ns[ai-agents]-policy[more]-rule[0]");
    json!([
        {"op": "add", "path": path, "value": rule},
        {"op": "add", "path": "/objects/-", "value": object},
    ])
}

fn object(spec: Value) -> Value {
    json!({
        "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
        "metadata": {"name": "more", "namespace": "ai-agents"}, "spec": spec,
    })
}

fn peer(matcher: Value) -> Value {
    json!({"authenticated": {"principal_name": matcher}})
}

/// The gateway, by a rule of Istio's and as istiod writes it.
fn gateway() -> (Value, Value) {
    let rule = json!({"from": [{"source": {"principals": [GATEWAY]}}]});
    let ids = [json!({"or_ids": {"ids": [peer(json!({"exact": format!("spiffe://{GATEWAY}")}))]}})];
    let there = json!({
        "permissions": [{"and_rules": {"rules": [{"any": true}]}}],
        "principals": [{"and_ids": {"ids": ids}}],
    });
    (rule, there)
}

fn anyone() -> Value {
    json!({"permissions": [{"any": true}], "principals": [{"any": true}]})
}

#[test]
fn an_allow_that_the_proxy_has_as_its_object_says_is_fine() {
    let (rule, there) = gateway();
    let spec = json!({"rules": [rule]});
    assert_eq!(
        found_or_none(&beside(&there, &object(spec))),
        Vec::<String>::new()
    );
    let mut of_the_mesh = object(
        json!({"selector": {"matchLabels": {"app": "github-mcp-server"}}, "action": "ALLOW", "rules": [rule]}),
    );
    of_the_mesh["metadata"]["namespace"] = "istio-system".into();
    let mut changes = beside(&there, &of_the_mesh);
    let path = format!("{CHAINS}/{POLICIES}/ns[istio-system]-policy[more]-rule[0]");
    changes[0]["path"] = path.into();
    assert_eq!(found_or_none(&changes), Vec::<String>::new());
}

#[test]
fn an_allow_that_its_object_does_not_say_is_unknown() {
    let (rule, there) = gateway();
    let with = |key: &str, value: Value| {
        let mut spec = json!({"rules": [rule]});
        spec[key] = value;
        object(spec)
    };
    let mut dry_run = with("action", json!("ALLOW"));
    dry_run["metadata"]["annotations"] = json!({"istio.io/dry-run": "true"});
    let mut elsewhere = with("action", json!("ALLOW"));
    elsewhere["metadata"]["namespace"] = "other".into();
    let of_elsewhere = |rule: &Value| {
        let mut changes = beside(rule, &elsewhere);
        let path = format!("{CHAINS}/{POLICIES}/ns[other]-policy[more]-rule[0]");
        changes[0]["path"] = path.into();
        changes
    };
    for (what, changes) in [
        (
            "wider than its object",
            beside(&anyone(), &with("action", json!("ALLOW"))),
        ),
        ("a dry run", beside(&there, &dry_run)),
        (
            "for other pods",
            beside(
                &there,
                &with("selector", json!({"matchLabels": {"app": "web"}})),
            ),
        ),
        (
            "for a gateway or a waypoint",
            beside(
                &there,
                &with("targetRefs", json!([{"kind": "Service", "name": "web"}])),
            ),
        ),
        (
            "a DENY by now",
            beside(&there, &with("action", json!("DENY"))),
        ),
        (
            "of a rule that is gone",
            beside(&there, &object(json!({"rules": []}))),
        ),
        ("of another namespace", of_elsewhere(&there)),
    ] {
        let found: Vec<String> = found(&changes);
        assert!(
            found.contains(&"callers MCP0506".to_owned()),
            "{what}: {found:?}"
        );
        let lines = changed(&changes).lines;
        let line = lines.iter().find(|line| line.check.as_str() == "callers");
        assert_eq!(line.unwrap().state, State::Unknown, "{what}");
    }
}

/// An ALLOW for other ports lets nobody in here, whatever its object says of it.
#[test]
fn an_allow_that_never_holds_at_the_port_is_fine() {
    let monitoring = json!({"from": [{"source": {"namespaces": ["monitoring"]}}], "to": [{"operation": {"ports": ["9091"]}}]});
    let of_port = |port: Value| {
        json!({
            "permissions": [{"and_rules": {"rules": [{"or_rules": {"rules": [port]}}]}}],
            "principals": [{"and_ids": {"ids": [{"any_further_field": {}}]}}],
        })
    };
    let spec = || object(json!({"rules": [monitoring]}));
    let elsewhere = of_port(json!({"destination_port": 9091}));
    assert_eq!(
        found_or_none(&beside(&elsewhere, &spec())),
        Vec::<String>::new()
    );
    for port in [
        json!({"destination_port": 8080}),
        json!({"destination_port_range": {"start": 1, "end": 9000}}),
        json!({"not_rule": {"destination_port": 9091}}),
    ] {
        assert_eq!(found(&beside(&of_port(port), &spec())), ["callers MCP0506"]);
    }
    // An object that allows nothing.
    let never = json!({
        "permissions": [{"not_rule": {"any": true}}], "principals": [{"not_id": {"any": true}}],
    });
    assert_eq!(
        found_or_none(&beside(&never, &object(json!({})))),
        Vec::<String>::new()
    );
}
