//! Every replica is asked, and nobody can vouch for one that was not.

use super::{changed, compiled, found, healthy};
use mcp_guard_compiler::diagnostic::Code;
use mcp_guard_compiler::doctor::{Facts, Probe, State, pods, replace_pods};
use mcp_guard_compiler::lower::Stage;
use serde_json::{Value, json};

/// The replica that was read, without what makes it a pod of its own.
fn another(name: &str, more: &Value) -> Value {
    let facts = healthy();
    let objects = facts["objects"].as_array().unwrap();
    let pod = objects.iter().find(|object| object["kind"] == "Pod");
    let mut pod = pod.unwrap().clone();
    pod["metadata"]["name"] = name.into();
    pod["metadata"]["uid"] = name.into();
    for (key, value) in more.as_object().unwrap() {
        pod[key.as_str()]
            .as_object_mut()
            .unwrap()
            .extend(value.as_object().unwrap().clone());
    }
    pod
}

#[test]
fn nobody_vouches_for_a_replica_that_was_not_read() {
    let replica = "/replicas/github-0";
    for (what, changes) in [
        (
            "one that was not asked",
            json!([{"op": "remove", "path": replica}]),
        ),
        (
            "one that did not answer",
            json!([{"op": "replace", "path": replica, "value": {
                "pod": "github-0", "unread": [{"what": "github-0, page config_dump", "reason": "x"}]
            }}]),
        ),
        (
            "one that istiod never reached",
            json!([{"op": "replace", "path": format!("{replica}/config_dump/configs/ListenersConfigDump/dynamic_listeners"), "value": []}]),
        ),
        (
            "pods that could not be listed",
            json!([
                {"op": "remove", "path": "/objects/Pod"},
                {"op": "remove", "path": replica},
                {"op": "add", "path": "/unread/-", "value": {"what": "pods of ai-agents", "reason": "x"}}
            ]),
        ),
    ] {
        let report = changed(&changes).accepting(&[Code::FactUnknown]);
        assert!(!report.holds(), "{what}");
        let open = report
            .lines
            .iter()
            .find(|line| line.state == State::Unknown)
            .unwrap();
        assert_eq!(open.check.as_str(), "proxy", "{what}");
    }
    let objects = json!([{"op": "add", "path": "/unread/-", "value": {"what": "envoyfilters of istio-system", "reason": "x"}}]);
    assert!(!changed(&objects).holds());
    assert!(changed(&objects).accepting(&[Code::FactUnknown]).holds());
}

#[test]
fn pods_that_are_ending_are_asked() {
    let leaving = |status: Value| {
        json!([{"op": "add", "path": "/objects/-", "value": another("github-1", &json!({
            "metadata": {"deletionTimestamp": "2026-11-20T20:00:00Z"}, "status": status
        }))}])
    };
    let ended = json!({"state": {"terminated": {"exitCode": 0}}});
    let runs = json!({"state": {"running": {}}});
    assert_eq!(found(&leaving(json!({}))), ["proxy MCP0513"]);
    assert_eq!(
        found(&leaving(json!({"containerStatuses": [ended, runs]}))),
        ["proxy MCP0513"]
    );
    let gone = changed(&leaving(json!({"containerStatuses": [ended]})));
    assert!(gone.holds(), "{}", gone.to_text());
    let mut facts = healthy();
    super::change::apply(&mut facts, &leaving(json!({})));
    let facts: Facts = serde_json::from_value(facts).unwrap();
    assert_eq!(
        pods(&compiled(Stage::Enforce), &facts),
        ["github-0", "github-1"]
    );
}

#[test]
fn a_pod_that_vanished_is_no_alarm_and_one_that_came_is_asked() {
    let mut facts: Facts = serde_json::from_value(healthy()).unwrap();
    let compilation = compiled(Stage::Enforce);
    let pod = |name: &str| another(name, &json!({}));
    let is_pod = |object: &&Value| object["kind"] == "Pod";
    let own = facts.objects.iter().find(is_pod).unwrap().clone();
    facts.probes = vec![Probe {
        pod: "github-0".into(),
        ..Probe::default()
    }];

    replace_pods(&mut facts, vec![own, pod("github-1")]);
    assert_eq!(pods(&compilation, &facts), ["github-0", "github-1"]);
    assert_eq!((facts.replicas.len(), facts.probes.len()), (1, 1));

    // The same name, and another pod.
    let mut again = facts.clone();
    replace_pods(&mut again, vec![pod("github-0")]);
    assert!(again.replicas.is_empty());

    replace_pods(&mut facts, vec![pod("github-1")]);
    assert!(facts.replicas.is_empty());
    assert!(facts.probes.is_empty());
    assert_eq!(facts.objects.iter().filter(is_pod).count(), 1);
}

#[test]
fn what_is_in_place_to_observe_enforces_nothing() {
    let facts: Facts = serde_json::from_value(healthy()).unwrap();
    let mut report = changed(&json!([]));
    assert!(report.holds() && report.is_enforced());
    report.stage = Stage::Observe;
    let said = report.to_json();
    assert_eq!(
        (&said["stage"], &said["holds"], &said["enforced"]),
        (&json!("observe"), &json!(true), &json!(false))
    );
    let bad =
        mcp_guard_compiler::doctor::judge(&compiled(Stage::Observe), &facts).expect("a deployment");
    assert_eq!(
        (&bad.to_json()["holds"], &bad.to_json()["enforced"]),
        (&json!(false), &json!(false))
    );
}

#[test]
fn another_pod_matters_behind_a_service_of_the_mcp_port_alone() {
    let labels = |app: &str| json!({"metadata": {"labels": {"app": app, "part-of": "suite"}}});
    let beside = |ports: Value| {
        let service = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "suite", "namespace": "ai-agents"},
            "spec": {"selector": {"part-of": "suite"}, "ports": ports},
        });
        let mut web = another("web-0", &labels("web"));
        // There, the name is of another port.
        web["spec"]["containers"][0]["ports"] = json!([{"name": "mcp", "containerPort": 80}]);
        let named = json!({"name": "mcp", "containerPort": 8080});
        let mut facts = healthy();
        super::change::apply(
            &mut facts,
            &json!([
                {"op": "replace", "path": "/objects/Pod/metadata/labels", "value": labels("github-mcp-server")["metadata"]["labels"]},
                {"op": "replace", "path": "/objects/Pod/spec/containers/server/ports/0", "value": named},
                {"op": "add", "path": "/objects/-", "value": service},
                {"op": "add", "path": "/objects/-", "value": web},
            ]),
        );
        let lines = super::judged(facts).lines.into_iter();
        let bad = lines.filter(|line| line.code == Some(Code::PodNotChosen));
        bad.map(|line| line.subject).collect::<Vec<String>>()
    };
    let metrics = || json!({"name": "http-metrics", "port": 15020, "appProtocol": "http"});
    assert!(beside(json!([metrics()])).is_empty());
    assert!(beside(json!([{"port": 8080, "targetPort": 9091}])).is_empty());
    for port in [
        json!({"port": 8080}),
        json!({"port": 80, "targetPort": 8080}),
        json!({"port": 80, "targetPort": "mcp"}),
    ] {
        assert_eq!(beside(json!([metrics(), port])), ["web-0"], "{port}");
    }
}
