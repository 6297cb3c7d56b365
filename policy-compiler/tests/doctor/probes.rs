//! What the answers to probes show, and where probes go.

use super::{changed, compiled, found, healthy};
use mcp_guard_compiler::doctor::{Facts, State, pods, requests};
use mcp_guard_compiler::lower::Stage;
use serde_json::{Value, json};

#[test]
fn answers_to_probes_are_told_apart() {
    let probe = |answered: bool, said: &str| {
        json!([{"op": "replace", "path": "/probes", "value": [
            {"pod": "github-0", "port": 8080, "answered": answered, "said": said}
        ]}])
    };
    let reach = "Error from server (ServiceUnavailable): error trying to reach service: ";
    for (answered, said, wanted) in [
        (true, "{\"jsonrpc\":\"2.0\"}", State::NotEnforced),
        (
            false,
            "Error from server (NotFound): the server could not find the requested resource",
            State::NotEnforced,
        ),
        (
            false,
            "Error from server (Forbidden): RBAC: access denied",
            State::Enforced,
        ),
        (
            false,
            &format!("{reach}read: connection reset by peer"),
            State::Enforced,
        ),
        (false, &format!("{reach}EOF"), State::Enforced),
        (
            false,
            &format!("{reach}dial tcp: connect: connection refused"),
            // Nobody listens at the MCP port, so nothing was refused.
            State::Unknown,
        ),
        // As the NetworkPolicy, which is there and enforced, says.
        (
            false,
            &format!("{reach}dial tcp 10.10.1.10:8080: i/o timeout"),
            State::Enforced,
        ),
        (
            false,
            "Error from server (Forbidden): pods \"github-0:8080\" is forbidden: User \"x\" cannot create resource \"pods/proxy\"",
            State::Unknown,
        ),
        (
            false,
            "Unable to connect to the server: EOF",
            State::Unknown,
        ),
    ] {
        let report = changed(&probe(answered, said));
        let line = report
            .lines
            .iter()
            .find(|line| line.check.as_str() == "probe")
            .unwrap();
        assert_eq!(line.state, wanted, "{said}");
    }
    let mut cut = probe(false, &format!("{reach}i/o timeout"));
    cut.as_array_mut()
        .unwrap()
        .push(json!({"op": "remove", "path": "/objects/DaemonSet"}));
    let report = changed(&cut);
    let line = report
        .lines
        .iter()
        .find(|line| line.check.as_str() == "probe")
        .unwrap();
    assert_eq!(
        line.state,
        State::Unknown,
        "nobody enforces the policy that would explain it"
    );
}

#[test]
fn probes_go_to_every_declared_port_of_every_pod() {
    let facts: Facts = serde_json::from_value(healthy()).unwrap();
    let compilation = compiled(Stage::Enforce);
    assert_eq!(pods(&compilation, &facts), ["github-0"]);
    let paths: Vec<String> = requests(&compilation, &facts)
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(
        paths,
        [
            "/api/v1/namespaces/ai-agents/pods/github-0:8080/proxy/mcp",
            "/api/v1/namespaces/ai-agents/pods/github-0:9091/proxy/mcp"
        ]
    );
}

#[test]
fn only_a_port_that_nobody_needs_may_be_closed() {
    let said = "Error from server (ServiceUnavailable): error trying to reach service: dial tcp: connect: connection refused";
    for (port, wanted) in [(9091, State::Enforced), (8080, State::Unknown)] {
        let report = changed(&json!([{"op": "replace", "path": "/probes", "value": [
            {"pod": "github-0", "port": port, "answered": false, "said": said}
        ]}]));
        let line = report
            .lines
            .iter()
            .find(|line| line.check.as_str() == "probe");
        assert_eq!(line.unwrap().state, wanted, "{port}");
    }
}

#[test]
fn a_pod_that_was_to_be_probed_and_was_not_is_unknown() {
    let wanted = json!({"op": "add", "path": "/probes_wanted", "value": true});
    let report = changed(&json!([wanted]));
    let probes: Vec<_> = report
        .lines
        .iter()
        .filter(|line| line.check.as_str() == "probe")
        .map(|line| (line.subject.as_str(), line.state))
        .collect();
    let unknown = State::Unknown;
    assert_eq!(
        probes,
        [("github-0:8080", unknown), ("github-0:9091", unknown)]
    );
    let said = "Error from server (Forbidden): RBAC: access denied";
    let probe =
        |port: u16| json!({"pod": "github-0", "port": port, "answered": false, "said": said});
    let sent =
        |probes: Value| json!([wanted, {"op": "replace", "path": "/probes", "value": probes}]);
    assert_eq!(
        found(&sent(json!([probe(8080)]))),
        ["probe MCP0512"],
        "one port of two"
    );
    assert!(changed(&sent(json!([probe(8080), probe(9091)]))).is_enforced());
}

/// It is gone, and so nothing was asked of it.
#[test]
fn a_request_to_a_pod_that_is_gone_shows_nothing() {
    let report = changed(&json!([{"op": "replace", "path": "/probes", "value": [
        {"pod": "github-0", "port": 8080, "answered": false, "said": "Error from server (NotFound): pods \"github-0\" not found"}
    ]}]));
    let mut lines = report.lines.iter();
    let line = lines.find(|line| line.check.as_str() == "probe").unwrap();
    assert_eq!(line.state, State::Unknown);
}
