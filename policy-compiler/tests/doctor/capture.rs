//! Whether the proxy gets the pod's traffic, by what the pod says of its containers.

use super::{found, found_or_none};
use mcp_guard_compiler::doctor::{Check, judge};
use mcp_guard_compiler::lower::Stage;
use serde_json::{Value, json};

const INIT: &str = "/objects/Pod/spec/initContainers/istio-init";
const RULES: [&str; 5] = ["istio-iptables", "-b", "*", "-i", "*"];

/// The pod with this in the place of `istio-init`.
fn set_up_by(container: Value) -> Value {
    json!([{"op": "replace", "path": INIT, "value": container}])
}

/// The pod whose `istio-init` ran with these words, too.
fn with(words: &[&str]) -> Value {
    let args: Vec<&str> = RULES.iter().chain(words).copied().collect();
    set_up_by(json!({"name": "istio-init", "args": args}))
}

/// The pod whose `istio-init` ran with a variable, as `proxyMetadata` brings it.
fn environment(name: &str, value: &str) -> Value {
    let variable = json!([{"name": name, "value": value}]);
    set_up_by(json!({"name": "istio-init", "args": RULES, "env": variable}))
}

#[test]
fn capture_is_known_where_something_set_it_up_or_looked() {
    let validation = ["--run-validation", "--skip-rule-apply"];
    let validation: Vec<&str> = RULES.iter().chain(&validation).copied().collect();
    for container in [
        json!({"name": "istio-init", "args": RULES}),
        json!({"name": "istio-init", "command": ["/usr/local/bin/pilot-agent", "istio-iptables"], "args": &RULES[1..]}),
        json!({"name": "istio-validation", "args": validation}),
    ] {
        let changes = set_up_by(container.clone());
        assert_eq!(found_or_none(&changes), Vec::<String>::new(), "{container}");
    }
}

#[test]
fn capture_that_nothing_shows_is_unknown() {
    let annotations = json!({"sidecar.istio.io/interceptionMode": "REDIRECT", "traffic.sidecar.istio.io/includeInboundPorts": "*"});
    for (what, changes) in [
        ("none", json!([{"op": "remove", "path": INIT}])),
        (
            "annotations, which say what was wanted",
            json!([
                {"op": "remove", "path": INIT},
                {"op": "add", "path": "/objects/Pod/metadata/annotations", "value": annotations}
            ]),
        ),
        (
            "an `istio-init` that does something else",
            set_up_by(json!({"name": "istio-init", "command": ["true"]})),
        ),
        ("one that only shows what it would do", with(&["--dry-run"])),
        ("one that applies nothing", with(&["--skip-rule-apply"])),
        ("one that only cleans up", with(&["--cleanup-only=true"])),
        (
            "one that applies nothing, said last",
            with(&["-n=false", "-n"]),
        ),
        (
            "a validation that is switched off last",
            set_up_by(
                json!({"name": "istio-validation", "args": ["istio-iptables", "--run-validation", "-b*", "-i*", "--run-validation=0"]}),
            ),
        ),
        (
            "one that applies nothing, by its environment",
            environment("SKIP_RULE_APPLY", "true"),
        ),
        (
            "a validation that does not look",
            set_up_by(json!({"name": "istio-validation", "args": RULES})),
        ),
        (
            "rules that another container set up",
            set_up_by(json!({"name": "init", "args": RULES})),
        ),
    ] {
        assert_eq!(found(&changes), ["capture MCP0515"], "{what}");
    }
}

#[test]
fn traffic_that_is_left_out_is_found() {
    let ran = |args: &[&str]| set_up_by(json!({"name": "istio-init", "args": args}));
    for (what, changes) in [
        ("an interface", with(&["-c", "eth0"])),
        ("the port", with(&["-d", "15090,8080"])),
        (
            "the port, by the flag that is given last",
            with(&["-d", "15090", "-d", "8080"]),
        ),
        ("the port, joined to the flag", with(&["-d8080"])),
        ("the port, joined to the flag by a sign", with(&["-d=8080"])),
        (
            "the port, in full after another",
            with(&["-d", "15090", "--istio-local-exclude-ports=8080"]),
        ),
        ("no ports, said last", with(&["-b", ""])),
        ("no addresses, said last", with(&["--istio-service-cidr="])),
        ("every port", with(&["-d", "*"])),
        ("another port", with(&["-d", "15090,15021,15020,9000"])),
        ("another port beside the agent's", with(&["-d", "9091"])),
        (
            "the MCP port alone",
            ran(&["istio-iptables", "-b", "8080", "-i", "*"]),
        ),
        (
            "an interface, by the environment",
            environment("ISTIO_EXCLUDE_INTERFACES", "eth0"),
        ),
        (
            "the port, in full",
            with(&["--istio-local-exclude-ports=8080"]),
        ),
        (
            "other ports alone",
            ran(&["istio-iptables", "-b", "9091", "-i", "*"]),
        ),
        ("no ports", ran(&["istio-iptables", "-b", "", "-i", "*"])),
        ("no ports, unsaid", ran(&["istio-iptables", "-i", "*"])),
        ("addresses", with(&["-x", "203.0.113.9/32"])),
        ("ports of others", with(&["-o", "443"])),
        ("all that it calls", ran(&["istio-iptables", "-b", "*"])),
        (
            "a group of its own",
            environment("ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", "1000"),
        ),
        (
            "all groups but one",
            environment("ISTIO_OUTBOUND_OWNER_GROUPS", "1000"),
        ),
    ] {
        assert_eq!(found(&changes), ["capture MCP0511"], "{what}");
    }
    for harmless in [
        environment("ISTIO_OUTBOUND_OWNER_GROUPS", "*"),
        with(&["-d", "15090,15021,15020"]),
        with(&["-d", "8080", "-d15090"]),
        ran(&["istio-iptables", "-b*", "-i=*", "--skip-rule-apply=false"]),
        // The value of a flag, whatever it looks like, and what follows the flags.
        ran(&[
            "istio-iptables",
            "-x",
            "",
            "-b",
            "*",
            "-i",
            "*",
            "--",
            "-d",
            "8080",
        ]),
    ] {
        assert_eq!(found_or_none(&harmless), Vec::<String>::new(), "{harmless}");
    }
}

