//! `mcp-guard doctor`, without a cluster: what was recorded of one, and programs that fail.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "../common/mod.rs"]
mod common;
mod programs;

use common::{Folder, Ran};
use std::os::unix::fs::PermissionsExt;

const POLICY: &str = include_str!("../../../policy-compiler/tests/doctor/policy.yaml");
const DEPLOY: &str = include_str!("../../../policy-compiler/tests/doctor/deploy.yaml");
const HEALTHY: &str = include_str!("../../../policy-compiler/tests/doctor/healthy.json");

fn folder() -> Folder {
    Folder::of(&[
        ("policy.yaml", POLICY),
        ("deploy.yaml", DEPLOY),
        ("facts.json", HEALTHY),
    ])
}

fn doctor(folder: &Folder, options: &[&str]) -> Ran {
    let mut arguments = vec!["doctor", "policy.yaml", "--deploy", "deploy.yaml"];
    arguments.extend(options);
    folder.run(&arguments)
}

/// A program in the place of kubectl, which notes how it was called and then does this.
fn program(folder: &Folder, then: &str) {
    folder.write(
        "kubectl",
        &format!("#!/bin/sh\necho \"$@\" >> calls\n{then}\n"),
    );
    let path = folder.path("kubectl");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn what_is_enforced_is_said_line_by_line() {
    let ran = doctor(&folder(), &["--facts", "facts.json"]);
    assert!(ran.is_silent_success(), "{ran:?}");
    assert!(
        ran.stdout
            .starts_with("github-mcp-server in ai-agents (policy ")
    );
    assert!(ran.stdout.contains("\n[x] filter, github-0: "));
    assert!(ran.stdout.ends_with("\nenforced\n"));
    let ran = doctor(&folder(), &["--facts", "facts.json", "--format", "json"]);
    let reports: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    for truth in ["holds", "enforced"] {
        assert_eq!(reports[0][truth], true, "{ran:?}");
    }
}

#[test]
fn what_is_not_enforced_makes_the_run_fail() {
    let folder = folder();
    folder.write(
        "facts.json",
        &HEALTHY.replace("calico-node", "kube-flannel-ds"),
    );
    let ran = doctor(&folder, &["--facts", "facts.json"]);
    ran.status_is(1);
    assert!(ran.stdout.contains("\n[ ] network-policy, "), "{ran:?}");
    assert!(
        ran.stdout
            .ends_with("\nNOT ENFORCED: 1 not enforced, 0 unknown\n")
    );
    let ran = doctor(&folder, &["--facts", "facts.json", "--format", "json"]);
    ran.status_is(1);
    let reports: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(reports[0]["enforced"], false);
    assert_eq!(reports[0]["holds"], false);
    let lines = reports[0]["lines"].as_array().unwrap();
    let bad: Vec<_> = lines
        .iter()
        .filter(|line| line["state"] != "enforced")
        .collect();
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0]["code"], "MCP0510");
}

#[test]
fn another_policy_than_the_one_that_runs_is_found() {
    let folder = folder();
    folder.write("policy.yaml", &POLICY.replace("search_code, ", ""));
    let ran = doctor(&folder, &["--facts", "facts.json"]);
    ran.status_is(1);
    assert!(
        ran.stdout
            .contains("spec.pluginConfig.policy.allow.read-code.tools"),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("[ ] policy, github-0: was sent another policy: "),
        "{ran:?}"
    );
}

#[test]
fn what_cannot_be_tried_is_no_finding() {
    let folder = folder();
    folder
        .run(&["doctor", "policy.yaml"])
        .could_not_run("add `--deploy FILE`");
    doctor(&folder, &["--kubectl", "./nothing"]).could_not_run("cannot run `./nothing`");
    folder.write("facts.json", "{\"pods\": []}");
    doctor(&folder, &["--facts", "facts.json"]).could_not_run("holds no recorded facts");
    for wait in ["5", "90sss", "5 m", "0s", ""] {
        doctor(&folder, &["--wait", wait]).could_not_run("write a number and its unit");
    }
    doctor(&folder, &["--accept", "MCP9999"]).could_not_run("there is no such code");
    folder.write("policy.yaml", "a: [\n");
    doctor(&folder, &["--facts", "facts.json"]).finds("MCP0001");
}

#[test]
fn what_was_read_is_kept_of_one_policy() {
    let folder = Folder::of(&[
        ("one/policy.yaml", POLICY),
        ("one/deploy.yaml", DEPLOY),
        (
            "two/policy.yaml",
            &POLICY.replace("github-mcp-server", "other"),
        ),
        (
            "two/deploy.yaml",
            &DEPLOY.replace("github-mcp-server", "other"),
        ),
        ("facts.json", HEALTHY),
    ]);
    for option in ["--record", "--facts"] {
        let ran = folder.run(&["doctor", ".", option, "facts.json"]);
        ran.could_not_run(&format!("`{option}` is about one policy, and `.` holds 2"));
        assert_eq!(folder.read("facts.json"), HEALTHY);
    }
    let ran = folder.run(&["doctor", "one", "--facts", "facts.json"]);
    assert!(ran.is_silent_success(), "{ran:?}");
}

