//! RequestAuthentication: whoever brings an issuer's keys can make its tokens.

use super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostics;
use crate::policy::Jwt;
use crate::yaml::Node;

pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    let labels = manifest.at(&["spec", "selector", "matchLabels"]);
    if subject.is_own(manifest) || !subject.is_selected(labels) {
        return;
    }
    for rule in manifest.items(&["spec", "jwtRules"]) {
        let issuer = rule.get("issuer").and_then(Node::scalar);
        let callers = subject.policy.callers.values();
        let mut tokens = callers.filter_map(|caller| caller.value.jwt.as_ref());
        let other = tokens
            .find(|jwt| issuer == Some(jwt.issuer.value.as_str()) && !brings_same_keys(rule, jwt));
        if let Some(jwt) = other {
            let message = format!(
                "{} verifies tokens of `{}` by other keys",
                manifest.title(),
                jwt.issuer.value
            );
            let keys = rule.get("jwks").or_else(|| rule.get("jwksUri"));
            found.push(
                weakened(keys.map_or(rule.span, |keys| keys.span), message)
                    .label("whoever holds these keys can make tokens of this issuer")
                    .also(jwt.issuer.span, "named here")
                    .help("give the `jwks_uri` of the policy, or take this workload out of its selector")
                    .warning(),
            );
        }
    }
}

fn brings_same_keys(rule: &Node, jwt: &Jwt) -> bool {
    let uri = rule.get("jwksUri").and_then(Node::scalar);
    let ours = jwt.jwks_uri.as_ref().map(|uri| uri.value.as_str());
    rule.get("jwks").is_none() && uri == ours
}
