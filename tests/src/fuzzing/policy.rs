//! The policy that requests and answers are fuzzed with, and the same policy in plain Rust.

use super::uri::assert_never_climbs;
use mcp_guard_engine::policy::Guard;

const POLICY: &str = r#"{
  "server": "fuzz",
  "endpoints": [
    {"path": "/mcp"},
    {"path": "/sse", "kind": "sse"},
    {"path": "/message", "kind": "message"}
  ],
  "open_paths": ["/healthz"],
  "origins": ["https://app.example"],
  "allow": {
    "edit": {
      "tools": ["edit_file"],
      "arguments": [
        {"path": ["owner"], "equals": "acme"},
        {"path": ["options", "mode"], "one_of": ["a", 1, null]}
      ]
    },
    "read": {"tools": ["search_code", "get_*"], "prompts": ["greet"], "resources": ["repo://acme/**"]}
  },
  "deny": {"secrets": {"tools": ["*secret*"], "resources": ["repo://acme/private/**"]}},
  "limits": {"request_bytes": 3000, "response_bytes": 3000, "argument_depth": 4, "arguments": 5, "keys": 100}
}"#;

thread_local! {
    static ENFORCED: Option<Guard> = guard("policy");
    static OBSERVED: Option<Guard> = guard("candidate");
}

fn guard(stage: &str) -> Option<Guard> {
    let guard = Guard::from_json(format!(r#"{{"format":1,"{stage}":{POLICY}}}"#).as_bytes());
    assert!(guard.is_ok(), "{:?}", guard.err());
    guard.ok()
}

/// A guard that enforces the policy, and one that only records what it would do.
pub(super) fn guards() -> Option<(Guard, Guard)> {
    Some((ENFORCED.with(Clone::clone)?, OBSERVED.with(Clone::clone)?))
}

/// Whether lists may show a tool.
pub(super) fn shows_tool(name: &str) -> bool {
    let granted = matches!(name, "edit_file" | "search_code") || name.starts_with("get_");
    granted && !name.contains("secret")
}

/// Whether a tool may run without a human.
pub(super) fn runs_unasked(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut words = lower.split(['_', '-', '.', '/', ':', ' ']);
    !words.any(|word| {
        ["delete", "update", "execute"]
            .iter()
            .any(|verb| word.starts_with(verb))
    })
}

/// Whether a prompt is permitted.
pub(super) fn permits_prompt(name: &str) -> bool {
    name == "greet"
}

/// Whether a resource is permitted; one that climbs out of its folder fails the run.
pub(super) fn permits_resource(uri: &str) -> bool {
    assert_never_climbs(uri);
    let inside = uri.starts_with("repo://acme/") && !uri.contains(['?', '#']);
    inside && !uri.starts_with("repo://acme/private/")
}

/// Whether a template may be shown: some permitted resource begins with its literal text.
pub(super) fn shows_template(template: &str) -> bool {
    let Some((literal, _)) = template.split_once('{') else {
        return permits_resource(template);
    };
    "repo://acme/".starts_with(literal) || literal.starts_with("repo://acme/")
}
