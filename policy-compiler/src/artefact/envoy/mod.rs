//! A static configuration of Envoy, for servers outside a mesh.
//!
//! The same filter with the same configuration, in the same place of the chain as in a sidecar.

mod jwt;
#[cfg(test)]
mod tests;

use super::access_log;
use crate::compilation::Compilation;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Caller, Policy};
use crate::source::Spanned;
use crate::yaml::write;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Name of the filter: its root id, and what its log lines begin with.
const GUARD: &str = "mcp_guard";

const API: &str = "type.googleapis.com/envoy.extensions";

// What differs from machine to machine, and is shown on top of the text.

/// Where Envoy listens; the port is the policy's.
const LISTEN: &str = "0.0.0.0";

/// Host of the MCP server, which nobody else may reach.
const UPSTREAM_HOST: &str = "127.0.0.1";

/// The filter's module.
const MODULE: &str = "/etc/mcp-guard/mcp_guard_filter.wasm";

/// Folder of `tls.crt`, `tls.key` and the callers' authority `ca.crt`, as cert-manager names them.
const CERTIFICATES: &str = "/etc/mcp-guard/tls";

/// Istio's.
const ADMIN_PORT: u16 = 15000;

/// The configuration, as YAML.
#[must_use]
pub fn config(compilation: &Compilation) -> String {
    let policy = &compilation.policy;
    let static_resources = json!({
        "listeners": [listener(compilation)],
        "clusters": clusters(policy),
    });
    let bootstrap = json!({
        "node": {"id": policy.server.value, "cluster": "mcp-guard"},
        "admin": {"address": address("127.0.0.1", ADMIN_PORT)},
        "static_resources": static_resources,
    });
    header(compilation) + &write::document(&bootstrap)
}

/// Says what an Envoy without Istio cannot do.
pub fn check(compilation: &Compilation, found: &mut Diagnostics) {
    for issuer in jwt::without_keys(&compilation.policy) {
        let message = format!("this Envoy cannot verify tokens of `{}`", issuer.value);
        found.push(
            Diagnostic::new(Code::KeysUnknown, issuer.span, message)
                .label("only istiod asks an issuer where its keys are")
                .help("add `jwks_uri: https://…`, the address of its keys"),
        );
    }
}

fn header(compilation: &Compilation) -> String {
    let policy = &compilation.policy;
    let certificates = match names_peers(policy) {
        true => format!(
            "#   certificates of this proxy, and of its callers' authority: {CERTIFICATES}\n"
        ),
        false => String::new(),
    };
    let worth_knowing = worth_knowing(policy);
    format!(
        "# Envoy with the policy of {}, digest {}.\n\
         # Yours to change:\n\
         #   callers connect to: {LISTEN}:{}\n\
         #   the MCP server, which must not be reachable otherwise: {UPSTREAM_HOST}:{}\n\
         #   the filter: {MODULE}\n{certificates}{worth_knowing}",
        Value::from(policy.server.value.as_str()),
        compilation.digest,
        port(policy),
        upstream_port(policy),
    )
}

/// What a mesh would do, and this Envoy does not.
fn worth_knowing(policy: &Policy) -> String {
    let mut text = String::new();
    let open: Vec<Value> = policy.endpoints.open.iter().map(quoted).collect();
    if !open.is_empty() {
        let whoever = match names_peers(policy) {
            true => "whoever has a certificate of that authority",
            false => "whoever can connect",
        };
        let open = Value::from(open);
        text.push_str(&format!(
            "# Without Istio, these open paths are answered to {whoever}: {open}\n"
        ));
    }
    let unknown: BTreeSet<String> = jwt::without_keys(policy)
        .map(|issuer| quoted(issuer).to_string())
        .collect();
    for issuer in unknown {
        text.push_str(&format!(
            "# Tokens of {issuer} are not verified, and their callers refused: the policy names no `jwks_uri`\n"
        ));
    }
    text
}

/// In one line, whatever it holds.
fn quoted(text: &Spanned<String>) -> Value {
    Value::from(text.value.as_str())
}

fn port(policy: &Policy) -> u16 {
    policy.endpoints.port.as_ref().map_or(0, |port| port.value)
}

/// The port of the MCP server: the one after the policy's.
fn upstream_port(policy: &Policy) -> u16 {
    port(policy).checked_add(1).unwrap_or(1)
}

/// A caller that is known by its certificate cannot be known without TLS.
fn names_peers(policy: &Policy) -> bool {
    let names_peer = |caller: &Caller| {
        !(caller.service_accounts.is_empty()
            && caller.principals.is_empty()
            && caller.namespaces.is_empty())
    };
    policy
        .callers
        .values()
        .any(|entry| names_peer(&entry.value))
}

