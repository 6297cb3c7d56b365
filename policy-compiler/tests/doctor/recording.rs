//! A recording holds what is judged, and nobody's secrets.

use super::{compiled, healthy, judged};
use mcp_guard_compiler::doctor::{Facts, judge};
use mcp_guard_compiler::lower::Stage;
use serde_json::{Value, json};

const SECRET: &str = "hunter2";

/// What judges HTTP at the MCP port.
const MANAGER: &str = "/replicas/github-0/config_dump/configs/ListenersConfigDump/dynamic_listeners/virtualInbound/active_state/listener/filter_chains/0.0.0.0_8080/filters/0/typed_config";

fn trimmed(facts: Value) -> Facts {
    let facts: Facts = serde_json::from_value(facts).unwrap();
    facts.trimmed()
}

/// The places that may hold a secret, in what is otherwise healthy.
fn secretive() -> Value {
    let applied = |object: &str| {
        json!({"op": "add", "path": format!("/objects/{object}/metadata/annotations"), "value": {
            "kubectl.kubernetes.io/last-applied-configuration": SECRET,
            "vault.hashicorp.com/agent-inject-template": SECRET
        }})
    };
    let container = |name: &str| {
        json!({"name": name, "image": "x",
            "env": [{"name": "TOKEN", "value": SECRET}, {"name": "OTHER", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
            "command": ["sh", "-c", SECRET], "args": ["--password", SECRET, format!("--token={SECRET}")],
            "livenessProbe": {"httpGet": {"port": 8080, "httpHeaders": [{"name": "authorization", "value": SECRET}]}},
            "lifecycle": {"preStop": {"exec": {"command": [SECRET]}}}})
    };
    let foreign = |kind: &str, api: &str, spec: Value| {
        json!({"op": "add", "path": "/objects/-", "value": {
            "apiVersion": api, "kind": kind,
            "metadata": {"name": "other", "namespace": "ai-agents"}, "spec": spec
        }})
    };
    let other = json!({"matchLabels": {"app": "other"}});
    let filters = "/replicas/github-0/config_dump/configs/EcdsConfigDump/ecds_filters/-";
    let mut facts = healthy();
    super::change::apply(
        &mut facts,
        &json!([
            applied("Pod"),
            {"op": "add", "path": "/objects/Pod/spec/containers/-", "value": container("sidekick")},
            {"op": "add", "path": "/objects/Pod/spec/initContainers/-", "value": container("first")},
            {"op": "add", "path": "/objects/Pod/spec/ephemeralContainers", "value": [container("debug")]},
            {"op": "add", "path": "/objects/Pod/spec/volumes", "value": [{"name": "v", "csi": {"volumeAttributes": {"password": SECRET}}}]},
            {"op": "add", "path": "/objects/Service/metadata/annotations", "value": {"kubectl.kubernetes.io/last-applied-configuration": SECRET}},
            {"op": "add", "path": "/objects/DaemonSet/spec/template/metadata/annotations", "value": {"a": SECRET}},
            {"op": "add", "path": "/objects/DaemonSet/spec/template/spec/containers/-", "value": container("agent")},
            {"op": "replace", "path": "/objects/ConfigMap/data/mesh", "value": format!("extensionProviders: [{{ name: mcp-guard, opentelemetry: {{ http: {{ headers: [{{ name: authorization, value: {SECRET} }}] }} }} }}]")},
            {"op": "add", "path": "/objects/ConfigMap/data/other", "value": SECRET},
            {"op": "add", "path": "/objects/Pod/status/message", "value": SECRET},
            {"op": "add", "path": "/objects/Pod/status/containerStatuses", "value": [{
                "name": "server", "image": SECRET, "state": {"running": {"startedAt": "x"}},
                "lastState": {"terminated": {"exitCode": 1, "message": SECRET}}
            }, {"name": "job", "state": {"terminated": {"exitCode": 0, "message": SECRET}}}]},
            {"op": "add", "path": "/objects/NetworkPolicy/status", "value": {"conditions": [{"message": SECRET}]}},
            {"op": "add", "path": "/objects/Namespace/metadata/annotations", "value": {"owner": SECRET}},
            {"op": "add", "path": "/objects/ServiceAccount/metadata/annotations", "value": {"token": SECRET}},
            {"op": "add", "path": "/objects/AuthorizationPolicy/metadata/annotations/note", "value": SECRET},
            foreign("EnvoyFilter", "networking.istio.io/v1alpha3", json!({"workloadSelector": {"labels": {"app": "other"}}, "configPatches": [SECRET]})),
            foreign("WasmPlugin", "extensions.istio.io/v1alpha1", json!({"selector": other, "url": "oci://x/y", "pluginConfig": {"key": SECRET}, "vmConfig": {"env": [{"name": "K", "value": SECRET}]}})),
            foreign("TrafficExtension", "extensions.istio.io/v1alpha1", json!({"selector": other, "wasm": {"url": "oci://x/y", "pluginConfig": {"key": SECRET}}})),
            {"op": "add", "path": "/replicas/github-0/server_info/node/metadata/TOKEN", "value": SECRET},
            {"op": "add", "path": "/replicas/github-0/server_info/node/metadata/PROXY_CONFIG/proxyMetadata", "value": {"TOKEN": SECRET}},
            {"op": "add", "path": "/replicas/github-0/server_info/command_line_options/config_yaml", "value": SECRET},
            {"op": "add", "path": filters, "value": {"ecds_filter": {"name": "extensions.istio.io/wasmplugin/a.b", "typed_config": {
                "@type": "x.Wasm", "config": {"root_id": "other", "configuration": {"value": SECRET},
                    "vm_config": {"environment_variables": {"key_values": {"K": SECRET}}}}
            }}}},
            {"op": "add", "path": format!("{MANAGER}/tracing"), "value": {"custom_tags": [{"tag": "a", "literal": {"value": SECRET}}]}},
            {"op": "add", "path": format!("{MANAGER}/access_log"), "value": [
                {"typed_config": {"log_format": {"json_format": {"a": SECRET}}}},
                {"typed_config": {"log_format": {"text_format_source": {"inline_string": SECRET}}}},
                {"typed_config": {"text_format": SECRET}}, {"typed_config": {"json_format": SECRET}}
            ]},
            {"op": "add", "path": format!("{MANAGER}/local_reply_config"), "value": {
                "body_format": {"text_format": SECRET}, "mappers": [{"body": {"inline_string": SECRET}}]
            }},
            {"op": "add", "path": format!("{MANAGER}/http_filters/-"), "value": {"name": "x", "typed_config": {
                "@type": "x.ExtAuthz", "http_service": {"authorization_request": {"headers_to_add": [{"header": {"key": "authorization", "value": SECRET}}]}}
            }}},
            {"op": "add", "path": "/replicas/github-0/config_dump/configs/-", "value": {"@type": "x.BootstrapConfigDump", "bootstrap": SECRET}},
            {"op": "add", "path": "/replicas/github-0/config_dump/configs/RoutesConfigDump/more", "value": {"request_headers_to_add": [{"header": {"value": SECRET}}]}}
        ]),
    );
    facts
}

#[test]
fn no_secret_is_recorded() {
    let full = secretive();
    assert!(full.to_string().matches(SECRET).count() > 40);
    let kept = serde_json::to_string(&trimmed(full)).unwrap();
    let place = kept
        .find(SECRET)
        .map(|at| &kept[at.saturating_sub(200)..at]);
    assert_eq!(place, None);
}

#[test]
fn what_is_recorded_is_judged_as_what_was_read() {
    for facts in [healthy(), secretive()] {
        let again = judge(&compiled(Stage::Enforce), &trimmed(facts.clone()));
        assert_eq!(again, Some(judged(facts)));
    }
}

#[test]
fn what_shows_the_capture_is_kept() {
    let init = json!({"name": "istio-init", "args": ["istio-iptables", "-b", "*", "-d", "8080"], "command": ["x"],
        "env": [{"name": "ISTIO_OUTBOUND_OWNER_GROUPS", "value": "a"}, {"name": "TOKEN", "value": SECRET}]});
    let mut facts = healthy();
    let path = "/objects/Pod/spec/initContainers/-";
    super::change::apply(
        &mut facts,
        &json!([{"op": "add", "path": path, "value": init}]),
    );
    let before = judged(facts.clone());
    let trimmed = trimmed(facts);
    let kept = serde_json::to_string(&trimmed.objects).unwrap();
    assert!(kept.contains("{\"name\":\"ISTIO_OUTBOUND_OWNER_GROUPS\",\"value\":\"a\"}"));
    assert!(!kept.contains(SECRET));
    assert_eq!(judge(&compiled(Stage::Enforce), &trimmed), Some(before));
}

#[test]
fn of_an_answer_the_beginning_is_recorded() {
    let error = "Error from server (ServiceUnavailable): error trying to reach service: read: connection reset by peer";
    let long = "x".repeat(5000);
    for (answered, said) in [
        (true, format!("{long}{SECRET}")),
        (false, format!("{error} {long}{SECRET}")),
        (false, format!("{long}\n{error}\n{long}{SECRET}")),
        (false, error.to_owned()),
    ] {
        let mut facts = healthy();
        let probe = json!({"pod": "github-0", "port": 8080, "answered": answered, "said": said});
        let changes = json!([{"op": "replace", "path": "/probes", "value": [probe]}]);
        super::change::apply(&mut facts, &changes);
        let kept = trimmed(facts.clone());
        assert!(kept.probes[0].said.len() <= 1000);
        assert!(!kept.probes[0].said.contains(SECRET));
        assert_eq!(judge(&compiled(Stage::Enforce), &kept), Some(judged(facts)));
    }
}

/// By it a pod that is being deleted is known to serve no more.
#[test]
fn that_a_container_has_ended_is_recorded() {
    let mut facts = healthy();
    super::change::apply(
        &mut facts,
        &json!([
            {"op": "add", "path": "/objects/Pod/metadata/deletionTimestamp", "value": "x"},
            {"op": "add", "path": "/objects/Pod/status/containerStatuses", "value": [
                {"name": "server", "state": {"terminated": {"exitCode": 0, "message": SECRET}}}
            ]}
        ]),
    );
    let before = judged(facts.clone());
    assert!(before.to_text().contains("no pod of the workload runs"));
    assert_eq!(
        judge(&compiled(Stage::Enforce), &trimmed(facts)),
        Some(before)
    );
}
