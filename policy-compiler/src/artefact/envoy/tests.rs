use super::*;
use crate::testing::{DEPLOYMENT, POLICY, compiled};

fn text(policy: &str) -> String {
    config(&compiled(policy, DEPLOYMENT))
}

#[test]
fn what_differs_stands_on_top() {
    let text = text(POLICY);
    for line in [
        "#   callers connect to: 0.0.0.0:8080",
        "#   the MCP server, which must not be reachable otherwise: 127.0.0.1:8081",
        "#   the filter: /etc/mcp-guard/mcp_guard_filter.wasm",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
}

#[test]
fn the_plugin_configuration_is_a_line_of_its_own() {
    let compilation = compiled(POLICY, DEPLOYMENT);
    let text = config(&compilation);
    let mut lines = text.lines().map(str::trim);
    assert!(
        lines.any(|line| line == compilation.plugin_config),
        "{text}"
    );
}

#[test]
fn callers_known_by_certificate_need_one() {
    assert!(text(POLICY).contains("require_client_certificate: true"));
    let jwt = "jwt: { issuer: i, audiences: [a], jwks_uri: \"https://idp.example.com:8443/keys\" }";
    let text = text(&POLICY.replace("service_accounts: [gateway/ai-gateway]", jwt));
    assert!(!text.contains("require_client_certificate"), "{text}");
    assert!(text.contains("port_value: 8443"), "{text}");
}

#[test]
fn a_larger_request_has_a_larger_buffer() {
    let limit = |limits: &str| {
        let text = text(&format!("{POLICY}{limits}"));
        let line = text
            .lines()
            .find(|line| line.contains("buffer_limit"))
            .unwrap();
        line.trim().to_owned()
    };
    assert_eq!(limit(""), "per_connection_buffer_limit_bytes: 1048576");
    assert_eq!(
        limit("limits: { request_bytes: 4194304 }"),
        "per_connection_buffer_limit_bytes: 4194304"
    );
}

#[test]
fn what_istio_would_do_is_missed_aloud() {
    let jwt = "jwt: { issuer: \"https://idp.example.com\", audiences: [a] }";
    let policy = POLICY.replace("service_accounts: [gateway/ai-gateway]", jwt);
    let text = text(&policy);
    for line in [
        "# Without Istio, these open paths are answered to whoever can connect: [\"/healthz\"]",
        "# Tokens of \"https://idp.example.com\" are not verified, and their callers refused: the policy names no `jwks_uri`",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
    let mut found = Diagnostics::default();
    check(&compiled(&policy, DEPLOYMENT), &mut found);
    let codes: Vec<_> = found.into_sorted().iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::KeysUnknown]);
}
