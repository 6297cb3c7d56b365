//! `mcp-guard explain` and `can-i`, as they are run.

mod common;

use common::{Folder, RULES_OF_EVERY_KIND, Ran};
use serde_json::json;

fn ask(arguments: &[&str]) -> Ran {
    let folder = Folder::of(&[("policy.yaml", RULES_OF_EVERY_KIND)]);
    folder.run(&[&["can-i", "policy.yaml"], arguments].concat())
}

fn explain(tool: &str, arguments: serde_json::Value) -> Ran {
    let params = json!({"name": tool, "arguments": arguments});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let folder = Folder::of(&[
        ("policy.yaml", RULES_OF_EVERY_KIND),
        ("call.json", &body.to_string()),
    ]);
    folder.run(&[
        "explain",
        "policy.yaml",
        "--request",
        "call.json",
        "--as",
        "gateway",
    ])
}

#[test]
fn the_answer_is_in_the_exit_status() {
    let run = ask(&["--as", "gateway", "tool", "search_code", "query=a"]);
    let yes = "yes: allowed by allow.read-code (policy.yaml:11), approval: none\n";
    assert_eq!((run.status, run.stdout.as_str()), (0, yes), "{run:?}");
    let run = ask(&["--as", "release-bot", "tool", "issue_write"]);
    assert!(
        run.stdout
            .starts_with("no: denied by allow.edit-issues (policy.yaml:18): approval_required"),
        "{run:?}"
    );
    assert_eq!(run.status, 1);
    let fits = [
        "--as",
        "gateway",
        "tool",
        "pull_request_read",
        "owner=acme",
        "method=get",
    ];
    assert_eq!(ask(&fits).status, 0);
    assert_eq!(
        ask(&["--as", "release-bot", "tool", "pull_request_read"]).status,
        1
    );
    assert_eq!(ask(&["tool", "search_code"]).status, 1);
    assert_eq!(
        ask(&["--as", "gateway", "resource", "repo://acme/a"]).status,
        0
    );
    assert_eq!(
        ask(&["--as", "gateway", "resource", "repo://acme/%2e%2e/a"]).status,
        1
    );
    assert_eq!(ask(&["--as", "gateway", "method", "tools/list"]).status, 0);
    let run = ask(&["--as", "gatway", "tool", "search_code"]);
    assert!(run.stderr.contains("did you mean `gateway`?"), "{run:?}");
    assert_eq!(run.status, 2);
}

#[test]
fn everything_is_listed() {
    let expected = "\
tool               gateway                    release-bot
*_org_*            no                         no
get_*              yes                        yes
issue_write        no                         approval required
list_*             no                         no
pull_request_read  yes, if the arguments fit  no
search_code        yes                        yes
";
    let run = ask(&["--list"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, expected));
    let json: serde_json::Value =
        serde_json::from_str(&ask(&["--list", "--format", "json"]).stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 12);
}

#[test]
fn every_rule_says_why() {
    let run = explain("get_org_owner", json!({}));
    let expected = "\
call.json: denied by deny.no-org-admin (policy.yaml:27): tool_denied (a rule denies the tool)

deny.no-org-admin  policy.yaml:27  decides
allow.edit-issues  policy.yaml:18  does not list it
allow.read-code    policy.yaml:11  lists it, but `deny.no-org-admin` refuses
allow.review       policy.yaml:14  does not list it
allow.soon         policy.yaml:23  does not list it
";
    assert_eq!((run.status, run.stdout.as_str()), (0, expected));
    let run = explain(
        "pull_request_read",
        json!({"owner": "evil", "method": "merge"}),
    );
    assert!(
        run.stdout
            .contains("lists it, but `owner` must be \"acme\", `method` must be one of"),
        "{run:?}"
    );
    let run = explain("issue_write", json!({}));
    assert!(run.stdout.contains("holds for release-bot only"), "{run:?}");
    let run = explain("list_files", json!({}));
    assert!(run.stdout.contains("dry run: only recorded"), "{run:?}");
    assert!(
        run.stdout
            .ends_with("If rules in dry run counted: allowed by allow.soon (policy.yaml:23)\n"),
        "{run:?}"
    );
}

