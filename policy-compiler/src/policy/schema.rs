//! What the keys of a policy are about.

use super::{VERSION, approvals, audit, callers, egress, endpoints, imports, limits, rules};
use crate::schema::{
    ANY_NAME, NAME, about, flag, formed, list, map, named, port, text, whole, word,
};
use serde_json::{Value, json};

/// `NAMESPACE/SERVICE-ACCOUNT`.
pub(crate) const SERVICE_ACCOUNT: &str = "^[a-z0-9-]+/[a-z0-9.-]+$";

pub(crate) fn policy() -> Value {
    map(super::KEYS, &["version", "server", "endpoints"], |key| {
        let described = match key {
            "server" => about(
                "Name of the MCP server, as records and metrics show it.",
                text(),
            ),
            "import" => about(
                "Files beside this one that hold callers, tool groups and limits.",
                list(text()),
            ),
            "endpoints" => about("Where the server speaks MCP.", endpoints()),
            "allow" => about(
                "What is granted, by the name of the rule. What no rule grants is refused.",
                named(NAME, rule()),
            ),
            "deny" => about(
                "What is refused although a rule grants it, by the name of the rule.",
                named(NAME, rule()),
            ),
            "approvals" => about(
                "Who approves the calls that need it, and where.",
                approvals(),
            ),
            "egress" => about("What the server may reach. All else is cut.", egress()),
            "audit" => about(
                "What is told to whom.",
                map(audit::KEYS, &[], |key| match key {
                    "disclose_reason" => {
                        let what = "Tell the client why it was refused, in the error's `data`.";
                        Some(about(what, flag()))
                    }
                    "arguments" => Some(about(
                        "What of a call's arguments is recorded.",
                        word(audit::DETAILS),
                    )),
                    "results" => Some(about("What of results is recorded.", word(audit::DETAILS))),
                    "value_bytes" => {
                        let what = "Most bytes of one recorded value; absent: 4096.";
                        Some(about(what, json!({"type": "integer", "minimum": 0})))
                    }
                    "redact" => Some(about(
                        "What is blacked out beside what always is.",
                        redact(),
                    )),
                    _ => None,
                }),
            ),
            _ => return shareable(key),
        };
        Some(described)
    })
}

pub(crate) fn shared() -> Value {
    map(imports::KEYS, &["version"], shareable)
}

pub(crate) fn version() -> Value {
    about("Version of the language.", json!({"const": VERSION}))
}

/// Keys that imported files have, too.
fn shareable(key: &str) -> Option<Value> {
    let described = match key {
        "version" => version(),
        "callers" => about(
            "Who may reach the server, by the name that rules and records use.",
            named(NAME, caller()),
        ),
        "tool_groups" => about("Tools that go by one name.", named(NAME, list(text()))),
        "limits" => about("Sizes and depths.", limits()),
        _ => return None,
    };
    Some(described)
}

fn approvals() -> Value {
    map(approvals::KEYS, &["issuers"], |key| {
        Some(match key {
            "issuers" => about(
                "Who may approve, by the name that its approvals bear.",
                named(NAME, issuer()),
            ),
            "max_lifetime" => about(
                "Longest validity of an approval; absent: `60s`.",
                formed(crate::duration::PATTERN),
            ),
            "url" => about(
                "Where a human approves, with placeholders like `{request}`. Clients are sent there.",
                formed("^https?://"),
            ),
            _ => return None,
        })
    })
}

fn issuer() -> Value {
    map(approvals::ISSUER_KEYS, &[], |key| {
        Some(match key {
            "keys" => about("Its public keys, as JWKs.", list(jwk())),
            "jwks" => about("A file beside this one with its public keys.", text()),
            _ => return None,
        })
    })
}

