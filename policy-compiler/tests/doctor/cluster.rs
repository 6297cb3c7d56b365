//! What istiod reads, which a proxy says itself, and what else of the cluster goes before the policy.

use super::{changed, compiled, found, healthy, judged};
use mcp_guard_compiler::diagnostic::Code;
use mcp_guard_compiler::doctor::{Facts, reads};
use mcp_guard_compiler::lower::Stage;
use serde_json::{Value, json};

const ADDRESS: &str = "/replicas/github-0/server_info/node/metadata/PROXY_CONFIG/discoveryAddress";
const MESH: &str = "/objects/ConfigMap/data/mesh";

fn allow_all(namespace: &str) -> Value {
    json!({"op": "add", "path": "/objects/-", "value": {
        "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
        "metadata": {"name": "open", "namespace": namespace}, "spec": {"rules": [{}]}
    }})
}

/// Titles of what is still to be read.
fn wanted(changes: &Value) -> Vec<String> {
    let mut facts = healthy();
    super::change::apply(&mut facts, changes);
    let facts: Facts = serde_json::from_value(facts).unwrap();
    let reads = reads(&compiled(Stage::Enforce), &["kube-system".into()], &facts);
    reads.iter().map(ToString::to_string).collect()
}

#[test]
fn all_is_read_before_the_proxies_say_more() {
    assert_eq!(wanted(&json!([])), Vec::<String>::new());
}

#[test]
fn another_revision_is_found_by_what_its_proxies_say() {
    let moved =
        json!([{"op": "replace", "path": ADDRESS, "value": "istiod-canary.mesh.svc:15012"}]);
    assert_eq!(wanted(&moved), ["configmaps istio-canary of mesh"]);
    // As long as that is not known, nothing else that was read helps.
    let report = changed(&moved);
    let text = report.to_text();
    assert!(
        text.contains(
            "[?] facts, ConfigMap mesh/istio-canary: configures the mesh, and was not read"
        ),
        "{text}"
    );
}

#[test]
fn another_root_namespace_is_read() {
    let root = |mesh: &str| json!({"op": "replace", "path": MESH, "value": mesh});
    let elsewhere = root("rootNamespace: istio-config");
    let missing = wanted(&json!([elsewhere]));
    assert!(
        missing.contains(&"authorizationpolicies of istio-config".to_owned()),
        "{missing:?}"
    );
    assert!(
        missing
            .iter()
            .all(|read| read.ends_with(" of istio-config"))
    );
    assert_eq!(found(&json!([elsewhere])), ["facts MCP0513"]);
    // What lies where istiod is reaches nobody then, and what lies in the root namespace does.
    let report = |namespace: &str| changed(&json!([elsewhere, allow_all(namespace)])).to_text();
    let weakened = "AuthorizationPolicy `open` lets everyone in";
    assert!(!report("istio-system").contains(weakened));
    assert!(report("istio-config").contains(weakened));
    // Without a word, it is Istio's default, wherever istiod is.
    assert_eq!(
        wanted(&json!([root("trustDomain: x")])),
        Vec::<String>::new()
    );
    assert!(
        changed(&json!([root("trustDomain: x"), allow_all("istio-system")]))
            .to_text()
            .contains(weakened)
    );
}

#[test]
fn what_istiod_reads_is_unknown_where_nobody_says_it() {
    for changes in [
        json!([{"op": "remove", "path": "/objects/ConfigMap"}]),
        json!([{"op": "remove", "path": MESH}]),
        json!([{"op": "replace", "path": ADDRESS, "value": "istiod.example.com:15012"}]),
        json!([{"op": "remove", "path": ADDRESS}]),
        json!([{"op": "replace", "path": "/asked", "value": []}]),
    ] {
        assert_eq!(found(&changes), ["facts MCP0513"], "{changes}");
    }
}

#[test]
fn a_compiled_object_that_another_istiod_reads_is_found() {
    let labelled = json!([{"op": "add", "path": "/objects/PeerAuthentication/metadata/labels", "value": {"istio.io/rev": "canary"}}]);
    assert_eq!(found(&labelled), ["objects MCP0411"]);
    let own = json!([{"op": "add", "path": "/objects/PeerAuthentication/metadata/labels", "value": {"istio.io/rev": "default"}}]);
    assert!(changed(&own).holds());
}

#[test]
fn a_pod_of_another_revision_is_unknown() {
    let labelled = json!([{"op": "add", "path": "/objects/Pod/metadata/labels/istio.io~1rev", "value": "canary"}]);
    assert_eq!(found(&labelled), ["others MCP0411"]);
    let text = changed(&labelled).to_text();
    assert!(text.contains("[?] others, Pod ai-agents/github-0: the workload's pods get the proxy of revision `canary`"), "{text}");
}

#[test]
fn an_admin_policy_that_lets_everyone_in_goes_before_ours() {
    let policy = json!([{"op": "add", "path": "/objects/-", "value": {
        "apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy",
        "metadata": {"name": "open"},
        "spec": {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}},
            "ingress": [{"action": "Accept", "from": [{"namespaces": {}}]}]}
    }}]);
    assert_eq!(found(&policy), ["others MCP0411"]);
}

#[test]
fn a_network_plugin_that_runs_nowhere_enforces_nothing() {
    for status in [json!({"numberReady": 0}), json!({})] {
        let mut facts = healthy();
        let changes =
            json!([{"op": "replace", "path": "/objects/DaemonSet/status", "value": status}]);
        super::change::apply(&mut facts, &changes);
        let text = judged(facts).to_text();
        let wanted = "none of the pods of DaemonSet `calico-node` is ready, so nobody may enforce it [MCP0510]";
        assert!(text.contains(wanted), "{text}");
        assert_eq!(found(&changes), ["network-policy MCP0510"]);
    }
}

/// The commonest NetworkPolicy there is opens a port, and not everything.
#[test]
fn a_resolver_anywhere_may_be_vouched_for() {
    let policy = |rule: Value| {
        json!([{"op": "add", "path": "/objects/-", "value": {
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "allow-dns", "namespace": "ai-agents"},
            "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]}
        }}])
    };
    let ports = json!([{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]);
    for rule in [
        json!({"ports": ports}),
        json!({"ports": ports, "to": [{"namespaceSelector": {}}]}),
    ] {
        let report = changed(&policy(rule));
        let text = report.to_text();
        let wanted = "[?] others, NetworkPolicy ai-agents/allow-dns: NetworkPolicy `allow-dns` lets the server ask a resolver anywhere: ";
        assert!(text.contains(wanted), "{text}");
        assert!(!report.is_enforced());
        assert!(report.accepting(&[Code::WeakenedByManifest]).is_enforced());
    }
    let all = changed(&policy(json!({"ports": [{"port": 443}]})));
    assert!(!all.accepting(&[Code::WeakenedByManifest]).is_enforced());
}
