use super::*;

const POLICY: &str = r#"
version: 1
server: github
endpoints: { mcp: [/mcp], open: [/healthz] }
callers:
  gateway: { service_accounts: [gateway/ai-gateway], user: { header: user-identity } }
allow:
  read:
    callers: [gateway]
    tools: [search_code, "get_*"]
    resources: ["repo://acme/**"]
    arguments: { owner: { equals: acme }, method: { one_of: [get, list] }, page: { range: { min: 1, max: 10 } } }
  edit: { tools: [issue_write], approval: notify }
deny:
  admin: { tools: ["*_org_*"] }
"#;

#[test]
fn a_policy_compiles_to_what_the_engine_reads() {
    let config = compile(POLICY, Stage::Enforce).unwrap();
    let guard = Guard::from_json(config.as_bytes()).unwrap();
    assert!(guard.candidate.is_none());
    assert_eq!(guard.enforced.unwrap().rules().count(), 3);
    assert!(config.contains(r#""principals":["cluster.local/ns/gateway/sa/ai-gateway"]"#));
}

#[test]
fn observe_enforces_nothing() {
    let guard = Guard::from_json(compile(POLICY, Stage::Observe).unwrap().as_bytes()).unwrap();
    assert!(guard.enforced.is_none() && guard.candidate.is_some());
}

#[test]
fn the_same_text_compiles_to_the_same_bytes() {
    assert_eq!(
        compile(POLICY, Stage::Enforce).unwrap(),
        compile(POLICY, Stage::Enforce).unwrap()
    );
}

#[test]
fn mistakes_are_named() {
    for (policy, told) in [
        ("version: 2\n", "`version`"),
        ("version: 1\nalow: {}\n", "alow"),
        (
            "version: 1\nallow: { a: { tools: ['[x'] } }\n",
            "policy.allow.a.tools[0]",
        ),
        (
            "version: 1\nallow: { a: { callers: [who], tools: [x] } }\n",
            "who",
        ),
        (
            "version: 1\nallow: { a: { tools: [x] } }\nallow: {}\n",
            "allow",
        ),
        (
            "version: 1\nallow: { a: { resources: ['file:///srv/../x'] } }\n",
            "file:///srv/../x",
        ),
        (
            "version: 1\ncallers: { a: { service_accounts: [gateway] } }\n",
            "NAMESPACE/SERVICE-ACCOUNT",
        ),
        ("", "end of input"),
    ] {
        let error = compile(policy, Stage::Enforce).unwrap_err().to_string();
        assert!(error.contains(told), "{policy}: {error}");
    }
}
