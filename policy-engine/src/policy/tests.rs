use super::*;

fn guard(text: &str) -> Guard {
    Guard::from_json(text.as_bytes()).unwrap()
}

fn fault(text: &str) -> String {
    Guard::from_json(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn the_hand_written_allowlist_works_as_it_stands() {
    let guard = guard(r#"{"tool_allowlist": ["search_code", "get_pull_request"]}"#);
    let policy = guard.enforced.unwrap();
    assert_eq!(policy.tools().rules("search_code").count(), 1);
    assert_eq!(policy.tools().rules("system_exec").count(), 0);
}

#[test]
fn faults_name_the_key() {
    for (text, told) in [
        ("", "empty"),
        (" \n", "empty"),
        ("[]", "must be an object"),
        ("{", "ends too early"),
        ("{}", "`format`: is missing"),
        (r#"{"format":1}"#, "`policy`: is missing"),
        (r#"{"format":3,"policy":{}}"#, "`format`: is 3"),
        (
            r#"{"format":1,"policy":{"server":"s","approvals":{"issuers":{}}}}"#,
            "`format`: is 1, but what it says takes 2",
        ),
        (
            r#"{"format":2,"policy":{"server":"s","approvals":{"issuers":{}}}}"#,
            "`policy.approvals.issuers`: names none",
        ),
        (
            r#"{"format":"1","policy":{}}"#,
            "`format`: must be a whole number",
        ),
        (r#"{"format":1,"polcy":{}}"#, "`polcy`: is no key here"),
        (r#"{"format":1,"policy":{},"policy":{}}"#, "repeats a key"),
        (
            r#"{"tool_allowlst":["x"]}"#,
            "`tool_allowlst`: is no key here",
        ),
        (
            r#"{"tool_allowlist":["x"],"format":1}"#,
            "`format`: is no key here",
        ),
        (
            r#"{"tool_allowlist":"x"}"#,
            "`tool_allowlist`: must be a list",
        ),
        (
            r#"{"tool_allowlist":[1]}"#,
            "`tool_allowlist[0]`: must be a string",
        ),
        (r#"{"tool_allowlist":["a**"]}"#, "tool_allowlist"),
        (
            r#"{"format":1,"policy":{"allow":{"a":{"tols":[]}}}}"#,
            "`policy.allow.a.tols`: is no key here",
        ),
        (
            r#"{"format":1,"policy":{"allow":{"a":{"tools":["x",2]}}}}"#,
            "`policy.allow.a.tools[1]`",
        ),
        (
            r#"{"format":1,"policy":{"allow":{"a":{"callers":["b"]}}}}"#,
            "no caller is named `b`",
        ),
        (
            r#"{"format":1,"policy":{"allow":{"a":{"arguments":[{"path":["x"],"equals":1}]}}}}"#,
            "lists no tools",
        ),
        (
            r#"{"format":1,"policy":{"allow":{"a":{"tools":["t"],"arguments":[{"path":["x"]}]}}}}"#,
            "exactly one of",
        ),
        (
            r#"{"format":1,"policy":{"deny":{"a":{"tools":["t"],"approval":"none"}}}}"#,
            "`policy.deny.a.approval`",
        ),
        (
            r#"{"format":1,"policy":{"endpoints":[{"path":"mcp"}]}}"#,
            "no plain absolute path",
        ),
        (
            r#"{"format":1,"policy":{"endpoints":[{"path":"/m"}],"open_paths":["/m"]}}"#,
            "is an endpoint as well",
        ),
        (
            r#"{"format":1,"policy":{"callers":{"a":{}}}}"#,
            "`policy.callers.a`",
        ),
        (
            r#"{"format":1,"policy":{"callers":{"a":{"principals":["*"]}}}}"#,
            "`*` is not",
        ),
        (
            r#"{"format":1,"policy":{"limits":{"request_bytes":-1}}}"#,
            "`policy.limits.request_bytes`",
        ),
        (
            r#"{"format":1,"candidate":{"allow":{"a":{"resources":["x/**"]}}}}"#,
            "`candidate.allow.a.resources[0]`",
        ),
    ] {
        let found = fault(text);
        assert!(found.contains(told), "{text}: {found}");
    }
}

#[test]
fn layout_and_order_do_not_change_the_digest() {
    let digest = |text: &str| guard(text).enforced.unwrap().digest.clone();
    let one = digest(r#"{"format":1,"policy":{"server":"s","allow":{"a":{"tools":["x"]}}}}"#);
    let other = digest(
        "{\"policy\": {\"allow\":{\"a\":{\"tools\":[\"\\u0078\"]}}, \"server\":\"s\"},\n \"format\":1}",
    );
    assert_eq!(one, other);
    assert_eq!(one.len(), 64);
    assert_ne!(
        one,
        digest(r#"{"format":1,"policy":{"server":"s","allow":{"a":{"tools":["y"]}}}}"#)
    );
}

fn callers_of(policy: &str, spiffe: &str) -> Callers {
    let text = format!(r#"{{"format":1,"policy":{policy}}}"#);
    let peer = Peer {
        spiffe: Some(spiffe.into()),
        ..Peer::default()
    };
    guard(&text).enforced.unwrap().callers_of(&peer)
}

#[test]
fn cluster_local_stands_for_the_trust_domains_of_the_mesh() {
    let policy = r#"{"trust_domains":["prod.example"],"callers":{"g":{"principals":["cluster.local/ns/a/sa/b"]}}}"#;
    assert!(!callers_of(policy, "spiffe://prod.example/ns/a/sa/b").are_unidentified());
    for stranger in [
        "spiffe://cluster.local/ns/a/sa/b",
        "spiffe://evil.example/ns/a/sa/b",
        "spiffe://prod.example/ns/a/sa/bb",
        "spiffe://prod.example/ns/a/sa/b/x",
        "https://prod.example/ns/a/sa/b",
        "",
    ] {
        assert!(
            callers_of(policy, stranger).are_unidentified(),
            "{stranger}"
        );
    }
}

#[test]
fn namespaces_match_whole_segments() {
    let policy = r#"{"callers":{"g":{"namespaces":["team"]}}}"#;
    assert!(!callers_of(policy, "spiffe://cluster.local/ns/team/sa/x").are_unidentified());
    assert!(callers_of(policy, "spiffe://cluster.local/ns/team-b/sa/x").are_unidentified());
    assert!(callers_of(policy, "spiffe://other/ns/team/sa/x").are_unidentified());
}

#[test]
fn tokens_must_fit_in_every_claim() {
    let policy = r#"{"format":1,"policy":{"callers":{"g":{"jwt":
        {"issuer":"i","audiences":["a"],"claims":{"groups":["release"]}}}}}}"#;
    let policy = guard(policy).enforced.unwrap();
    let unidentified = |claims: &[(&str, &[&str])]| {
        let claims = claims.iter().map(|(name, values)| {
            (
                (*name).to_owned(),
                values.iter().map(|value| (*value).to_owned()).collect(),
            )
        });
        policy
            .callers_of(&Peer {
                spiffe: None,
                claims: claims.collect(),
            })
            .are_unidentified()
    };
    assert!(!unidentified(&[
        ("iss", &["i"]),
        ("aud", &["x", "a"]),
        ("groups", &["dev", "release"])
    ]));
    assert!(unidentified(&[
        ("iss", &["j"]),
        ("aud", &["a"]),
        ("groups", &["release"])
    ]));
    assert!(unidentified(&[
        ("iss", &["i"]),
        ("aud", &["b"]),
        ("groups", &["release"])
    ]));
    assert!(unidentified(&[("iss", &["i"]), ("aud", &["a"])]));
    assert!(unidentified(&[
        ("iss", &["i", "i"]),
        ("aud", &["a"]),
        ("groups", &["release"])
    ]));
    assert!(unidentified(&[]));
}
