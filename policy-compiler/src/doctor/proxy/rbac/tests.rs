//! Rules as istiod 1.31 writes them, beside what they are written from.

use super::{Standing, compare, compiled};
use crate::source::{Sources, Span, Spanned};
use serde_json::{Value, json};

/// What a rule is, held against what istiod makes of it.
fn standing(
    action: &str,
    is_http: bool,
    domains: &[&str],
    rule: &Value,
    there: &Value,
) -> Standing {
    let file = Sources::default().add("deploy.yaml", "");
    let (start, end) = (0, 0);
    let span = Span { file, start, end };
    let domain = |name: &&str| Spanned {
        value: (*name).to_owned(),
        span,
    };
    let trust_domains: Vec<_> = domains.iter().map(domain).collect();
    let place = compiled::Place {
        action,
        namespace: "ai-agents",
        is_http,
        trust_domains: &trust_domains,
    };
    match compiled::rule(rule, place) {
        Some(wanted) => compare(0, &wanted, there, &trust_domains),
        None => Standing::Lacks,
    }
}

fn claim(key: &str, value: Value) -> Value {
    let path = json!([{"key": "payload"}, {"key": key}]);
    json!({"metadata": {"filter": "envoy.filters.http.jwt_authn", "path": path, "value": value}})
}

fn listed(value: Value) -> Value {
    json!({"list_match": {"one_of": value}})
}

fn exact(text: &str) -> Value {
    json!({"string_match": {"exact": text}})
}

fn anything() -> Value {
    json!({"string_match": {"safe_regex": {"regex": ".+"}}})
}

fn peer(matcher: Value) -> Value {
    json!({"authenticated": {"principal_name": matcher}})
}

fn any_port() -> Value {
    json!([{"and_rules": {"rules": [{"or_rules": {"rules": [{"destination_port": 8080}]}}]}}])
}

const IDP: &str = "https://idp.example.com";

#[test]
fn rules_about_tokens() {
    let rule = json!({
        "from": [{"source": {"principals": ["*"], "requestPrincipals": [format!("{IDP}/*")]}}],
        "to": [{"operation": {"ports": ["8080"]}}],
        "when": [
            {"key": "request.auth.claims[iss]", "values": [IDP]},
            {"key": "request.auth.audiences", "values": ["a", "b"]},
            {"key": "request.auth.claims[realm][roles]", "values": ["reader"]},
        ],
    });
    let roles = json!({"metadata": {
        "filter": "envoy.filters.http.jwt_authn",
        "path": [{"key": "payload"}, {"key": "realm"}, {"key": "roles"}],
        "value": listed(exact("reader")),
    }});
    let there = |issuer: &str| {
        let audiences = json!({"or_match": {"value_matchers": [exact("a"), exact("b")]}});
        let ids = json!([
            {"or_ids": {"ids": [peer(json!({"safe_regex": {"regex": ".+"}}))]}},
            {"and_ids": {"ids": [claim("iss", exact(issuer)), claim("sub", anything())]}},
            claim("iss", listed(exact(issuer))),
            claim("aud", listed(audiences)),
            roles,
        ]);
        json!({"permissions": any_port(), "principals": [{"and_ids": {"ids": ids}}]})
    };
    let standing = |is_http, there: &Value| standing("ALLOW", is_http, &[], &rule, there);
    assert_eq!(standing(true, &there(IDP)), Standing::AsCompiled);
    assert_eq!(
        standing(true, &there("https://other.example")),
        Standing::Differs(format!(
            "rule 0, new: token [payload][iss] is `https://other.example`; gone: token [payload][iss] is `{IDP}`"
        ))
    );
    // Where bytes are passed, istiod leaves such an ALLOW out.
    assert_eq!(standing(false, &there(IDP)), Standing::Lacks);
}

#[test]
fn a_deny_of_other_tokens() {
    let rule = json!({
        "from": [{"source": {
            "notPrincipals": ["cluster.local/ns/ops/sa/*"], "requestPrincipals": ["*"],
        }}],
        "to": [{"operation": {"ports": ["8080"]}}],
        "when": [{"key": "request.auth.claims[iss]", "notValues": [IDP]}],
    });
    let plain = json!({"not_id": {"or_ids": {"ids": [
        peer(json!({"prefix": "spiffe://cluster.local/ns/ops/sa/"})),
    ]}}});
    let tokens = json!({"and_ids": {"ids": [claim("iss", anything()), claim("sub", anything())]}});
    let issuer = json!({"not_id": claim("iss", listed(exact(IDP)))});
    let there =
        |ids: Value| json!({"permissions": any_port(), "principals": [{"and_ids": {"ids": ids}}]});
    let of_http = there(json!([plain, tokens, issuer]));
    let of_bytes = there(json!([plain]));
    let standing = |is_http, there: &Value| standing("DENY", is_http, &[], &rule, there);
    assert_eq!(standing(true, &of_http), Standing::AsCompiled);
    assert_eq!(standing(false, &of_bytes), Standing::AsCompiled);
    assert_ne!(standing(true, &of_bytes), Standing::AsCompiled);
    assert_ne!(standing(false, &of_http), Standing::AsCompiled);
}

