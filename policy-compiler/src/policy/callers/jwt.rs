//! `jwt`: the token that a caller brings.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::https::Authority;
use crate::source::{Span, Spanned};
use crate::yaml::{
    Node,
    fields::{self, Fields},
};

/// A token, verified by Istio.
#[derive(Clone, Debug)]
pub struct Jwt {
    /// Where it is asked for.
    pub span: Span,
    /// The exact `iss`.
    pub issuer: Spanned<String>,
    /// One of these is in `aud`.
    pub audiences: Vec<Spanned<String>>,
    /// Where the issuer's keys are; absent, by OpenID discovery.
    pub jwks_uri: Option<Spanned<String>>,
    /// For every claim, one of the values.
    pub claims: Vec<(Spanned<String>, Vec<Spanned<String>>)>,
    /// Where a client that brings no token learns how to get one.
    pub resource_metadata: Option<Spanned<String>>,
    /// Leave `Authorization` on the request to the server.
    pub forward_original_token: bool,
}

pub(in crate::policy) const KEYS: &[&str] = &[
    "issuer",
    "audiences",
    "jwks_uri",
    "claims",
    "resource_metadata",
    "forward_original_token",
];

pub(super) fn read(node: &Node, found: &mut Diagnostics) -> Option<Jwt> {
    let fields = Fields::read(node, KEYS, found)?;
    fields.require("issuer", found);
    let audiences = fields.texts("audiences", found);
    if audiences.is_empty() {
        let message = "a token without an `audiences` list would be any token of that issuer";
        found.push(
            Diagnostic::new(Code::MissingKey, node.span, message)
                .help("name the audience of this server: `audiences: [github-mcp]`"),
        );
    }
    let issuer = fields.text("issuer", found);
    for value in issuer.iter().chain(&audiences) {
        check_literal(value, found);
    }
    let jwks_uri = https(&fields, "jwks_uri", found);
    let resource_metadata = https(&fields, "resource_metadata", found);
    let claims = fields.get("claims").map(|node| claims(node, found));
    let forward = fields.flag("forward_original_token", found);
    Some(Jwt {
        span: node.span,
        issuer: issuer?,
        audiences,
        jwks_uri,
        resource_metadata,
        claims: claims.unwrap_or_default(),
        forward_original_token: forward.is_some_and(|flag| flag.value),
    })
}

fn https(fields: &Fields<'_>, key: &str, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let uri = fields.text(key, found)?;
    if Authority::of(&uri.value).is_none() {
        let message = format!("`{}` is not an `https://` address", uri.value);
        found.push(
            Diagnostic::new(Code::Malformed, uri.span, message)
                .label("`https://HOST[:PORT]/PATH`, without user information and fragment"),
        );
    }
    Some(uri)
}

fn claims(node: &Node, found: &mut Diagnostics) -> Vec<(Spanned<String>, Vec<Spanned<String>>)> {
    let Some(fields) = Fields::any(node, found) else {
        return Vec::new();
    };
    let mut claims = Vec::new();
    for (name, node) in fields.entries() {
        check_claim(name, found);
        let items = fields::sequence(node, found).unwrap_or_default();
        let values: Vec<_> = items
            .iter()
            .filter_map(|item| fields::text(item, found))
            .collect();
        if values.is_empty() {
            let message = format!("no value of the claim `{}` would do", name.value);
            found.push(Diagnostic::new(Code::Malformed, node.span, message));
        }
        for value in &values {
            check_literal(value, found);
        }
        claims.push((name.clone(), values));
    }
    claims
}

/// What a token must say to the letter. An AuthorizationPolicy has no letter for `*`: at either end it
/// is a pattern there (Istio, "Authorization Policy", value matching), and the filter would disagree.
fn check_literal(value: &Spanned<String>, found: &mut Diagnostics) {
    let text = value.value.as_str();
    if !text.is_empty() && !text.starts_with('*') && !text.ends_with('*') {
        return;
    }
    let message = format!("`{text}` cannot be compared to the letter");
    found.push(
        Diagnostic::new(Code::Malformed, value.span, message)
            .label("not empty, and no `*` at its beginning or end: Istio takes that for a pattern")
            .help("write out every value that is meant"),
    );
}

/// The name of a claim of the token itself. In `request.auth.claims[NAME]`, brackets lead into
/// claims, and the filter knows none within others.
fn check_claim(name: &Spanned<String>, found: &mut Diagnostics) {
    if !name.value.is_empty() && !name.value.contains(['[', ']']) {
        return;
    }
    let message = format!("`{}` is not the name of a claim", name.value);
    found.push(
        Diagnostic::new(Code::Malformed, name.span, message)
            .label("not empty, and without `[` and `]`, which Istio reads as steps"),
    );
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::testing::{DEPLOYMENT, POLICY, try_compiled};

    fn malformed(jwt: &str) -> bool {
        let policy = POLICY.replace("user: {", &format!("jwt: {{ {jwt} }}, user: {{"));
        let (_, found) = try_compiled(&policy, DEPLOYMENT);
        found.iter().any(|found| found.code == Code::Malformed)
    }

    #[test]
    fn what_istio_would_take_for_a_pattern_is_refused() {
        assert!(!malformed(
            "issuer: i, audiences: [a*b], claims: { \"https://x/groups\": [r*s] }"
        ));
        for jwt in [
            "issuer: \"i*\", audiences: [a]",
            "issuer: \"*\", audiences: [a]",
            "issuer: \"\", audiences: [a]",
            "issuer: i, audiences: [\"*\"]",
            "issuer: i, audiences: [\"a*\"]",
            "issuer: i, audiences: [\"*a\"]",
            "issuer: i, audiences: [a], claims: { groups: [\"*\"] }",
            "issuer: i, audiences: [a], claims: { groups: [\"rel*\"] }",
            "issuer: i, audiences: [a], claims: { \"realm[roles]\": [r] }",
            "issuer: i, audiences: [a], claims: { \"a][b\": [r] }",
        ] {
            assert!(malformed(jwt), "{jwt}");
        }
    }

    #[test]
    fn keys_come_from_where_the_address_says() {
        assert!(!malformed(
            "issuer: i, audiences: [a], jwks_uri: \"https://i/k\""
        ));
        for uri in ["https://i@evil.example/k", "http://i/k", "https:///k"] {
            let jwt = format!("issuer: i, audiences: [a], jwks_uri: \"{uri}\"");
            assert!(malformed(&jwt), "{uri}");
        }
    }
}
