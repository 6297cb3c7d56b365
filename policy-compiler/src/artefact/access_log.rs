//! What a line of the access log holds, wherever it is written: `docs/audit.md` describes it.

use mcp_guard_engine::names::FILTER_STATE_KEY;
use mcp_guard_engine::record::SCHEMA;
use serde_json::{Map, Value};

/// Fields of every line, by what Envoy alone knows. Paths go without their query: session ids stand
/// there, and sometimes tokens.
const FIELDS: [(&str, &str); 24] = [
    ("start_time", "%START_TIME%"),
    ("request_id", "%REQ(X-REQUEST-ID)%"),
    ("traceparent", "%REQ(TRACEPARENT)%"),
    ("method", "%REQ(:METHOD)%"),
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

/// The fields, with the path as that proxy's operator has it and with the decision record.
pub(super) fn fields(path: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    for (key, format) in FIELDS {
        fields.insert(key.into(), format.into());
    }
    fields.insert("path".into(), path.into());
    fields.insert(FILTER_STATE_KEY.into(), record().into());
    fields
}

/// The decision record as an object. Where the guard wrote none, Envoy says itself what that means:
/// somebody in front of the guard refused the request, or the guard was not there. Calls that the
/// workload makes itself are nobody's to record.
fn record() -> String {
    let state = format!("wasm.{FILTER_STATE_KEY}");
    let outbound = "xds.listener_direction == 2";
    let decision = "has(upstream.address) ? 'unguarded' : 'refused_by_mesh'";
    let reason = "has(response.code_details) ? response.code_details : ''";
    format!(
        "%TYPED_CEL('{state}' in filter_state ? filter_state['{state}'] : {outbound} ? null : \
         {{'schema': {SCHEMA}, 'decision': {decision}, 'reason': {reason}}})%"
    )
}
