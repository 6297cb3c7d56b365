//! What the answers to probes show, and where probes go.

use super::{changed, compiled, healthy};
use mcp_guard_compiler::doctor::{Facts, State, pods, requests};
use mcp_guard_compiler::lower::Stage;
use serde_json::json;

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
