//! Tokens: which are verified, and what a verified one must say.

use super::callers::Callers;
use super::{Object, object, selector};
use crate::compilation::Compilation;
use crate::deployment::Deployment;
use crate::policy::Jwt;
use crate::source::values;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The claim that says who issued a token.
pub(super) const ISSUER: &str = "request.auth.claims[iss]";

/// What an AuthorizationPolicy asks of a caller's token. `ISSUER/*` of the request principal is a
/// prefix, which the tokens of `ISSUER/OTHER` have, too: the claim alone is compared as a whole.
pub(super) fn conditions(jwt: &Jwt) -> Vec<Value> {
    let issuer = json!({"key": ISSUER, "values": [jwt.issuer.value]});
    let audiences = json!({
        "key": "request.auth.audiences",
        "values": values(&jwt.audiences).collect::<Vec<_>>(),
    });
    let claims = jwt.claims.iter().map(|(name, accepted)| {
        json!({
            "key": format!("request.auth.claims[{}]", name.value),
            "values": values(accepted).collect::<Vec<_>>(),
        })
    });
    [issuer, audiences].into_iter().chain(claims).collect()
}

/// Verifies tokens. It refuses broken ones alone: a missing one passes, and is left to the rules.
pub(super) fn request_authentication(
    compilation: &Compilation,
    deployment: &Deployment,
    callers: &Callers<'_>,
) -> Option<Object> {
    let mut issuers: BTreeMap<&str, Vec<&Jwt>> = BTreeMap::new();
    for caller in &callers.with_token {
        let issuer = caller.jwt.issuer.value.as_str();
        issuers.entry(issuer).or_default().push(caller.jwt);
    }
    let rules: Vec<Value> = issuers.values().filter_map(|jwts| rule(jwts)).collect();
    let name = &compilation.policy.server.value;
    let spec = json!({"selector": selector(deployment), "jwtRules": rules});
    let object = || object("RequestAuthentication", name, deployment).with("spec", spec);
    (!rules.is_empty()).then(object)
}

/// How tokens of one issuer are verified. Callers agree on it (see `checks`).
fn rule(jwts: &[&Jwt]) -> Option<Value> {
    let first = jwts.first()?;
    let audiences: BTreeSet<&str> = jwts.iter().flat_map(|jwt| values(&jwt.audiences)).collect();
    let mut rule = json!({
        "issuer": first.issuer.value,
        "audiences": audiences,
        // Named, so that the default places, of which one is a query parameter, are not looked at.
        "fromHeaders": [{"name": "Authorization", "prefix": "Bearer "}],
    });
    let fields = rule.as_object_mut()?;
    if let Some(uri) = &first.jwks_uri {
        fields.insert("jwksUri".into(), uri.value.clone().into());
    }
    if first.forward_original_token {
        fields.insert("forwardOriginalToken".into(), true.into());
    }
    Some(rule)
}