fn listener(compilation: &Compilation) -> Value {
    let policy = &compilation.policy;
    let mut chain = json!({"filters": [connection_manager(compilation)]});
    if let (true, Some(chain)) = (names_peers(policy), chain.as_object_mut()) {
        chain.insert("transport_socket".into(), mutual_tls());
    }
    json!({
        "name": "mcp",
        "traffic_direction": "INBOUND",
        "address": address(LISTEN, port(policy)),
        "per_connection_buffer_limit_bytes": buffer_limit(policy),
        "filter_chains": [chain],
    })
}

/// A request is held whole before it is judged: what exceeds the buffer, Envoy refuses itself.
fn buffer_limit(policy: &Policy) -> u32 {
    const ENVOYS_OWN: u32 = 1 << 20;
    let request = policy.limits.get("request_bytes");
    request.map_or(ENVOYS_OWN, |limit| limit.value.max(ENVOYS_OWN))
}

fn connection_manager(compilation: &Compilation) -> Value {
    let route =
        json!({"match": {"prefix": "/"}, "route": {"cluster": "mcp_server", "timeout": "0s"}});
    let jwt = jwt::filter(&compilation.policy);
    let guard = guard(compilation);
    let router = typed(
        "envoy.filters.http.router",
        "filters.http.router.v3.Router",
        &json!({}),
    );
    let filters: Vec<Value> = jwt.into_iter().chain([guard, router]).collect();
    typed(
        "envoy.filters.network.http_connection_manager",
        "filters.network.http_connection_manager.v3.HttpConnectionManager",
        &json!({
            "stat_prefix": "mcp",
            "codec_type": "AUTO",
            // As Istio does: the path that is judged is the path that is forwarded.
            "normalize_path": true,
            // Streams of server-sent events are silent for long.
            "stream_idle_timeout": "0s",
            "access_log": [access_log()],
            "http_filters": filters,
            "route_config": {
                "name": "mcp",
                "virtual_hosts": [{"name": "mcp", "domains": ["*"], "routes": [route]}],
            },
        }),
    )
}

fn guard(compilation: &Compilation) -> Value {
    let plugin = json!({
        "name": GUARD,
        "root_id": GUARD,
        "failure_policy": "FAIL_CLOSED",
        "vm_config": {
            "runtime": "envoy.wasm.runtime.v8",
            "code": {"local": {"filename": MODULE}},
        },
        "configuration": {
            "@type": "type.googleapis.com/google.protobuf.StringValue",
            // Of its own line, so that it stands there without quotes and escapes.
            "value": format!("{}\n", compilation.plugin_config),
        },
    });
    typed(
        GUARD,
        "filters.http.wasm.v3.Wasm",
        &json!({"config": plugin}),
    )
}

fn access_log() -> Value {
    typed(
        "envoy.access_loggers.file",
        "access_loggers.file.v3.FileAccessLog",
        &json!({
            "path": "/dev/stdout",
            "log_format": {
                "json_format": access_log::fields("%PATH(NQ)%"),
                "omit_empty_values": true,
            },
        }),
    )
}

fn mutual_tls() -> Value {
    let file = |name: &str| json!({"filename": format!("{CERTIFICATES}/{name}")});
    typed(
        "envoy.transport_sockets.tls",
        "transport_sockets.tls.v3.DownstreamTlsContext",
        &json!({
            "require_client_certificate": true,
            "common_tls_context": {
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_3"},
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_certificates": [{
                    "certificate_chain": file("tls.crt"),
                    "private_key": file("tls.key"),
                }],
                "validation_context": {"trusted_ca": file("ca.crt")},
            },
        }),
    )
}

fn clusters(policy: &Policy) -> Vec<Value> {
    let server = cluster("mcp_server", UPSTREAM_HOST, upstream_port(policy));
    [server].into_iter().chain(jwt::clusters(policy)).collect()
}

fn cluster(name: &str, host: &str, port: u16) -> Value {
    json!({
        "name": name,
        "type": "STRICT_DNS",
        "connect_timeout": "5s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(host, port)}}]}],
        },
    })
}

fn address(host: &str, port: u16) -> Value {
    json!({"socket_address": {"address": host, "port_value": port}})
}

fn typed(name: &str, kind: &str, config: &Value) -> Value {
    let mut typed = json!({"@type": format!("{API}.{kind}")});
    if let (Some(typed), Some(config)) = (typed.as_object_mut(), config.as_object()) {
        typed.extend(config.clone());
    }
    json!({"name": name, "typed_config": typed})
}
