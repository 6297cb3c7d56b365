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
