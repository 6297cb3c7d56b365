//! Callers that bring a token.

use super::istio::{Request, Token, allowed, passes, passes_beside_allow_all};
use crate::artefact::Object;
use crate::testing::{DEPLOYMENT, POLICY, objects_of, only};

const GATEWAY: &str = "cluster.local/ns/gateway/sa/ai-gateway";
const BOT: &str = "cluster.local/ns/ci/sa/bot";
const RESOURCE: &str = "/.well-known/oauth-protected-resource/mcp";

const GOOD: Token<'_> = Token {
    issuer: "https://idp.example.com/",
    audience: "github-mcp",
    groups: &["release", "staff"],
};

const CALL: Request<'_> = Request {
    principal: Some(BOT),
    port: 8080,
    http: Some(("/mcp", "POST")),
    token: Some(GOOD),
};

const JWT: &str = "jwt: { issuer: \"https://idp.example.com/\", audiences: [github-mcp], claims: { groups: [release] } }";

/// The gateway needs no token; the other does.
fn objects(peer: &str) -> Vec<Object> {
    let caller = format!("\n  bot: {{ {peer} {JWT} }}\nallow:");
    objects_of(&POLICY.replacen("\nallow:", &caller, 1), DEPLOYMENT)
}

fn with_peer() -> Vec<Object> {
    objects("service_accounts: [ci/bot],")
}

fn refused(objects: &[Object], request: Request<'_>) {
    let what = (request.principal, request.http);
    assert!(!passes(objects, request), "{what:?}");
}

#[test]
fn a_caller_with_its_token_passes() {
    for objects in [with_peer(), objects("")] {
        assert!(passes(&objects, CALL));
        assert!(passes(
            &objects,
            Request {
                http: Some(("/healthz", "GET")),
                ..CALL
            }
        ));
    }
}

#[test]
fn a_token_that_says_something_else_is_refused() {
    for objects in [with_peer(), objects("")] {
        for token in [
            Token {
                issuer: "https://evil.example",
                ..GOOD
            },
            Token {
                audience: "other",
                ..GOOD
            },
            Token {
                groups: &["staff"],
                ..GOOD
            },
            Token {
                groups: &[],
                ..GOOD
            },
        ] {
            refused(
                &objects,
                Request {
                    token: Some(token),
                    ..CALL
                },
            );
        }
        let foreign = Token {
            issuer: "https://evil.example",
            ..GOOD
        };
        assert!(!passes_beside_allow_all(
            &objects,
            Request {
                token: Some(foreign),
                ..CALL
            }
        ));
    }
}

#[test]
fn an_issuer_whose_name_goes_on_is_another() {
    let nested = Token {
        issuer: "https://idp.example.com//other",
        ..GOOD
    };
    for objects in [with_peer(), objects("")] {
        for http in [("/mcp", "POST"), ("/healthz", "GET")] {
            let request = Request {
                http: Some(http),
                token: Some(nested),
                ..CALL
            };
            assert!(!allowed(&objects, request), "{http:?}");
            assert!(!passes_beside_allow_all(&objects, request), "{http:?}");
        }
    }
}

#[test]
fn a_missing_token_goes_to_the_filter_and_nowhere_else() {
    for objects in [with_peer(), objects("")] {
        let without = Request {
            token: None,
            ..CALL
        };
        assert!(passes(&objects, without), "the filter refuses it");
        for (path, method) in [("/healthz", "GET"), ("/other", "POST"), ("/mcp", "PUT")] {
            let request = Request {
                http: Some((path, method)),
                ..without
            };
            refused(&objects, request);
            assert!(!passes_beside_allow_all(&objects, request), "{path}");
            assert!(!allowed(&objects, request), "{path}");
        }
    }
}

#[test]
fn discovery_works_without_a_token_for_those_who_need_one() {
    let objects = with_peer();
    let discovery = Request {
        http: Some((RESOURCE, "GET")),
        token: None,
        ..CALL
    };
    assert!(passes(&objects, discovery));
    refused(
        &objects,
        Request {
            http: Some((RESOURCE, "POST")),
            ..discovery
        },
    );
    refused(
        &objects,
        Request {
            principal: Some("cluster.local/ns/x/sa/y"),
            ..discovery
        },
    );
    refused(
        &objects,
        Request {
            http: Some(("/.well-known/oauth-protected-resource/mcp/x", "GET")),
            ..discovery
        },
    );
}

#[test]
fn a_caller_without_a_token_is_not_asked_for_one() {
    let objects = with_peer();
    let gateway = Request {
        principal: Some(GATEWAY),
        token: None,
        ..CALL
    };
    assert!(passes(&objects, gateway));
    assert!(passes(
        &objects,
        Request {
            http: Some(("/healthz", "GET")),
            ..gateway
        }
    ));
}

#[test]
fn a_token_alone_still_needs_a_peer_of_the_mesh() {
    let objects = objects("");
    let nobody = Request {
        principal: None,
        ..CALL
    };
    refused(&objects, nobody);
    assert!(!passes_beside_allow_all(&objects, nobody));
}

#[test]
fn another_peer_with_the_token_is_refused() {
    let objects = with_peer();
    let thief = Request {
        principal: Some("cluster.local/ns/x/sa/y"),
        ..CALL
    };
    refused(&objects, thief);
    assert!(!passes_beside_allow_all(&objects, thief));
}

#[test]
fn tokens_are_read_from_one_header_and_stripped_unless_asked_for() {
    let rules =
        |objects: &[Object]| only(objects, "RequestAuthentication")["spec"]["jwtRules"].clone();
    let plain = rules(&with_peer());
    assert_eq!(plain.as_array().unwrap().len(), 1);
    assert_eq!(plain[0]["fromHeaders"][0]["name"], "Authorization");
    assert_eq!(plain[0]["audiences"], serde_json::json!(["github-mcp"]));
    for absent in ["fromParams", "forwardOriginalToken", "jwksUri"] {
        assert!(plain[0].get(absent).is_none(), "{absent}");
    }
    let policy = POLICY.replace(
        "user: {",
        "jwt: { issuer: i, audiences: [a], jwks_uri: \"https://i/k\", forward_original_token: true }, user: {",
    );
    let asked = rules(&objects_of(&policy, DEPLOYMENT));
    assert_eq!(asked[0]["forwardOriginalToken"], true);
    assert_eq!(asked[0]["jwksUri"], "https://i/k");
}
