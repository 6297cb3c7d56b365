use super::*;
use crate::diagnostic::Diagnostic;
use crate::lower::{self, Stage};

fn compiled(text: &str) -> (Option<String>, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let file = sources.add("policy.yaml", text);
    let mut found = Diagnostics::default();
    let json = read(&sources, file, &Imported::new(), &mut found).and_then(|policy| {
        let spec = lower::policy(&policy, &[], &mut found);
        lower::plugin_config(spec, Stage::Enforce, &mut found)
    });
    (json, found.into_sorted())
}

const POLICY: &str = r#"
version: 1
server: github
endpoints: { port: 8080, mcp: [/mcp], open: [/healthz] }
callers:
  gateway: { service_accounts: [gateway/ai-gateway], user: { header: user-identity } }
tool_groups:
  reading: [search_code, "get_*"]
allow:
  read:
    callers: [gateway]
    tool_groups: [reading]
    resources: ["repo://acme/**"]
    arguments: { owner: { equals: acme }, page: { range: { min: 1, max: 10 } } }
  edit: { tools: [issue_write], approval: notify }
deny:
  admin: { tools: ["*_org_*"] }
limits: { request_bytes: 65536 }
egress: { hosts: { api.github.com: {} } }
"#;

#[test]
fn a_policy_compiles_to_what_the_engine_reads() {
    let (json, found) = compiled(POLICY);
    assert_eq!(found, []);
    let json = json.unwrap();
    assert!(json.contains(r#""principals":["cluster.local/ns/gateway/sa/ai-gateway"]"#));
    assert!(
        json.contains(
            r#"{"path":"/mcp","kind":"streamable"},{"path":"/mcp/","kind":"streamable"}"#
        )
    );
    assert!(json.contains(r#""tools":["search_code","get_*"]"#));
    assert!(json.contains(r#""request_bytes":65536"#));
}

#[test]
fn every_mistake_is_said_in_one_run() {
    let (json, found) = compiled(
        "version: 1
server: github
endpoints: { port: 0, mcp: [mcp] }
callers: { a: { service_accounts: [gateway] } }
alow: {}
allow: { x: { tool: [y], callers: [b], tools: ['[x'], resources: ['file:///srv/../x'] } }
egress: { hosts: { 10.0.0.1: {} } }
",
    );
    assert_eq!(json, None);
    let codes: Vec<_> = found.iter().map(|found| found.code).collect();
    assert_eq!(
        codes,
        [
            Code::Malformed,
            Code::Malformed,
            Code::Malformed,
            Code::UnknownKey,
            Code::UnknownKey,
            Code::UnknownCaller,
            Code::InvalidGlob,
            Code::EscapingResource,
            Code::Malformed,
        ]
    );
}

#[test]
fn a_broken_pattern_of_what_is_redacted_has_its_place() {
    let text = format!("{POLICY}audit: {{ redact: {{ values: ['ok-*', 'a['] }} }}\n");
    let (json, found) = compiled(&text);
    assert_eq!(json, None);
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(only.code, Code::InvalidGlob);
    let span = only.span().unwrap();
    assert_eq!(text.get(span.start..span.end), Some("'a['"));
    let (json, found) = compiled(&text.replace("'a['", "'a[bc]'"));
    assert_eq!(found, []);
    assert!(
        json.unwrap()
            .contains(r#""redact_values":["ok-*","a[bc]"]"#)
    );
}

#[test]
fn what_an_edit_emptied_is_refused() {
    for (from, to) in [
        ("[gateway/ai-gateway]", "[]"),
        ("open: [/healthz]", "open: [/healthz], authorities: []"),
        ("open: [/healthz]", "open: [/healthz], origins: []"),
        ("callers: [gateway]", "callers: []"),
        ("  admin: { tools: [\"*_org_*\"] }", "  # admin"),
        (
            "{ owner: { equals: acme }, page: { range: { min: 1, max: 10 } } }",
            "",
        ),
        (
            "{ owner: { equals: acme }, page: { range: { min: 1, max: 10 } } }",
            "{}",
        ),
        (
            "user: { header: user-identity }",
            "jwt: { issuer: i, audiences: [a], claims: {} }",
        ),
    ] {
        let (_, found) = compiled(&POLICY.replace(from, to));
        assert!(
            found.iter().any(|found| found.code == Code::EmptyRule),
            "{to}: {found:?}"
        );
    }
}

#[test]
fn imports_are_files_beside_the_policy() {
    for name in [
        "/etc/passwd",
        "../shared.yaml",
        "a/../../b",
        "-",
        ".env",
        "C:x",
    ] {
        let text = format!("{POLICY}import: [\"{name}\"]\n");
        let mut sources = Sources::default();
        let file = sources.add("policy.yaml", text.as_str());
        assert!(imports(&sources, file).is_empty(), "{name}");
        let (_, found) = compiled(&text);
        assert_eq!(
            found.first().map(|found| found.code),
            Some(Code::BrokenImport),
            "{name}"
        );
    }
}

#[test]
fn a_shared_limit_has_one_meaning() {
    let mut sources = Sources::default();
    let file = sources.add("policy.yaml", format!("{POLICY}import: [a.yaml, b.yaml]\n"));
    let mut shared = |name: &str, bytes: u32| {
        let text = format!("version: 1\nlimits: {{ response_bytes: {bytes} }}\n");
        (name.to_owned(), sources.add(name, text))
    };
    let imported = Imported::from([shared("a.yaml", 1), shared("b.yaml", 2)]);
    let mut found = Diagnostics::default();
    read(&sources, file, &imported, &mut found);
    let codes: Vec<_> = found.into_sorted().iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::NameDefinedTwice]);
}
