//! `mcp-guard check`: findings of several files, of manifests and of images.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests may fail loudly"
)]

mod common;

use common::{DEPLOY, Folder, POLICY};

#[test]
fn a_sound_policy_is_passed_in_silence() {
    let folder = Folder::with_policy();
    for arguments in [
        &["check", "policy.yaml"][..],
        &["check", "policy.yaml", "--deploy", "deploy.yaml"],
        &["check", "."],
    ] {
        let ran = folder.run(arguments);
        assert!(ran.is_silent_success(), "{ran:?}");
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn one_run_says_what_is_wrong_with_every_file() {
    let folder = Folder::new()
        .file("a.yaml", &POLICY.replace("tools:", "tolos:"))
        .file("b.yaml", &POLICY.replace("port: 8080", "port: eighty"))
        .file("c.yaml", "a: [\n");
    let ran = folder.run(&["check", "a.yaml", "b.yaml", "c.yaml"]);
    for what in [
        "MCP0004",
        "a.yaml:7",
        "MCP0006",
        "b.yaml:3",
        "MCP0001",
        "c.yaml:1:4",
    ] {
        ran.finds(what);
    }
}

#[test]
fn deployments_belong_to_policies_in_their_order() {
    let other = DEPLOY.replace("ai-agents", "other");
    let folder = Folder::with_policy().file("other.yaml", &other);
    let check = |deployments: &[&str]| {
        let mut arguments = vec!["check", "policy.yaml", "policy.yaml"];
        for deployment in deployments {
            arguments.extend(["--deploy", deployment]);
        }
        folder.run(&arguments)
    };
    check(&["deploy.yaml"]).finds("MCP0407");
    check(&["deploy.yaml", "other.yaml"]).status_is(0);
    check(&["deploy.yaml", "other.yaml", "deploy.yaml"])
        .could_not_run("one `--deploy` for each policy");
}

#[test]
fn findings_are_shown_in_every_format() {
    let folder = Folder::new().file("policy.yaml", &POLICY.replace("tools:", "tolos:"));
    let shown = |format: &str| {
        folder
            .run(&["check", "policy.yaml", "--format", format])
            .stderr
    };
    assert!(shown("human").contains("--> policy.yaml:7"));
    let line: serde_json::Value =
        serde_json::from_str(shown("json").lines().next().unwrap()).unwrap();
    assert_eq!(line["code"], "MCP0004");
    let sarif: serde_json::Value = serde_json::from_str(&shown("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(shown("github").starts_with("::error "));
    assert!(!shown("human").contains('\u{1b}'));
}

#[test]
fn warnings_fail_only_those_who_ask() {
    let unused = POLICY
        .replace(
            "allow:\n",
            "allow:\n  other: { callers: [gateway], tools: [a] }\n",
        )
        .replace("callers:\n", "callers:\n  idle: { namespaces: [x] }\n")
        .replace(
            "tools: [search_code",
            "callers: [gateway], tools: [search_code",
        );
    let folder = Folder::new().file("policy.yaml", &unused);
    let ran = folder.run(&["check", "policy.yaml"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("warning[MCP0103]"), "{ran:?}");
    folder
        .run(&["check", "policy.yaml", "--deny-warnings"])
        .finds("MCP0103");
}

const OPEN: &str = "\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: open, namespace: ai-agents }
spec: { rules: [{}] }
---
apiVersion: v1
kind: Service
metadata: { name: github-mcp-server, namespace: ai-agents }
spec:
  selector: { app: github-mcp-server }
  ports: [{ name: mcp, port: 8080 }]
";

#[test]
fn manifests_that_weaken_the_policy_are_found() {
    let folder = Folder::with_policy()
        .file("k8s/deep/open.yaml", OPEN)
        .file("k8s/notes.txt", "[");
    let check = || {
        folder.run(&[
            "check",
            "policy.yaml",
            "--deploy",
            "deploy.yaml",
            "--manifests",
            "k8s",
        ])
    };
    let ran = check();
    ran.finds("MCP0411");
    ran.finds("k8s/deep/open.yaml:4:17");
    ran.finds("MCP0412");
    ran.finds("appProtocol: http");
    std::fs::write(folder.path("k8s/deep/open.yaml"), "a: 1\n---\nb: 2\n").unwrap();
    assert!(check().is_silent_success());
    std::fs::write(folder.path("k8s/deep/open.yaml"), "a: [\n").unwrap();
    check().finds("MCP0001");
    let missing = [
        "check",
        "policy.yaml",
        "--deploy",
        "deploy.yaml",
        "--manifests",
        "nowhere",
    ];
    folder.run(&missing).could_not_run("nowhere");
}

#[test]
fn hidden_manifests_are_read() {
    for path in ["k8s/.a.yaml", "k8s/.b/c.yaml"] {
        let folder = Folder::with_policy()
            .file(path, OPEN)
            .file("k8s/.git/d.yaml", "a: [\n");
        let mut arguments = vec!["check", "policy.yaml", "--deploy", "deploy.yaml"];
        arguments.extend(["--manifests", "k8s"]);
        folder.run(&arguments).finds(path);
    }
}

#[test]
fn what_is_compiled_weakens_nothing() {
    let folder = Folder::with_policy();
    folder
        .run(&[
            "compile",
            "policy.yaml",
            "--deploy",
            "deploy.yaml",
            "--out",
            "out",
        ])
        .status_is(0);
    let ran = folder.run(&[
        "check",
        "policy.yaml",
        "--deploy",
        "deploy.yaml",
        "--manifests",
        "out/manifests",
    ]);
    assert!(ran.is_silent_success(), "{ran:?}");
}

#[test]
fn the_tools_of_one_server_are_not_those_of_another() {
    let folder = Folder::with_policy().file("t.json", "{\"tools\":[]}");
    let ran = folder.run(&["check", "policy.yaml", "policy.yaml", "--tools", "t.json"]);
    ran.could_not_run("--tools");
    let ran = folder.run(&["check", "policy.yaml", "--tools", "t.json"]);
    assert!(ran.stderr.contains("MCP0106"), "{ran:?}");
}

#[test]
fn tokens_that_a_plain_envoy_cannot_verify_are_said_where_it_is_asked_for() {
    let jwt = "jwt: { issuer: \"https://idp.example.com\", audiences: [a] }";
    let policy = POLICY.replace("service_accounts: [gateway/ai-gateway]", jwt);
    let folder = Folder::of(&[("policy.yaml", &policy)]);
    let compile = |emit: &str| folder.run(&["compile", "policy.yaml", "--emit", emit]);
    compile("envoy").finds("error[MCP0422]: this Envoy cannot verify tokens");
    compile("plugin-config").status_is(0);
}