fn jwk() -> Value {
    map(approvals::JWK_KEYS, &["kid", "kty", "crv", "x"], |key| {
        Some(match key {
            "kid" => about("The key's name.", text()),
            "kty" => about("`OKP` for Ed25519, `EC` for P-256.", text()),
            "crv" => about("`Ed25519` or `P-256`.", text()),
            "x" => about("The point, or its first coordinate, in base64url.", text()),
            "y" => about("The second coordinate of P-256, in base64url.", text()),
            "alg" => about("`EdDSA` or `ES256`.", text()),
            "use" => about("`sig`.", text()),
            "key_ops" => about("`verify`.", list(text())),
            _ => return None,
        })
    })
}

fn endpoints() -> Value {
    let path = || list(formed("^/[^?#*%{}\\\\]*$"));
    map(endpoints::KEYS, &["port"], |key| {
        Some(match key {
            "port" => about("The port of the container.", port()),
            "mcp" => about("Paths of Streamable HTTP.", path()),
            "sse" => about(
                "Paths of the event stream of the 2024-11-05 transport.",
                path(),
            ),
            "message" => about(
                "Paths that messages of the 2024-11-05 transport are posted to.",
                path(),
            ),
            "open" => about("Paths that pass uninspected, as health checks do.", path()),
            "origins" => about(
                "Values of the header `Origin` that are let in.",
                list(text()),
            ),
            "authorities" => about(
                "Values of `:authority` that are let in; none: all.",
                list(text()),
            ),
            "remote" => about(
                "A server outside the mesh: not supported yet.",
                json!({"not": {}}),
            ),
            _ => return None,
        })
    })
}

fn caller() -> Value {
    map(callers::KEYS, &[], |key| {
        Some(match key {
            "service_accounts" => about(
                "Service accounts, as `NAMESPACE/SERVICE-ACCOUNT`.",
                list(formed(SERVICE_ACCOUNT)),
            ),
            "principals" => about(
                "Identities, as `TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`.",
                list(formed("^[a-z0-9.-]+/ns/[a-z0-9-]+/sa/[a-z0-9.-]+$")),
            ),
            "namespaces" => about("Every service account of these namespaces.", list(text())),
            "jwt" => about("The token that it must bring.", jwt()),
            "user" => about(
                "How it names the human user.",
                map(callers::user::KEYS, &["header"], |key| match key {
                    "header" => {
                        let what = "The header, believed from this caller alone.";
                        Some(about(what, formed("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")))
                    }
                    _ => None,
                }),
            ),
            _ => return None,
        })
    })
}

fn jwt() -> Value {
    map(callers::jwt::KEYS, &["issuer", "audiences"], |key| {
        Some(match key {
            "issuer" => about("The exact `iss` of the token.", text()),
            "audiences" => about("One of these is in `aud`.", list(text())),
            "jwks_uri" => about(
                "Where the issuer's keys are; absent, by OpenID discovery.",
                formed("^https://"),
            ),
            "claims" => about(
                "For every claim, the values of which one must be there.",
                named(ANY_NAME, list(text())),
            ),
            "resource_metadata" => about(
                "Where a client that brings no token learns how to get one (RFC 9728).",
                formed("^https://"),
            ),
            "forward_original_token" => about(
                "Leave `Authorization` on the request to the server.",
                flag(),
            ),
            _ => return None,
        })
    })
}

fn limits() -> Value {
    let keys = limits::LIMITS.map(|(key, _)| key);
    map(&keys, &[], |key| {
        let what = match key {
            "request_bytes" => "Most bytes of a request.",
            "response_bytes" => "Most bytes of one message from the server.",
            "held_bytes" => "Most bytes that one Envoy worker holds at once, for all streams.",
            "argument_depth" => "Most levels of nesting in a call's arguments.",
            "arguments" => "Most arguments of a call.",
            "keys" => "Most keys of a whole request.",
            "list_ttl_ms" => {
                "Longest time that a client may keep a filtered list, in milliseconds."
            }
            _ => return None,
        };
        Some(about(what, whole(0, u64::from(u32::MAX))))
    })
}

