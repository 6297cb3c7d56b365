//! Tokens of callers, verified as Istio does it for a RequestAuthentication.

use super::{cluster, typed};
use crate::https::Authority;
use crate::policy::{Jwt, Policy};
use crate::source::Spanned;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the callers of one issuer ask for. The filter asks for each caller's own audience again.
struct Issuer<'a> {
    name: &'a str,
    audiences: BTreeSet<&'a str>,
    keys: Keys<'a>,
    forward: bool,
}

/// Where an issuer's keys are.
struct Keys<'a> {
    uri: &'a str,
    host: &'a str,
    port: u16,
}

/// The filter that verifies tokens. None: no caller brings one.
pub(super) fn filter(policy: &Policy) -> Option<Value> {
    let issuers = issuers(policy);
    if issuers.is_empty() {
        return None;
    }
    let mut providers = Map::new();
    let mut any = Vec::new();
    for (index, issuer) in issuers.iter().enumerate() {
        let name = name(index);
        any.push(json!({"provider_name": name}));
        providers.insert(name.clone(), provider(issuer, &name));
    }
    // Who may come without a token, the guard knows: it asks for the caller's.
    any.push(json!({"allow_missing": {}}));
    let requires = json!({"requires_any": {"requirements": any}});
    Some(typed(
        "envoy.filters.http.jwt_authn",
        "filters.http.jwt_authn.v3.JwtAuthentication",
        &json!({
            "providers": providers,
            "rules": [{"match": {"prefix": "/"}, "requires": requires}],
            "bypass_cors_preflight": true,
        }),
    ))
}

/// The servers that hold the issuers' keys.
pub(super) fn clusters(policy: &Policy) -> Vec<Value> {
    let issuers = issuers(policy);
    issuers
        .iter()
        .enumerate()
        .map(|(index, issuer)| {
            let keys = &issuer.keys;
            let mut cluster = cluster(&name(index), keys.host, keys.port);
            if let Some(cluster) = cluster.as_object_mut() {
                cluster.insert("transport_socket".into(), tls(keys.host));
            }
            cluster
        })
        .collect()
}

/// The issuers whose keys are not told.
pub(super) fn without_keys(policy: &Policy) -> impl Iterator<Item = &Spanned<String>> {
    let callers = policy.callers.values();
    let tokens = callers.filter_map(|entry| entry.value.jwt.as_ref());
    tokens
        .filter(|jwt| keys(jwt).is_none())
        .map(|jwt| &jwt.issuer)
}

/// Envoy asks no issuer where its keys are: without `jwks_uri`, tokens are not verified and their
/// callers not recognised.
fn issuers(policy: &Policy) -> Vec<Issuer<'_>> {
    let mut issuers: BTreeMap<(&str, &str), Issuer<'_>> = BTreeMap::new();
    let callers = policy.callers.values();
    for jwt in callers.filter_map(|entry| entry.value.jwt.as_ref()) {
        let Some(keys) = keys(jwt) else { continue };
        let key = (jwt.issuer.value.as_str(), keys.uri);
        let issuer = issuers.entry(key).or_insert(Issuer {
            name: &jwt.issuer.value,
            audiences: BTreeSet::new(),
            keys,
            forward: false,
        });
        let audiences = jwt.audiences.iter();
        issuer
            .audiences
            .extend(audiences.map(|audience| audience.value.as_str()));
        issuer.forward |= jwt.forward_original_token;
    }
    issuers.into_values().collect()
}

fn keys(jwt: &Jwt) -> Option<Keys<'_>> {
    let uri = jwt.jwks_uri.as_ref()?.value.as_str();
    let Authority { host, port } = Authority::of(uri)?;
    Some(Keys { uri, host, port })
}

fn name(index: usize) -> String {
    format!("issuer_{index}")
}

fn provider(issuer: &Issuer<'_>, cluster: &str) -> Value {
    json!({
        "issuer": issuer.name,
        "audiences": issuer.audiences,
        "remote_jwks": {
            "http_uri": {"uri": issuer.keys.uri, "cluster": cluster, "timeout": "5s"},
            "cache_duration": "300s",
        },
        // Not from the query: a token there ends up in logs.
        "from_headers": [{"name": "Authorization", "value_prefix": "Bearer "}],
        "payload_in_metadata": "payload",
        "normalize_payload_in_metadata": {"space_delimited_claims": ["scope", "permission"]},
        "forward": issuer.forward,
    })
}

fn tls(host: &str) -> Value {
    typed(
        "envoy.transport_sockets.tls",
        "transport_sockets.tls.v3.UpstreamTlsContext",
        &json!({
            "sni": host,
            "common_tls_context": {"validation_context": {
                "trusted_ca": {"filename": "/etc/ssl/certs/ca-certificates.crt"},
                "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": host}}],
            }},
        }),
    )
}
