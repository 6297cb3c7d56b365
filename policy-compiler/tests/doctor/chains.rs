//! Filter chains that do not do what they seem to.

use super::{CHAINS, change, changed, found, found_or_none, healthy};
use mcp_guard_compiler::doctor::State;
use serde_json::{Value, json};

const MANAGER: &str = "/filters/0/typed_config";

fn chain(name: &str, rest: &str) -> String {
    format!("{CHAINS}/{name}{rest}")
}

/// The MCP port's chain, with another way to verify certificates.
fn verified_by(contexts: &Value) -> Value {
    let path = chain(
        "0.0.0.0_8080",
        "/transport_socket/typed_config/common_tls_context",
    );
    json!([{"op": "replace", "path": path, "value": contexts}])
}

#[test]
fn a_certificate_that_nobody_verifies_is_none() {
    let names = json!({"match_subject_alt_names": [{"prefix": "spiffe://cluster.local/"}]});
    for contexts in [
        json!({}),
        json!({"validation_context": {}}),
        json!({"validation_context": names}),
        json!({"combined_validation_context": {"default_validation_context": names}}),
    ] {
        assert_eq!(
            found(&verified_by(&contexts)),
            ["mutual-tls MCP0507"],
            "{contexts}"
        );
    }
    let authority = json!({"trusted_ca": {"filename": "/etc/ca.pem"}});
    let secret = json!({"name": "ROOTCA"});
    for contexts in [
        json!({"validation_context": authority}),
        json!({"validation_context_sds_secret_config": secret}),
        json!({"combined_validation_context": {"default_validation_context": authority}}),
        json!({"combined_validation_context": {"validation_context_sds_secret_config": secret}}),
    ] {
        assert_eq!(
            found_or_none(&verified_by(&contexts)),
            Vec::<String>::new(),
            "{contexts}"
        );
    }
}

/// What asks for such an upgrade goes by other filters than the others.
#[test]
fn an_upgrade_with_filters_of_its_own_is_unknown() {
    let upgrade = |name: &str, filters: Value| {
        let path = chain(name, &format!("{MANAGER}/upgrade_configs"));
        json!([{"op": "add", "path": path, "value": [{"upgrade_type": "websocket", "filters": filters}]}])
    };
    let router = || json!([{"name": "envoy.filters.http.router"}]);
    for (name, wanted) in [
        ("0.0.0.0_8080", "filter MCP0503"),
        ("0.0.0.0_9091", "ports MCP0508"),
    ] {
        let changes = upgrade(name, router());
        assert_eq!(found(&changes), [wanted]);
        let is_known = |state: State| state == State::NotEnforced;
        assert!(
            !changed(&changes)
                .lines
                .iter()
                .any(|line| is_known(line.state))
        );
        assert_eq!(
            found_or_none(&upgrade(name, json!([]))),
            Vec::<String>::new()
        );
    }
}

#[test]
fn rbac_behind_the_last_filter_is_none() {
    for (name, list, wanted) in [
        (
            "0.0.0.0_9091",
            format!("{MANAGER}/http_filters"),
            "ports MCP0508",
        ),
        ("virtualInbound", "/filters".to_owned(), "ports MCP0508"),
    ] {
        let (mut facts, path) = (healthy(), chain(name, &list));
        let filters = change::at(&mut facts, &path).as_array().unwrap().clone();
        let is_rbac = |filter: &Value| filter["name"].as_str().unwrap().ends_with(".rbac");
        let (rbac, mut others): (Vec<Value>, Vec<Value>) = filters.into_iter().partition(is_rbac);
        assert_eq!(rbac.len(), 2);
        others.extend(rbac);
        let changes = json!([{"op": "replace", "path": path, "value": others}]);
        assert_eq!(found(&changes), [wanted], "{name}");
    }
}