fn rule() -> Value {
    map(rules::KEYS, &[], |key| {
        Some(match key {
            "callers" => about(
                "Names of callers; absent: every declared one.",
                list(text()),
            ),
            "tools" => about("Tools, by name or glob.", list(text())),
            "tool_groups" => about("Tools, by the name of their group.", list(text())),
            "prompts" => about("Prompts, by name or glob.", list(text())),
            "resources" => about("Resources, by URI or URI glob.", list(text())),
            "methods" => about("Methods and notifications, by name.", list(text())),
            "server_requests" => about(
                "What the server may ask of the client.",
                list(word(rules::SERVER_REQUESTS)),
            ),
            "tasks" => about("Calls as tasks, and `tasks/*`.", flag()),
            "arguments" => about(
                "Conditions on the tools' arguments, by their path; all must hold.",
                named("^[^.]+(\\.[^.]+)*$", test()),
            ),
            "approval" => about("Whether a human is asked.", word(rules::APPROVALS)),
            "dry_run" => about("The rule is recorded, and has no effect.", flag()),
            "because" => about("Why the rule is there, for those who read it.", text()),
            _ => return None,
        })
    })
}

fn test() -> Value {
    let scalar = || json!({"type": ["string", "number", "boolean", "null"]});
    let mut test = map(rules::TESTS, &[], |key| {
        Some(match key {
            "equals" => about("It equals this.", scalar()),
            "one_of" => about("It equals one of these.", list(scalar())),
            "glob" => about("It is text that fits this glob.", text()),
            "range" => about("It is a number within these bounds.", range()),
            _ => return None,
        })
    });
    if let Value::Object(test) = &mut test {
        test.insert("type".into(), "object".into());
        test.insert("minProperties".into(), 1.into());
        test.insert("maxProperties".into(), 1.into());
    }
    test
}

fn range() -> Value {
    map(rules::RANGE_KEYS, &[], |key| {
        Some(match key {
            "min" => about("The lowest.", json!({"type": "number"})),
            "max" => about("The highest.", json!({"type": "number"})),
            _ => return None,
        })
    })
}

fn redact() -> Value {
    map(audit::REDACT_KEYS, &[], |key| {
        Some(match key {
            "keys" => about("Parts of keys whose values are secrets.", list(text())),
            "values" => about("Globs of words that are secrets.", list(text())),
            _ => return None,
        })
    })
}

fn egress() -> Value {
    map(egress::KEYS, &[], |key| {
        Some(match key {
            "hosts" => about(
                "Hosts outside the mesh, by name, perhaps with `*.` before it.",
                named("^(\\*\\.)?[a-z0-9-]+(\\.[a-z0-9-]+)+$", egress_host()),
            ),
            "services" => about(
                "Services inside the mesh, by `NAMESPACE/SERVICE`.",
                services(),
            ),
            _ => return None,
        })
    })
}

fn egress_host() -> Value {
    map(egress::HOST_KEYS, &[], |key| {
        Some(match key {
            "port" => about("The port that is connected to; absent: 443.", port()),
            "tls" => about(
                "Who speaks TLS: the server itself (`passthrough`), its sidecar (`originate`), or nobody that a sidecar could see (`opaque`).",
                word(egress::TLS),
            ),
            "cidrs" => about(
                "Its addresses, for the NetworkPolicy, which knows no names.",
                list(formed("^[0-9a-fA-F.:]+/[0-9]{1,3}$")),
            ),
            "allow_llm" => about("Reach it although it is a public LLM.", flag()),
            _ => return None,
        })
    })
}

/// Services of the mesh, by `NAMESPACE/SERVICE`.
pub(crate) fn services() -> Value {
    named("^[a-z0-9-]+/[a-z0-9-]+$", egress_service())
}

fn egress_service() -> Value {
    map(egress::SERVICE_KEYS, &["port"], |key| {
        Some(match key {
            "port" => about("Its port.", port()),
            "target_port" => about("The port of its pods, where it is another one.", port()),
            _ => return None,
        })
    })
}
