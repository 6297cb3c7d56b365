//! What the proxy's RBAC says, beside its rules' names.

use super::{CHAINS, changed, found, found_or_none};
use mcp_guard_compiler::doctor::State;
use serde_json::{Value, json};

const ALLOW: &str =
    "/typed_config/rules/policies/ns[ai-agents]-policy[github-mcp-server-allow]-rule[0]";
const DENY: &str = "/typed_config/rules/policies/ns[ai-agents]-policy[github-mcp-server-deny]-rule";

/// A place of the MCP port's filter for HTTP: 0 is that of DENY, and 1 that of ALLOW.
fn filter(number: u8, rest: &str) -> String {
    format!("{CHAINS}/0.0.0.0_8080/filters/0/typed_config/http_filters/{number}{rest}")
}

fn add(path: String, value: Value) -> Value {
    json!([{"op": "add", "path": path, "value": value}])
}

fn replace(path: String, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

fn remove(path: String) -> Value {
    json!([{"op": "remove", "path": path}])
}

fn peer(name: &str) -> Value {
    json!({"authenticated": {"principal_name": {"exact": format!("spiffe://{name}")}}})
}

#[test]
fn a_rule_that_says_something_else_is_found() {
    let allowed = format!("{ALLOW}/permissions/0/and_rules/rules");
    let callers = format!("{ALLOW}/principals/0/and_ids/ids/0/or_ids/ids");
    let denied = format!("{DENY}[0]/principals/0/and_ids/ids/0/not_id/or_ids/ids");
    let ports = format!("{DENY}[2]/permissions/0/and_rules/rules/0/not_rule/or_rules/rules");
    for (what, changes) in [
        (
            "a further port",
            add(
                filter(0, &format!("{ports}/-")),
                json!({"destination_port": 9091}),
            ),
        ),
        (
            "another port",
            replace(
                filter(1, &format!("{allowed}/2/or_rules/rules/0/destination_port")),
                json!(8081),
            ),
        ),
        (
            "a further caller",
            add(
                filter(1, &format!("{callers}/-")),
                peer("cluster.local/ns/other/sa/other"),
            ),
        ),
        (
            "a caller of another mesh",
            add(
                filter(1, &format!("{callers}/-")),
                peer("far.example/ns/gateway/sa/ai-gateway"),
            ),
        ),
        (
            "anyone",
            replace(
                filter(1, &format!("{ALLOW}/principals")),
                json!([{"any": true}]),
            ),
        ),
        (
            "anyone with a certificate",
            replace(filter(1, &format!("{callers}/0/authenticated")), json!({})),
        ),
        (
            "callers by their beginning",
            replace(
                filter(1, &format!("{callers}/0/authenticated/principal_name")),
                json!({"prefix": "spiffe://cluster.local/ns/gateway/sa/ai-gateway"}),
            ),
        ),
        (
            "a DENY that spares another",
            add(
                filter(0, &format!("{denied}/-")),
                peer("cluster.local/ns/other/sa/other"),
            ),
        ),
        (
            "a DENY that is turned round",
            replace(
                filter(0, &format!("{DENY}[0]/principals/0/and_ids/ids/0")),
                peer("cluster.local/ns/gateway/sa/ai-gateway"),
            ),
        ),
        (
            "a DENY under a condition",
            add(
                filter(0, &format!("{DENY}[0]/condition")),
                json!({"const_expr": {"bool_value": false}}),
            ),
        ),
        (
            "a DENY that matches nothing",
            replace(filter(0, &format!("{DENY}[0]/permissions")), json!([])),
        ),
        (
            "a further path",
            add(
                filter(1, &format!("{allowed}/1/or_rules/rules/-")),
                json!({"url_path": {"path": {"exact": "/admin"}}}),
            ),
        ),
        (
            "paths by their beginning",
            replace(
                filter(1, &format!("{allowed}/1/or_rules/rules/0/url_path/path")),
                json!({"prefix": "/mcp"}),
            ),
        ),
        (
            "a missing method",
            remove(filter(1, &format!("{allowed}/0/or_rules/rules/2"))),
        ),
        (
            "a method that is turned round",
            add(
                filter(
                    1,
                    &format!("{allowed}/0/or_rules/rules/2/header/invert_match"),
                ),
                json!(true),
            ),
        ),
        (
            "any operation",
            add(
                filter(1, &format!("{ALLOW}/permissions/-")),
                json!({"any": true}),
            ),
        ),
        (
            "one for all",
            replace(
                filter(1, &format!("{allowed}/2")),
                json!({"and_rules": {"rules": [
                    {"destination_port": 8080}, {"destination_port": 9091},
                ]}}),
            ),
        ),
    ] {
        assert_eq!(found(&changes), ["callers MCP0506"], "{what}");
    }
}

#[test]
fn what_differs_is_named() {
    let callers = filter(
        1,
        &format!("{ALLOW}/principals/0/and_ids/ids/0/or_ids/ids/-"),
    );
    let report = changed(&add(callers, peer("cluster.local/ns/other/sa/other")));
    let line = report
        .lines
        .iter()
        .find(|line| line.check.as_str() == "callers");
    assert_eq!(
        line.unwrap().evidence,
        "`0.0.0.0_8080` (tls) has AuthorizationPolicy `github-mcp-server-allow` otherwise than compiled: rule 0, new: peer is `spiffe://cluster.local/ns/other/sa/other`"
    );
}

/// A condition that is not known here may be a newer Istio's way to say the same.
#[test]
fn a_rule_that_cannot_be_read_is_unknown() {
    let path = filter(
        1,
        &format!("{ALLOW}/principals/0/and_ids/ids/0/or_ids/ids/0"),
    );
    let report = changed(&replace(path, json!({"authenticated_by_other_means": {}})));
    let line = report
        .lines
        .iter()
        .find(|line| line.check.as_str() == "callers");
    assert_eq!(line.unwrap().state, State::Unknown, "{line:?}");
}

#[test]
fn another_way_to_say_the_same_is_fine() {
    let callers = format!("{ALLOW}/principals/0/and_ids/ids/0/or_ids/ids");
    let name = json!({"exact": "spiffe://cluster.local/ns/gateway/sa/ai-gateway"});
    for (what, changes) in [
        (
            "the peer as the mesh's own filter notes it",
            replace(
                filter(1, &format!("{callers}/0")),
                json!({"filter_state": {"key": "io.istio.peer_principal", "string_match": name}}),
            ),
        ),
        (
            "one condition without a list around it",
            replace(
                filter(1, &format!("{ALLOW}/principals/0")),
                peer("cluster.local/ns/gateway/sa/ai-gateway"),
            ),
        ),
    ] {
        assert_eq!(found_or_none(&changes), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn a_rule_that_nothing_compiles_to_is_found() {
    let policies = |name: &str| filter(1, &format!("/typed_config/rules/policies/{name}"));
    let anyone = || json!({"permissions": [{"any": true}], "principals": [{"any": true}]});
    for name in [
        "ns[ai-agents]-policy[github-mcp-server-allow]-rule[1]",
        "ns[ai-agents]-policy[gone]-rule[0]",
        "anything",
    ] {
        assert_eq!(
            found(&add(policies(name), anyone())),
            ["callers MCP0506"],
            "{name}"
        );
    }
}

#[test]
fn rules_that_do_not_act_are_found() {
    let matcher = json!({"on_no_match": {"action": {"name": "allow"}}});
    for (what, changes) in [
        (
            "a filter that is switched off",
            add(filter(0, "/disabled"), json!(true)),
        ),
        (
            "a matcher, which beats rules",
            add(filter(1, "/typed_config/matcher"), matcher),
        ),
        (
            "rules in dry run",
            json!([
                {"op": "add", "path": filter(1, "/typed_config/shadow_rules"), "value": {}},
                {"op": "remove", "path": filter(1, "/typed_config/rules")}
            ]),
        ),
    ] {
        assert_eq!(found(&changes), ["callers MCP0506"], "{what}");
    }
}

#[test]
fn routes_that_switch_a_filter_off_are_found() {
    let manager = |rest: &str| format!("{CHAINS}/0.0.0.0_8080/filters/0/typed_config{rest}");
    let guard = "extensions.istio.io/trafficextension/ai-agents.github-mcp-server~istio-translated-wasmplugin";
    let host = "/route_config/virtual_hosts/0";
    let off = || json!({"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": true});
    for (name, wanted) in [
        ("envoy.filters.http.rbac", "callers MCP0506"),
        (guard, "filter MCP0503"),
    ] {
        let config = json!({name: off()});
        for place in ["/route_config", host, &format!("{host}/routes/0")] {
            let path = manager(&format!("{place}/typed_per_filter_config"));
            assert_eq!(
                found(&add(path, config.clone())),
                [wanted],
                "{place}: {name}"
            );
        }
        let routes =
            "/replicas/github-0/config_dump/configs/RoutesConfigDump/dynamic_route_configs";
        let by_discovery = |known: &str| {
            json!([
                {"op": "remove", "path": manager("/route_config")},
                {"op": "add", "path": manager("/rds"), "value": {"route_config_name": "inbound"}},
                {"op": "add", "path": routes, "value": [{"route_config": {
                    "name": known, "virtual_hosts": [{"name": "all", "typed_per_filter_config": config}],
                }}]}
            ])
        };
        assert_eq!(
            found(&by_discovery("inbound")),
            [wanted],
            "by discovery: {name}"
        );
        assert_eq!(
            found(&by_discovery("other")),
            ["proxy MCP0513"],
            "not in the dump: {name}"
        );
    }
    let scoped = json!([
        {"op": "remove", "path": manager("/route_config")},
        {"op": "add", "path": manager("/scoped_routes"), "value": {"name": "inbound"}}
    ]);
    assert_eq!(found(&scoped), ["proxy MCP0513"]);
}

#[test]
fn a_filter_that_is_something_else_is_found() {
    let guard = "extensions.istio.io~1trafficextension~1ai-agents.github-mcp-server~istio-translated-wasmplugin";
    let path = |rest: &str| {
        format!("{CHAINS}/0.0.0.0_8080/filters/0/typed_config/http_filters/{guard}{rest}")
    };
    let changes = json!([
        {"op": "remove", "path": path("/config_discovery")},
        {"op": "add", "path": path("/typed_config"), "value": {"@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors"}}
    ]);
    assert_eq!(found(&changes), ["filter MCP0503"]);
}

#[test]
fn a_deny_of_other_ports_that_says_something_else_is_found() {
    let path = format!(
        "{CHAINS}/virtualInbound-catchall-http/filters/0/typed_config/http_filters/0{DENY}[2]/permissions/0/and_rules/rules/0/not_rule/or_rules/rules/-"
    );
    assert_eq!(
        found(&add(path, json!({"destination_port": 9091}))),
        ["ports MCP0508"]
    );
}
