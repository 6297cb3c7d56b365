//! `mcp-guard test`, as it is run.

mod common;

use common::{Folder, RULES_OF_EVERY_KIND, Ran};

const PASSING: &str = "cases:
- description: reading is open
  as: gateway
  call: { tool: search_code, arguments: { query: hello } }
  expect: { allowed: true, rule: read-code, approval: none }
- as: gateway
  call: { tool: delete_repo }
  expect: { denied: tool_not_allowed }
- as: release-bot
  call: { tool: issue_write }
  expect: { rule: edit-issues, approval: required }
- as: gateway
  call: { tool: get_org_owner }
  expect: { denied: tool_denied, rule: no-org-admin }
- as: gateway
  call: { tool: list_files }
  expect: { denied: tool_not_allowed }
";

/// The full format of the project's own cases, less its configuration.
const FULL: &str = "description: a call that the rule grants is forwarded
caller: { spiffe: spiffe://cluster.local/ns/gateway/sa/ai-gateway }
request:
  path: /rpc
  json:
    { jsonrpc: '2.0', id: 1, method: tools/call, params: { name: pull_request_read, arguments: { owner: acme, method: get } } }
upstream: { json: { jsonrpc: '2.0', id: 1, result: { content: [] } } }
expect: { forwarded: true, status: 200, unchanged: true, record: { rule: review } }
";

fn test(files: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let folder = Folder::of(files);
    folder.write("policy.yaml", RULES_OF_EVERY_KIND);
    folder.run(&[&["test", "policy.yaml"], arguments].concat())
}

#[test]
fn cases_beside_the_policy_are_found() {
    let run = test(
        &[("cases/a.yaml", PASSING), ("cases/deep/b.yaml", FULL)],
        &[],
    );
    assert_eq!(
        (run.status, run.stdout.as_str()),
        (0, "6 passed, 0 failed\n"),
        "{run:?}"
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn a_rule_that_no_case_touches_is_named() {
    let run = test(&[("cases/a.yaml", PASSING)], &[]);
    assert_eq!(
        run.stderr,
        "warning: no case touches allow.review (policy.yaml:14)\n"
    );
    assert_eq!(run.status, 0);
    let run = test(&[("cases/a.yaml", PASSING)], &["--deny-untouched"]);
    assert_eq!(run.status, 1);
}

#[test]
fn a_failure_says_what_decided_and_where() {
    let failing = "as: gateway
call: { tool: pull_request_read, arguments: { owner: evil, method: get } }
expect: { allowed: true }
";
    let run = test(&[("a.yaml", failing)], &["a.yaml"]);
    let expected = r#"FAIL a.yaml:1
  the server did not get the request
  record field `decision` is "deny", expected "allow"
  it was denied by allow.review (policy.yaml:14): argument_refused (no rule grants the call with these arguments)
    allow.review (policy.yaml:14): lists it, but `owner` must be "acme"

0 passed, 1 failed
"#;
    assert_eq!((run.status, run.stdout.as_str()), (1, expected));
    let run = test(&[("a.yaml", failing)], &["a.yaml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.status, &json["failed"]), (1, &serde_json::json!(1)));
    let run = test(&[("a.yaml", failing)], &["a.yaml", "--format", "junit"]);
    assert!(
        run.stdout
            .contains("<failure message=\"the server did not get"),
        "{run:?}"
    );
    assert_eq!(run.status, 1);
}

#[test]
fn what_cannot_be_run_says_where() {
    for (case, expected) in [
        (
            "call: {tol: a}\nexpect: {allowed: true}\n",
            "a.yaml:1:8: unknown field `tol`",
        ),
        (
            "as: gatway\ncall: {tool: a}\nexpect: {allowed: true}\n",
            "did you mean `gateway`?",
        ),
        (
            "config: {}\ncall: {tool: a}\nexpect: {allowed: true}\n",
            "the policy is the configuration",
        ),
        ("call: {tool: a}\nexpect: {}\n", "could not fail"),
        (
            "call: {tool: a}\nexpect: {allowed: true, denied: x}\n",
            "contradicts",
        ),
        ("call: {}\nexpect: {allowed: true}\n", "exactly one of"),
    ] {
        let run = test(&[("a.yaml", case)], &["a.yaml"]);
        assert!(run.stderr.contains(expected), "{run:?}");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    }
    assert_eq!(test(&[], &[]).status, 2);
    let broken = Folder::of(&[("policy.yaml", "version: 1\n")]);
    assert_eq!(broken.run(&["test", "policy.yaml"]).status, 2);
}

#[test]
fn a_folder_is_its_policy_and_a_fleet_is_each() {
    let folder = Folder::of(&[
        ("one/policy.yaml", RULES_OF_EVERY_KIND),
        ("one/cases/a.yaml", PASSING),
        ("two/policy.yaml", RULES_OF_EVERY_KIND),
        ("two/cases/a.yaml", FULL),
    ]);
    let run = folder.run(&["test", "one"]);
    assert_eq!(
        (run.status, run.stdout.as_str()),
        (0, "5 passed, 0 failed\n"),
        "{run:?}"
    );
    let run = folder.run(&["test", "."]);
    assert_eq!(
        (run.status, run.stdout.as_str()),
        (0, "6 passed, 0 failed\n"),
        "{run:?}"
    );
    assert!(
        run.stderr.contains("allow.review (./one/policy.yaml:14)"),
        "{run:?}"
    );
    let run = folder.run(&["test", ".", "one/cases/a.yaml"]);
    run.could_not_run("in a fleet, put them into the folder `cases`");
    let run = folder.run(&["can-i", ".", "tool", "search_code"]);
    run.could_not_run("`.` is a fleet: name the folder of one policy");
    let run = folder.run(&["can-i", "one", "--as", "gateway", "tool", "search_code"]);
    assert!(run.stdout.starts_with("yes: "), "{run:?}");
    folder.write("two/cases/a.yaml", "cases: [");
    let run = folder.run(&["test", "."]);
    run.could_not_run("two/cases/a.yaml");
}

#[test]
fn what_cases_and_policies_say_acts_on_nothing() {
    let evil = "description: \"\\e[31m\\n::error::x\"
as: gateway
call: { tool: \"\\e[32m ##[error]y\" }
expect: { allowed: true }
";
    let run = test(&[("a.yaml", evil)], &["a.yaml"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stdout.contains("\\u{1b}[31m\n\\::error::x"), "{run:?}");
    let folder = Folder::of(&[("policy.yaml", RULES_OF_EVERY_KIND), ("a.yaml", evil)]);
    for arguments in [
        &["explain", "policy.yaml", "--request", "a.yaml"][..],
        &["can-i", "policy.yaml", "tool", "\u{1b}[31m"],
        &["check", "\u{1b}[31m.yaml"],
        &["test", "policy.yaml", "\u{1b}[31m.yaml"],
    ] {
        let run = folder.run(arguments);
        assert!(
            !run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'),
            "{run:?}"
        );
    }
}
