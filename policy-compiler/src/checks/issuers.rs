//! Issuers of tokens: Istio verifies an issuer's tokens in one way, whoever brings them.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Jwt, Policy};
use std::collections::BTreeMap;

pub(super) fn check(policy: &Policy, found: &mut Diagnostics) {
    let callers = policy.callers.values();
    let mut issuers: BTreeMap<&str, &Jwt> = BTreeMap::new();
    for jwt in callers.filter_map(|entry| entry.value.jwt.as_ref()) {
        let issuer = jwt.issuer.value.as_str();
        let first = *issuers.entry(issuer).or_insert(jwt);
        if is_verified_alike(first, jwt) {
            continue;
        }
        let message = format!("tokens of `{issuer}` are verified in two ways");
        found.push(
            Diagnostic::new(Code::IssuerConflict, jwt.span, message)
                .also(first.span, "the other way")
                .help("give both the same `jwks_uri` and `forward_original_token`"),
        );
    }
}

fn is_verified_alike(one: &Jwt, other: &Jwt) -> bool {
    let keys = |jwt: &Jwt| jwt.jwks_uri.as_ref().map(|uri| uri.value.clone());
    keys(one) == keys(other) && one.forward_original_token == other.forward_original_token
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::testing::{DEPLOYMENT, POLICY, try_compiled};

    #[test]
    fn callers_agree_on_an_issuer() {
        let with = |second: &str| {
            let jwt = |more: &str| format!("jwt: {{ issuer: i, audiences: [a]{more} }}");
            let callers = format!(
                "  one: {{ {} }}\n  two: {{ service_accounts: [a/b], {} }}\n  gateway:",
                jwt(", jwks_uri: \"https://i/keys\""),
                jwt(second)
            );
            let (_, found) = try_compiled(&POLICY.replace("  gateway:", &callers), DEPLOYMENT);
            found.iter().any(|found| found.code == Code::IssuerConflict)
        };
        assert!(!with(", jwks_uri: \"https://i/keys\""));
        assert!(with(""));
        assert!(with(", jwks_uri: \"https://i/other\""));
        assert!(with(
            ", jwks_uri: \"https://i/keys\", forward_original_token: true"
        ));
    }
}