/// What observes calls needs to see those to the MCP port, and no others.
#[test]
fn other_ports_matter_where_the_policy_is_enforced() {
    let capture = |changes: &Value| {
        let mut facts = super::healthy();
        super::change::apply(&mut facts, changes);
        let facts = serde_json::from_value(facts).unwrap();
        let report = judge(&super::compiled(Stage::Observe), &facts).unwrap();
        let mut lines = report.lines.into_iter();
        let bad = lines.find(|line| line.check == Check::Capture && line.code.is_some());
        bad.map(|line| line.evidence)
    };
    let only = |ports: &str| {
        set_up_by(json!({"name": "istio-init", "args": ["istio-iptables", "-b", ports]}))
    };
    assert_eq!(capture(&with(&["-d", "9091"])), None);
    assert_eq!(capture(&only("9091,8080")), None);
    let left_out = "port 8080 is taken out of the proxy";
    assert_eq!(
        capture(&with(&["-d", "9091,8080"])).as_deref(),
        Some(left_out)
    );
    let missing = "port 8080 is not captured by the proxy";
    assert_eq!(capture(&only("9091")).as_deref(), Some(missing));
}

#[test]
fn a_container_with_a_user_that_is_not_captured_is_found() {
    let user = |user: u32| json!({"name": "helper", "securityContext": {"runAsUser": user}});
    let beside = |user: Value, words: &[&str]| {
        let mut changes = with(words);
        let add = json!({"op": "add", "path": "/objects/Pod/spec/containers/-", "value": user});
        changes.as_array_mut().unwrap().push(add);
        found_or_none(&changes)
    };
    let none = Vec::<String>::new();
    assert_eq!(
        beside(user(1000), &["-u", "1337,1000"]),
        ["capture MCP0511"]
    );
    assert_eq!(
        beside(user(1001), &["-u", "1000650001", "-g", "1001"]),
        none
    );
    let group = json!({"name": "helper", "securityContext": {"runAsGroup": 1001}});
    assert_eq!(beside(group, &["-g", "1001"]), ["capture MCP0511"]);
    assert_eq!(beside(user(1000), &["-u", "1337"]), none);
    // That of the proxy is found whatever the arguments are.
    assert_eq!(beside(user(1337), &["-u", "1337"]), ["others MCP0411"]);
}

#[test]
fn a_container_that_may_undo_the_capture_is_unknown() {
    let may = |context: Value| json!({"name": "helper", "securityContext": context});
    let adds = |name: &str| may(json!({"capabilities": {"add": [name], "drop": ["ALL"]}}));
    let add = |list: &str, container: Value| {
        let path = format!("/objects/Pod/spec/{list}");
        match list {
            "ephemeralContainers" => json!([{"op": "add", "path": path, "value": [container]}]),
            _ => json!([{"op": "add", "path": format!("{path}/-"), "value": container}]),
        }
    };
    for (list, container) in [
        ("containers", adds("NET_ADMIN")),
        ("containers", adds("CAP_NET_ADMIN")),
        ("containers", adds("net_admin")),
        ("containers", adds("SYS_ADMIN")),
        ("containers", adds("ALL")),
        ("containers", may(json!({"privileged": true}))),
        (
            "containers",
            json!({"name": "istio-init", "securityContext": {"privileged": true}}),
        ),
        ("initContainers", adds("NET_ADMIN")),
        // The name alone says nothing.
        (
            "initContainers",
            json!({"name": "istio-validation", "command": ["sh"], "securityContext": {"privileged": true}}),
        ),
        ("ephemeralContainers", adds("NET_ADMIN")),
    ] {
        let changes = add(list, container.clone());
        assert_eq!(found(&changes), ["capture MCP0516"], "{list}: {container}");
    }
    for container in [
        adds("NET_BIND_SERVICE"),
        may(json!({"privileged": false, "capabilities": {"drop": ["NET_ADMIN"]}})),
        may(json!({"runAsUser": 0})),
    ] {
        let changes = add("containers", container.clone());
        assert_eq!(found_or_none(&changes), Vec::<String>::new(), "{container}");
    }
    // By `TPROXY`, the proxy itself needs it.
    let path = "/objects/Pod/spec/initContainers/istio-proxy/securityContext";
    let proxy =
        json!([{"op": "add", "path": path, "value": {"capabilities": {"add": ["NET_ADMIN"]}}}]);
    assert_eq!(found_or_none(&proxy), Vec::<String>::new());
}

#[test]
fn a_proxy_that_ran_and_ended_is_none() {
    let path = "/objects/Pod/spec/initContainers/istio-proxy/restartPolicy";
    let changes = json!([{"op": "remove", "path": path}]);
    assert_eq!(found(&changes), ["proxy MCP0502"]);
}