#[test]
fn a_cluster_that_refuses_everything_is_no_finding() {
    let folder = folder();
    program(
        &folder,
        "echo 'error: You must be logged in to the server (Unauthorized)' >&2; exit 1",
    );
    let options = [
        "--kubectl",
        "./kubectl",
        "--kubeconfig",
        "k.yaml",
        "--context",
        "prod",
    ];
    doctor(&folder, &options).could_not_run("You must be logged in");
    let calls = folder.read("calls");
    let named = "get --kubeconfig k.yaml --context prod --request-timeout=20s ";
    assert!(calls.lines().all(|call| call.starts_with(named)), "{calls}");
    assert!(calls.contains(" sidecars.networking.istio.io -n ai-agents -o json"));
    assert!(calls.contains(" envoyfilters.networking.istio.io -n istio-system -o json"));
    // Another namespace's secrets, or anybody's, are nobody's business.
    assert!(!calls.contains("secrets"));
}

#[test]
fn a_cluster_without_the_namespace_is_another_cluster() {
    let folder = folder();
    program(&folder, "echo '{\"items\": []}'");
    let empty = "case \"$*\" in *namespaces*|*configmaps*) echo 'Error from server (NotFound): x' >&2; exit 1;; esac; echo '{\"items\": []}'";
    program(&folder, empty);
    doctor(&folder, &["--kubectl", "./kubectl"]).could_not_run("there is no namespace `ai-agents`");
}

#[test]
fn proxies_are_asked_in_their_container() {
    let folder = folder();
    let facts: serde_json::Value = serde_json::from_str(HEALTHY).unwrap();
    let objects = facts["objects"].as_array().unwrap();
    let pod = objects
        .iter()
        .find(|object| object["kind"] == "Pod")
        .unwrap();
    folder.write(
        "pods.json",
        &serde_json::json!({"items": [pod]}).to_string(),
    );
    let answers = "case \"$*\" in get*' pods '*) cat pods.json;; get*) echo '{\"items\": []}';; *) echo 'no such container' >&2; exit 1;; esac";
    program(&folder, answers);
    let ran = doctor(&folder, &["--kubectl", "./kubectl"]);
    ran.status_is(1);
    assert!(
        ran.stdout.contains(
            "[?] proxy, github-0, page config_dump: could not be read: no such container [MCP0513]"
        ),
        "{ran:?}"
    );
    let calls = folder.read("calls");
    let exec = "-n ai-agents pod/github-0 -c istio-proxy -- pilot-agent request --debug-port 15000 GET config_dump";
    assert!(calls.contains(exec), "{calls}");
}

#[test]
fn the_roles_name_what_is_read_and_nothing_else() {
    let folder = folder();
    let ran = doctor(&folder, &["--print-roles"]);
    assert!(ran.is_silent_success(), "{ran:?}");
    assert_eq!(ran.stdout.matches("kind: Role\n").count(), 3);
    // What is in no namespace, and of it two kinds alone.
    assert_eq!(ran.stdout.matches("kind: ClusterRole\n").count(), 1);
    assert!(ran.stdout.contains("resourceNames: [istio]"), "{ran:?}");
    for word in [
        "secrets",
        "update",
        "patch",
        "delete",
        "\"*\"",
        "pods/proxy",
    ] {
        assert!(!ran.stdout.contains(word), "{word}: {ran:?}");
    }
    let ran = doctor(&folder, &["--print-roles", "--probe"]);
    assert!(ran.stdout.contains("resources: [pods/proxy]"), "{ran:?}");
    let network = "network:\n  istio_namespace: mesh\n  root_namespace: roots\n  istio_revisions: [default, canary]\n";
    folder.write("deploy.yaml", &DEPLOY.replace("network:\n", network));
    let ran = doctor(&folder, &["--print-roles"]);
    for name in ["mesh", "roots"] {
        assert!(
            ran.stdout.contains(&format!("namespace: {name}\n")),
            "{ran:?}"
        );
    }
    for name in ["istio", "istio-canary"] {
        let wanted = format!("resourceNames: [{name}]");
        assert!(ran.stdout.contains(&wanted), "{ran:?}");
    }
    assert!(!ran.stdout.contains("istio-system"), "{ran:?}");
}

/// One that is applied after another of its name takes its rules away.
#[test]
fn the_roles_of_a_fleet_are_one_for_each_namespace() {
    let network = "network:\n  istio_revisions: [canary]\n";
    let folder = Folder::of(&[
        ("one/policy.yaml", POLICY),
        ("one/deploy.yaml", DEPLOY),
        (
            "two/policy.yaml",
            &POLICY.replace("github-mcp-server", "other"),
        ),
        (
            "two/deploy.yaml",
            &DEPLOY
                .replace("github-mcp-server", "other")
                .replace("network:\n", network),
        ),
        (
            "three/policy.yaml",
            &POLICY.replace("github-mcp-server", "third"),
        ),
        (
            "three/deploy.yaml",
            &DEPLOY
                .replace("github-mcp-server", "third")
                .replace("ai-agents", "elsewhere"),
        ),
    ]);
    let ran = folder.run(&["doctor", ".", "--print-roles"]);
    assert!(ran.is_silent_success(), "{ran:?}");
    assert_eq!(ran.stdout.matches("kind: ClusterRole\n").count(), 1);
    assert_eq!(ran.stdout.matches("kind: Role\n").count(), 4, "{ran:?}");
    for namespace in ["ai-agents", "elsewhere", "istio-system", "kube-system"] {
        let named = format!("  namespace: {namespace}\n");
        assert_eq!(
            ran.stdout.matches(&named).count(),
            1,
            "{namespace}: {ran:?}"
        );
    }
    for config in ["istio", "istio-canary"] {
        let named = format!("resourceNames: [{config}]");
        assert_eq!(ran.stdout.matches(&named).count(), 1, "{config}: {ran:?}");
    }
    let beside = ran.stdout.matches("resources: [networkpolicies]").count();
    assert_eq!(beside, 2, "{ran:?}");
}
