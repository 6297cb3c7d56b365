//! What the tool says of itself: version, help, completions, schema, codes, checklist.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Folder, POLICY};

#[test]
fn the_version_names_every_format() {
    let ran = Folder::new().run(&["--version"]);
    let tool = env!("CARGO_PKG_VERSION");
    let wanted = format!("mcp-guard {tool} (language 1, format 1..2, Istio 1.29..1.31)\n");
    assert_eq!((ran.status, ran.stdout), (0, wanted));
}

#[test]
fn every_command_helps_with_an_example() {
    let folder = Folder::new();
    let help = folder.run(&["--help"]).stdout;
    let commands = help
        .split_once("Commands:\n")
        .unwrap()
        .1
        .split_once("\n\n")
        .unwrap()
        .0;
    let names: Vec<&str> = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        let help = folder.run(&[name, "--help"]);
        assert!(help.stdout.contains("Example"), "{name}: {help:?}");
        assert!(help.stdout.contains(&format!("mcp-guard {name}")), "{name}");
    }
}

#[test]
fn what_nobody_knows_could_not_run() {
    let folder = Folder::with_policy();
    folder.run(&["chekc"]).could_not_run("check");
    folder
        .run(&["compile", "policy.yaml", "--emit", "yaml"])
        .could_not_run("manifests");
    folder.run(&["explain", "MCP9999"]).could_not_run("MCP9999");
    folder.run(&["completions", "cmd"]).could_not_run("bash");
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = Folder::new().run(&["completions", shell]);
        assert_eq!(ran.status, 0);
        assert!(ran.stdout.contains("checklist"), "{shell}");
    }
}

#[test]
fn schemas_are_json() {
    for file in ["policy", "shared", "deploy"] {
        let ran = Folder::new().run(&["schema", file]);
        let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert_eq!(schema["additionalProperties"], false);
    }
}

#[test]
fn codes_are_explained() {
    for code in ["MCP0203", "mcp0203"] {
        let ran = Folder::new().run(&["explain", code]);
        assert!(ran.stdout.starts_with("# MCP0203: "), "{ran:?}");
        assert!(ran.stdout.lines().count() > 5);
    }
}

#[test]
fn the_checklist_says_what_is_met() {
    let folder = Folder::with_policy();
    let ran = folder.run(&["checklist", "policy.yaml", "--deploy", "deploy.yaml"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.stdout.starts_with("github-mcp-server (policy "),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("[x] Are all calls traceable to a human user?\n")
    );
    let folder = folder.file(
        "policy.yaml",
        &POLICY.replace(", user: { header: user-identity }", ""),
    );
    let ran = folder.run(&["checklist", ".", "--format", "json"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let lists: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(lists[0]["met"], false);
    let line = lists[0]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["id"] == "human-user");
    assert_eq!(line.unwrap()["status"], "not-met");
    let folder = folder.file("policy.yaml", "a: [\n");
    folder.run(&["checklist", "policy.yaml"]).finds("MCP0001");
}