/// Quotes do not lead round a level, and the explanation says by which rule a human is asked.
#[test]
fn a_level_that_counts_for_another_type_is_explained() {
    let policy = common::POLICY.replace(
        "  read-code: { tools: [search_code, get_pull_request] }",
        "  small: { tools: [pay], approval: none }
  large: { tools: [pay], approval: required, arguments: { amount: { range: { min: 1000 } } } }",
    );
    let ask = |amount: serde_json::Value| {
        let params = json!({"name": "pay", "arguments": {"amount": amount}});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let folder = Folder::of(&[("policy.yaml", &policy), ("call.json", &body.to_string())]);
        let ask = ["explain", "policy.yaml", "--request", "call.json", "--as"];
        folder.run(&[&ask[..], &["gateway"]].concat()).stdout
    };
    let counts = "allow.large  policy.yaml:8  does not grant it, as `amount` must be 1000 or more; but its level `required` counts for other types, too\n";
    let quoted = ask(json!("5000"));
    assert!(quoted.contains("approval_required"), "{quoted}");
    assert!(quoted.contains(counts), "{quoted}");
    let unmet = "allow.large  policy.yaml:8  lists it, but `amount` must be 1000 or more\n";
    let small = ask(json!(5));
    assert!(small.contains("approval: none"), "{small}");
    assert!(small.contains(unmet), "{small}");
}

#[test]
fn a_request_that_is_none_is_explained_too() {
    let folder = Folder::of(&[
        ("policy.yaml", RULES_OF_EVERY_KIND),
        ("call.json", "{\"id\":1,\"id\":2}"),
    ]);
    let run = folder.run(&[
        "explain",
        "policy.yaml",
        "--request",
        "call.json",
        "--as",
        "gateway",
    ]);
    assert!(run.stdout.contains("duplicate_key"), "{run:?}");
    assert_eq!(folder.run(&["explain", "policy.yaml"]).status, 2);
    assert_eq!(folder.run(&["explain", "MCP0101"]).status, 0);
}

#[test]
fn standard_input_is_read_once() {
    let folder = Folder::of(&[]);
    let run = folder.run_with(&["explain", "-", "--request", "-"], RULES_OF_EVERY_KIND);
    run.could_not_run("only once");
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_none() {
    let folder = Folder::of(&[("policy.yaml", RULES_OF_EVERY_KIND)]);
    let arguments = ["--as", "gateway", "tool", "search_code", "query=a"];
    for arguments in [&arguments[..], &["--list"]] {
        let arguments = [&["can-i", "policy.yaml"], arguments].concat();
        let mut command = common::command(&folder.path(""), &arguments);
        let full = std::fs::File::create("/dev/full").expect("Linux has it");
        let run = Ran::from(command.stdout(full).output().expect("the binary is built"));
        run.could_not_run("cannot write");
    }
}

#[test]
fn a_line_of_the_audit_log_shows_its_rule() {
    let line = json!({
        "start_time": "2026-11-20T10:15:00Z",
        "mcp_guard": {
            "schema": 2, "mcp.method.name": "tools/call", "gen_ai.tool.name": "issue_write",
            "decision": "deny", "reason": "approval_required", "rule": "edit-issues", "policy": "0",
            "response": {"outcome": "refused", "reason": "response_unreadable"},
        },
    });
    let folder = Folder::of(&[
        ("policy.yaml", RULES_OF_EVERY_KIND),
        ("line.json", &line.to_string()),
    ]);
    let run = folder.run(&["explain", "policy.yaml", "--audit", "line.json"]);
    assert_eq!(run.status, 0, "{run:?}");
    for part in [
        "tools/call issue_write: denied by allow.edit-issues (policy.yaml:18): approval_required (",
        "Its answer was withheld: response_unreadable (",
        "Another policy than this one decided",
        "  18 |   edit-issues:\n  19 |     ",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
}

#[test]
fn what_is_no_line_of_the_audit_log_is_said() {
    let folder = Folder::of(&[("policy.yaml", RULES_OF_EVERY_KIND), ("log", "{}\n")]);
    let run = folder.run(&["explain", "policy.yaml", "--audit", "log"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(
        run.stderr
            .contains("log:1: this is no line of the audit log"),
        "{run:?}"
    );
}
