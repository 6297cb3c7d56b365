//! Calls that are approved under a policy, and approvals that are held against it.

use crate::common::{Folder, POLICY, Ran};
use crate::{ED25519_PEM, folder, inspect};

/// A policy whose tool waits for the key in `desk.pub.jwk`.
fn with_policy() -> Folder {
    let folder = folder();
    let key = folder.read("desk.pub.jwk");
    let policy = POLICY.replace(
        "tools: [search_code, get_pull_request]",
        "tools: [search_code, delete_repo]",
    );
    let policy = format!(
        "{policy}approvals:\n  issuers: {{ desk: {{ keys: [ {} ] }} }}\n",
        key.trim()
    );
    folder.file("policy.yaml", &policy)
}

const CALL: [&str; 6] = [
    "--as",
    "gateway",
    "--tool",
    "delete_repo",
    "owner=acme",
    "name=x",
];

fn under_policy(folder: &Folder, more: &[&str]) -> Ran {
    let start = [
        "approve",
        "policy.yaml",
        "--key",
        "desk.jwk",
        "--approver",
        "kim",
    ];
    folder.run(&[&start[..], &CALL, more].concat())
}

#[test]
fn a_call_is_approved_under_its_policy() {
    let folder = with_policy();
    let run = under_policy(&folder, &[]);
    run.status_is(0);
    let token = run.stdout.trim();
    let claims = inspect(&folder, token);
    assert_eq!(claims.pointer("/claims/iss").unwrap(), "desk");
    assert_eq!(
        claims.pointer("/claims/caller").unwrap(),
        "cluster.local/ns/gateway/sa/ai-gateway"
    );
    folder
        .run(&["approve", "policy.yaml", "--inspect", token])
        .status_is(0);
    let held = [&["approve", "policy.yaml", "--inspect", token][..], &CALL].concat();
    let held = folder.run(&held);
    held.status_is(0);
    assert!(
        held.stdout.contains("holds, if it was not used yet"),
        "{held:?}"
    );
}

#[test]
fn why_an_approval_would_be_refused_is_said() {
    let folder = with_policy();
    let token = under_policy(&folder, &["--user", "sam"]).stdout;
    let token = token.trim();
    let refused = |more: &[&str], label: &str| {
        let run = folder.run(&[&["approve", "policy.yaml", "--inspect", token], more].concat());
        run.status_is(1);
        assert!(run.stdout.contains(label), "{run:?}");
    };
    refused(&["--tool", "search_code"], "approval_wrong_tool");
    refused(&["name=y"], "approval_wrong_arguments");
    refused(
        &["--as", "cluster.local/ns/gateway/sa/other"],
        "approval_wrong_caller",
    );
    refused(&["--user", "kim"], "approval_wrong_user");
    let policy = folder.read("policy.yaml");
    folder.write(
        "policy.yaml",
        &policy.replace("search_code", "search_codes"),
    );
    refused(&[], "approval_wrong_policy");
    folder.write(
        "policy.yaml",
        &policy.replace("github-mcp-server", "github"),
    );
    refused(&[], "approval_wrong_server");
    folder.write("policy.yaml", &policy.replace("desk: {", "bot: {"));
    refused(&[], "approval_unknown_issuer");
    folder.write("policy.yaml", &policy.replace("k1", "k2"));
    refused(&[], "approval_unknown_key");
}

#[test]
fn what_the_policy_would_refuse_is_not_shown() {
    let folder = with_policy();
    under_policy(&folder, &["--expires", "61s"]).finds("valid for longer");
    under_policy(&folder, &["--issuer", "other"]).finds("issuer");
    under_policy(&folder, &["--kid", "k2"]).finds("key");
    folder
        .run(&["approve", "--new-key", "other.jwk", "--kid", "k1"])
        .status_is(0);
    let stranger = [
        "approve",
        "policy.yaml",
        "--key",
        "other.jwk",
        "--approver",
        "kim",
    ];
    folder
        .run(&[&stranger[..], &CALL].concat())
        .finds("not signed by that key");
    let big = [
        "approve",
        "policy.yaml",
        "--key",
        "desk.jwk",
        "--tool",
        "t",
        "n=9007199254740993",
    ];
    folder.run(&big).could_not_run("cannot be approved");
    let nobody = [
        "approve",
        "policy.yaml",
        "--key",
        "desk.jwk",
        "--as",
        "gatewey",
        "--tool",
        "t",
    ];
    folder.run(&nobody).could_not_run("did you mean `gateway`?");
    folder.write("policy.yaml", POLICY);
    under_policy(&folder, &[]).could_not_run("no `approvals`");
}

/// A key in PEM has no name; the policy knows it by its public half.
#[test]
fn the_policy_names_the_key() {
    let folder = with_policy();
    folder.write("key.pem", ED25519_PEM);
    let jwk = r#"{"kid":"of-rfc","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let policy = folder
        .read("policy.yaml")
        .replace("keys: [ ", &format!("keys: [ {jwk}, "));
    folder.write("policy.yaml", &policy);
    let start = [
        "approve",
        "policy.yaml",
        "--key",
        "key.pem",
        "--approver",
        "kim",
    ];
    let run = folder.run(&[&start[..], &CALL].concat());
    run.status_is(0);
    assert_eq!(
        inspect(&folder, &run.stdout)
            .pointer("/header/kid")
            .unwrap(),
        "of-rfc"
    );
}

#[test]
fn options_that_would_be_ignored_are_refused() {
    let folder = with_policy();
    let sign = ["--key", "desk.jwk"];
    let challenge = ["--challenge", "challenge.json", "--key", "desk.jwk"];
    let inspect = ["--inspect", "e30.e30.AAAA"];
    let new_key = ["--new-key", "new.jwk", "--kid", "k2"];
    for (mode, options) in [
        (
            &sign[..],
            &["policy.yaml", "--tool", "t", "--format", "json"][..],
        ),
        (
            &sign,
            &["policy.yaml", "--tool", "t", "--algorithm", "ES256"],
        ),
        (&sign, &["--tool", "t"]),
        (&challenge, &["--format", "json"]),
        (&challenge, &["--algorithm", "EdDSA"]),
        (&challenge, &["policy.yaml", "--user", "sam"]),
        (&inspect, &["--kid", "k1"]),
        (&inspect, &["--issuer", "desk"]),
        (&inspect, &["--approver", "kim"]),
        (&inspect, &["--expires", "5s"]),
        (&inspect, &["--algorithm", "EdDSA"]),
        (&inspect, &["--as", "gateway"]),
        (&inspect, &["--user", "sam"]),
        (&inspect, &["--tool", "t"]),
        (&inspect, &["--arguments", "none.json"]),
        (&inspect, &["--deploy", "deploy.yaml"]),
        (&new_key, &["--format", "json"]),
        (&new_key, &["--issuer", "desk"]),
        (&new_key, &["--approver", "kim"]),
        (&new_key, &["--expires", "5s"]),
        (&new_key, &["--challenge", "challenge.json"]),
        (&new_key, &["policy.yaml", "--tool", "t"]),
    ] {
        let run = folder.run(&[&["approve"], mode, options].concat());
        run.could_not_run("error: the ");
        assert!(run.stderr.contains("Usage: "), "{options:?}: {run:?}");
        assert!(!folder.path("new.jwk").exists(), "{options:?}");
    }
}