#[test]
fn a_principal_stands_once_for_each_name_of_the_trust_domain() {
    let rule = json!({
        "from": [{"source": {"principals": ["cluster.local/ns/a/sa/b"]}}],
        "to": [{"operation": {"ports": ["8080"]}}],
    });
    let there = |domains: &[&str]| {
        let of = |domain: &&str| peer(json!({"exact": format!("spiffe://{domain}/ns/a/sa/b")}));
        let ids: Vec<Value> = domains.iter().map(of).collect();
        let ids = json!([{"or_ids": {"ids": ids}}]);
        json!({"permissions": any_port(), "principals": [{"and_ids": {"ids": ids}}]})
    };
    for (own, written, is_fine) in [
        (&[][..], &["cluster.local"][..], true),
        (&["prod.example"], &["prod.example"], true),
        (
            &["prod.example", "old.example"],
            &["prod.example", "old.example"],
            true,
        ),
        (&["prod.example"], &["prod.example", "far.example"], false),
        (&[], &["prod.example"], false),
    ] {
        let standing = standing("ALLOW", true, own, &rule, &there(written));
        assert_eq!(
            standing == Standing::AsCompiled,
            is_fine,
            "{own:?}: {written:?}"
        );
    }
}

/// Conditions of other fields than the compiler's own, which others' policies have.
#[test]
fn further_fields_of_sources_and_operations() {
    let regex = |regex: &str| peer(json!({"safe_regex": {"regex": regex}}));
    let header =
        |name: &str, matcher: Value| json!({"header": {"name": name, "string_match": matcher}});
    let block = |prefix: &str, length: u8| json!({"address_prefix": prefix, "prefix_len": length});
    for (source, id) in [
        (json!({"namespaces": ["a"]}), regex(".*/ns/a/.*")),
        (json!({"namespaces": ["team-*"]}), regex(".*/ns/team-.*/.*")),
        (
            json!({"serviceAccounts": ["a/b"]}),
            regex("spiffe://.+/ns/a/(.+/|)sa/b(/.+)?"),
        ),
        (
            json!({"serviceAccounts": ["b"]}),
            regex("spiffe://.+/ns/ai-agents/(.+/|)sa/b(/.+)?"),
        ),
        (
            json!({"ipBlocks": ["10.0.0.0/8"]}),
            json!({"direct_remote_ip": block("10.0.0.0", 8)}),
        ),
        (
            json!({"ipBlocks": ["10.0.0.1"]}),
            json!({"direct_remote_ip": block("10.0.0.1", 32)}),
        ),
        (
            json!({"remoteIpBlocks": ["::1"]}),
            json!({"remote_ip": block("::1", 128)}),
        ),
    ] {
        let rule = json!({"from": [{"source": source}]});
        let there = json!({"permissions": [{"any": true}], "principals": [id]});
        for is_http in [true, false] {
            let standing = standing("ALLOW", is_http, &[], &rule, &there);
            assert_eq!(standing, Standing::AsCompiled, "{rule}");
        }
    }
    for (operation, permission) in [
        (
            json!({"hosts": ["a.example"]}),
            header(
                ":authority",
                json!({"exact": "a.example", "ignore_case": true}),
            ),
        ),
        (
            json!({"hosts": ["*.example"]}),
            header(
                ":authority",
                json!({"suffix": ".example", "ignore_case": true}),
            ),
        ),
        (
            json!({"hosts": ["*"]}),
            json!({"header": {"name": ":authority", "present_match": true}}),
        ),
        (
            json!({"methods": ["*"]}),
            json!({"header": {"name": ":method", "present_match": true}}),
        ),
        (
            json!({"ports": [], "methods": ["GET"]}),
            header(":method", json!({"exact": "GET"})),
        ),
    ] {
        let rule = json!({"to": [{"operation": operation}]});
        let there = json!({"permissions": [permission], "principals": [{"any": true}]});
        let standing = standing("ALLOW", true, &[], &rule, &there);
        assert_eq!(standing, Standing::AsCompiled, "{rule}");
    }
    let kept = header(":authority", json!({"exact": "a.example"}));
    let rule = json!({"to": [{"operation": {"hosts": ["a.example"]}}]});
    let there = json!({"permissions": [kept], "principals": [{"any": true}]});
    assert!(matches!(
        standing("ALLOW", true, &[], &rule, &there),
        Standing::Differs(_)
    ));
    let unknown = json!({"from": [{"source": {"stars": ["a"]}}]});
    assert!(matches!(
        standing("ALLOW", true, &[], &unknown, &there),
        Standing::Unread(_)
    ));
}

/// istiod writes a rule's conditions to each of its sources, or to each of its operations.
#[test]
fn conditions_stand_with_each_source_or_operation() {
    let rule = json!({
        "from": [{"source": {"namespaces": ["a"]}}, {"source": {"namespaces": ["b"]}}],
        "to": [{"operation": {"methods": ["GET"]}}, {"operation": {"methods": ["PUT"]}}],
        "when": [
            {"key": "request.headers[x]", "values": ["1"]},
            {"key": "source.ip", "notValues": ["10.0.0.1"]},
            {"key": "destination.port", "values": ["8080"]},
            {"key": "connection.sni", "values": ["a.example"]},
        ],
    });
    let header =
        |name: &str, text: &str| json!({"header": {"name": name, "string_match": {"exact": text}}});
    let ids = |namespace: &str| {
        let regex = format!(".*/ns/{namespace}/.*");
        let address = json!({"direct_remote_ip": {"address_prefix": "10.0.0.1", "prefix_len": 32}});
        json!({"and_ids": {"ids": [
            peer(json!({"safe_regex": {"regex": regex}})),
            header("x", "1"),
            {"not_id": address},
        ]}})
    };
    let rules = |method: &str| {
        json!({"and_rules": {"rules": [
            header(":method", method),
            {"destination_port": 8080},
            {"requested_server_name": {"exact": "a.example"}},
        ]}})
    };
    let there =
        json!({"permissions": [rules("GET"), rules("PUT")], "principals": [ids("a"), ids("b")]});
    assert_eq!(
        standing("ALLOW", true, &[], &rule, &there),
        Standing::AsCompiled
    );
}
