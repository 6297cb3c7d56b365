//! What the mesh's own configuration must say, which no object of a namespace can.

use super::access_log;
use super::telemetry::PROVIDER;
use serde_json::{Map, Value, json};

/// The tags in the names of the filter's metrics (`filter/src/metrics.rs`).
const TAGS: [&str; 9] = [
    "method",
    "decision",
    "reason",
    "kind",
    "direction",
    "level",
    "outcome",
    "stage",
    "digest",
];

/// What Istio writes down of an AuthorizationPolicy in dry run.
const DRY_RUN: &str = "envoy.filters.http.rbac:istio_dry_run";

/// The path without its query, by an operator that Istio adds to Envoy's.
const PATH: &str = "%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%";

/// The keys of MeshConfig that policies need, whichever they are.
pub(super) fn value() -> Value {
    json!({
        "extensionProviders": [{
            "name": PROVIDER,
            "envoyFileAccessLog": {
                "path": "/dev/stdout",
                "logFormat": {"labels": labels()},
                "omitEmptyValues": true,
            },
        }],
        "defaultConfig": {"extraStatTags": TAGS},
        "meshMTLS": {"minProtocolVersion": "TLSV1_3"},
    })
}

fn labels() -> Map<String, Value> {
    let mut labels = access_log::fields(PATH);
    for action in ["allow", "deny"] {
        for (key, field) in [
            ("result", "shadow_engine_result"),
            ("policy", "shadow_effective_policy_id"),
        ] {
            let format = format!("%DYNAMIC_METADATA({DRY_RUN}_{action}_{field})%");
            labels.insert(format!("dry_run_{action}_{key}"), format.into());
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::{TAGS, value};

    #[test]
    fn the_log_holds_the_record_and_the_dry_run() {
        let config = value();
        let provider = &config["extensionProviders"][0];
        assert_eq!(provider["name"], "mcp-guard");
        let labels = &provider["envoyFileAccessLog"]["logFormat"]["labels"];
        for (key, format) in [
            ("response_code_details", "%RESPONSE_CODE_DETAILS%"),
            (
                "dry_run_allow_result",
                "%DYNAMIC_METADATA(envoy.filters.http.rbac:istio_dry_run_allow_shadow_engine_result)%",
            ),
            (
                "dry_run_deny_policy",
                "%DYNAMIC_METADATA(envoy.filters.http.rbac:istio_dry_run_deny_shadow_effective_policy_id)%",
            ),
        ] {
            assert_eq!(labels[key], format);
        }
        let record = labels["mcp_guard"].as_str().unwrap();
        assert!(
            record.starts_with("%TYPED_CEL('wasm.mcp_guard' in filter_state"),
            "{record}"
        );
        assert_eq!(config["meshMTLS"]["minProtocolVersion"], "TLSV1_3");
    }

    #[test]
    fn every_tag_of_the_filters_metrics_becomes_a_label() {
        let metrics = include_str!("../../../filter/src/metrics.rs");
        // A tag and its value are a tuple; a call has its function's name before the bracket.
        let mut used = Vec::new();
        let mut before = "x";
        for piece in metrics.split("(\"") {
            let is_tuple = !before.ends_with(char::is_alphanumeric);
            let tag = piece.split_once("\", ").map(|(tag, _)| tag);
            used.extend(tag.filter(|tag| is_tuple && tag.chars().all(|c| c.is_ascii_lowercase())));
            before = piece;
        }
        used.sort_unstable();
        used.dedup();
        let mut tags = TAGS.to_vec();
        tags.sort_unstable();
        assert_eq!(tags, used);
    }
}
