//! What the mesh's own configuration must say, which no object of a namespace can.

use super::telemetry::PROVIDER;
use crate::compilation::Compilation;
use mcp_guard_engine::names::FILTER_STATE_KEY;
use serde_json::{Map, Value, json};

/// The tags in the names of the filter's metrics (`filter/src/metrics.rs`).
const TAGS: [&str; 7] = [
    "method",
    "decision",
    "reason",
    "kind",
    "direction",
    "stage",
    "digest",
];

/// What Istio writes down of an AuthorizationPolicy in dry run.
const DRY_RUN: &str = "envoy.filters.http.rbac:istio_dry_run";

/// Fields of the access log whatever the policy. Paths go without their query: session ids stand
/// there, and sometimes tokens.
const FIELDS: [(&str, &str); 25] = [
    ("start_time", "%START_TIME%"),
    ("request_id", "%REQ(X-REQUEST-ID)%"),
    ("traceparent", "%REQ(TRACEPARENT)%"),
    ("method", "%REQ(:METHOD)%"),
    ("path", "%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%"),
    ("protocol", "%PROTOCOL%"),
    ("authority", "%REQ(:AUTHORITY)%"),
    ("response_code", "%RESPONSE_CODE%"),
    ("response_code_details", "%RESPONSE_CODE_DETAILS%"),
    ("response_flags", "%RESPONSE_FLAGS%"),
    (
        "connection_termination_details",
        "%CONNECTION_TERMINATION_DETAILS%",
    ),
    (
        "upstream_transport_failure_reason",
        "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
    ),
    ("bytes_received", "%BYTES_RECEIVED%"),
    ("bytes_sent", "%BYTES_SENT%"),
    ("duration", "%DURATION%"),
    ("peer", "%DOWNSTREAM_PEER_URI_SAN%"),
    ("downstream_tls_version", "%DOWNSTREAM_TLS_VERSION%"),
    ("downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%"),
    ("downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%"),
    ("requested_server_name", "%REQUESTED_SERVER_NAME%"),
    ("upstream_cluster", "%UPSTREAM_CLUSTER%"),
    ("upstream_host", "%UPSTREAM_HOST%"),
    ("upstream_tls_version", "%UPSTREAM_TLS_VERSION%"),
    ("route_name", "%ROUTE_NAME%"),
    ("user_agent", "%REQ(USER-AGENT)%"),
];

/// The keys of MeshConfig that these policies need.
pub(super) fn value(compilations: &[&Compilation]) -> Value {
    json!({
        "extensionProviders": [{
            "name": PROVIDER,
            "envoyFileAccessLog": {
                "path": "/dev/stdout",
                "logFormat": {"labels": labels(compilations)},
                "omitEmptyValues": true,
            },
        }],
        "defaultConfig": {"extraStatTags": TAGS},
        "meshMTLS": {"minProtocolVersion": "TLSV1_3"},
    })
}

fn labels(compilations: &[&Compilation]) -> Map<String, Value> {
    let mut labels = Map::new();
    for (key, format) in FIELDS {
        labels.insert(key.into(), format.into());
    }
    let record = format!("%FILTER_STATE(wasm.{FILTER_STATE_KEY}:PLAIN)%");
    labels.insert(FILTER_STATE_KEY.into(), record.into());
    for action in ["allow", "deny"] {
        for (key, field) in [
            ("result", "shadow_engine_result"),
            ("policy", "shadow_effective_policy_id"),
        ] {
            let format = format!("%DYNAMIC_METADATA({DRY_RUN}_{action}_{field})%");
            labels.insert(format!("dry_run_{action}_{key}"), format.into());
        }
    }
    for header in user_headers(compilations) {
        let format = format!("%REQ({})%", header.to_ascii_uppercase());
        labels.entry(header).or_insert(format.into());
    }
    labels
}

/// The headers in which callers name the human user. As they stand in the log, anyone may have written
/// them; what is believed stands in the filter's record.
fn user_headers(compilations: &[&Compilation]) -> Vec<String> {
    let callers = compilations
        .iter()
        .flat_map(|compilation| compilation.policy.callers.values());
    let headers = callers.filter_map(|entry| entry.value.user_header.as_ref());
    let mut headers: Vec<String> = headers.map(|header| header.value.clone()).collect();
    headers.sort();
    headers.dedup();
    headers
}

#[cfg(test)]
mod tests {
    use super::{TAGS, value};
    use crate::testing::{DEPLOYMENT, POLICY, compiled};

    #[test]
    fn the_log_holds_the_record_the_dry_run_and_the_user() {
        let config = value(&[&compiled(POLICY, DEPLOYMENT)]);
        let provider = &config["extensionProviders"][0];
        assert_eq!(provider["name"], "mcp-guard");
        let labels = &provider["envoyFileAccessLog"]["logFormat"]["labels"];
        for (key, format) in [
            ("mcp_guard", "%FILTER_STATE(wasm.mcp_guard:PLAIN)%"),
            ("response_code_details", "%RESPONSE_CODE_DETAILS%"),
            ("user-identity", "%REQ(USER-IDENTITY)%"),
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
