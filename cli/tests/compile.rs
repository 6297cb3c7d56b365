//! `mcp-guard compile`: artefacts, folders of them, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests may fail loudly"
)]

mod common;

use common::{DEPLOY, Folder, POLICY, command};
use std::io::Read;

const FIRST_LINE: &str = "# Made by mcp-guard; edits are lost.\n";

#[test]
fn the_plugin_configuration_is_what_a_policy_alone_makes() {
    let folder = Folder::with_policy();
    let ran = folder.run(&["compile", "policy.yaml"]);
    assert!(ran.is_silent_success(), "{ran:?}");
    let config: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(config["policy"]["server"], "github-mcp-server");
    let piped = folder.run_with(&["compile", "-"], POLICY);
    assert_eq!(piped.stdout, ran.stdout);
    let observed = folder.run(&["compile", "policy.yaml", "--stage", "observe"]);
    let config: serde_json::Value = serde_json::from_str(&observed.stdout).unwrap();
    assert_eq!(config["candidate"]["server"], "github-mcp-server");
    assert_eq!(config.get("policy"), None);
}

#[test]
fn no_deployment_is_taken_unnamed() {
    let folder = Folder::with_policy();
    for arguments in [
        &["compile", "policy.yaml", "--emit", "manifests"][..],
        &["compile", "policy.yaml", "--emit", "helm-values"],
        &["compile", "policy.yaml", "--out", "out"],
        &["compile", "policy.yaml", "--check", "out"],
    ] {
        folder.run(arguments).could_not_run("--deploy");
    }
    assert!(!folder.path("out").exists());
}

#[test]
fn each_artefact_is_printed() {
    let folder = Folder::with_policy();
    let emit = |what: &str| {
        folder.run(&[
            "compile",
            "policy.yaml",
            "--deploy",
            "deploy.yaml",
            "--emit",
            what,
        ])
    };
    let manifests = emit("manifests");
    assert_eq!(manifests.status, 0, "{manifests:?}");
    for kind in [
        "WasmPlugin",
        "AuthorizationPolicy",
        "PeerAuthentication",
        "Sidecar",
        "NetworkPolicy",
    ] {
        assert!(
            manifests.stdout.contains(&format!("\nkind: {kind}\n")),
            "{kind}"
        );
    }
    assert!(manifests.stdout.starts_with("---\n"));
    assert!(emit("helm-values").stdout.contains("\nobjects:\n"));
    assert!(emit("envoy").stdout.contains("static_resources:"));
    assert!(emit("plugin-config").stdout.starts_with("{\"format\":1,"));
    emit("terraform").could_not_run("identity.mode");
    let irsa = "identity: { service_account: s, mode: irsa, region: eu-central-1, role_arn: \"arn:aws:iam::123456789012:role/r\", sts_cidrs: [10.0.0.0/8] }";
    let folder = folder.file(
        "irsa.yaml",
        &DEPLOY.replace("identity: { service_account: github-mcp-sa }", irsa),
    );
    let ran = folder.run(&[
        "compile",
        "policy.yaml",
        "--deploy",
        "irsa.yaml",
        "--emit",
        "terraform",
    ]);
    assert!(ran.stdout.contains("aws_iam_role"), "{ran:?}");
}

#[test]
fn flags_stand_above_the_deployment() {
    let folder = Folder::with_policy();
    let base = [
        "compile",
        "policy.yaml",
        "--deploy",
        "deploy.yaml",
        "--emit",
        "manifests",
    ];
    let run = |flags: &[&str]| folder.run(&[&base[..], flags].concat());
    let extension = run(&["--attach", "traffic-extension"]);
    assert!(
        extension.stdout.contains("\nkind: TrafficExtension\n"),
        "{extension:?}"
    );
    assert!(!extension.stdout.contains("\nkind: WasmPlugin\n"));
    let old = run(&["--attach", "traffic-extension", "--istio", "1.29"]);
    old.finds("MCP0406");
    let observed = run(&["--stage", "observe"]);
    assert!(
        !observed.stdout.contains("\nkind: Sidecar\n"),
        "{observed:?}"
    );
    run(&["--istio", "1.28"]).could_not_run("1.29");
}

#[test]
fn a_folder_is_written_whole_and_then_left_alone() {
    let folder = Folder::with_policy();
    let compile = |how: &str| {
        folder.run(&[
            "compile",
            "policy.yaml",
            "--deploy",
            "deploy.yaml",
            how,
            "out",
        ])
    };
    compile("--check").status_is(1);
    assert!(compile("--out").is_silent_success());
    let first = folder.files("out");
    assert!(first.len() > 8, "{first:?}");
    assert!(first.iter().all(|(_, text)| text.starts_with(FIRST_LINE)));
    assert!(first.iter().any(|(path, _)| path == "values.yaml"));
    assert!(first.iter().any(|(path, _)| path.starts_with("manifests/")));
    assert!(compile("--check").is_silent_success());
    let before = folder
        .path("out/values.yaml")
        .metadata()
        .unwrap()
        .modified()
        .unwrap();
    assert!(compile("--out").is_silent_success());
    assert_eq!(folder.files("out"), first);
    let after = folder
        .path("out/values.yaml")
        .metadata()
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(before, after);
}

#[test]
fn differences_are_listed() {
    let folder = Folder::with_policy();
    let compile = |how: &str| {
        folder.run(&[
            "compile",
            "policy.yaml",
            "--deploy",
            "deploy.yaml",
            how,
            "out",
        ])
    };
    compile("--out").status_is(0);
    let (name, _) = folder
        .files("out")
        .into_iter()
        .find(|(path, _)| path.starts_with("manifests/"))
        .unwrap();
    std::fs::remove_file(folder.path("out").join(&name)).unwrap();
    let folder = folder
        .file("out/values.yaml", &format!("{FIRST_LINE}a: 1\n"))
        .file("out/manifests/99-old.yaml", FIRST_LINE)
        .file("out/manifests/by-hand.yaml", "a: 1\n");
    let compile = |how: &str| {
        folder.run(&[
            "compile",
            "policy.yaml",
            "--deploy",
            "deploy.yaml",
            how,
            "out",
        ])
    };
    let ran = compile("--check");
    let wanted = format!(
        "missing: {name}\nchanged: values.yaml, from line 2\nstale: manifests/99-old.yaml\n"
    );
    assert_eq!((ran.status, ran.stderr.as_str()), (1, wanted.as_str()));
    compile("--out").status_is(0);
    assert!(!folder.path("out/manifests/99-old.yaml").exists());
    assert_eq!(folder.read("out/manifests/by-hand.yaml"), "a: 1\n");
    assert!(compile("--check").is_silent_success());
}

#[test]
fn only_files_of_its_own_are_replaced() {
    let folder = Folder::with_policy().file("out/values.yaml", "mine: 1\n");
    let ran = folder.run(&[
        "compile",
        "policy.yaml",
        "--deploy",
        "deploy.yaml",
        "--out",
        "out",
    ]);
    ran.could_not_run("out/values.yaml");
    assert_eq!(
        folder.files("out"),
        [("values.yaml".to_string(), "mine: 1\n".to_string())]
    );
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = Folder::with_policy().file("elsewhere", FIRST_LINE);
    std::fs::create_dir(folder.path("out")).unwrap();
    std::os::unix::fs::symlink(folder.path("elsewhere"), folder.path("out/values.yaml")).unwrap();
    let ran = folder.run(&[
        "compile",
        "policy.yaml",
        "--deploy",
        "deploy.yaml",
        "--out",
        "out",
    ]);
    ran.could_not_run("out/values.yaml");
    assert_eq!(folder.read("elsewhere"), FIRST_LINE);
}

#[cfg(unix)]
#[test]
fn linked_folders_are_not_followed() {
    let folder = Folder::with_policy().file("else/mine.yaml", "mine: 1\n");
    std::fs::create_dir(folder.path("out")).unwrap();
    std::os::unix::fs::symlink(folder.path("else"), folder.path("out/manifests")).unwrap();
    for option in ["--out", "--check"] {
        let policy = ["compile", "policy.yaml", "--deploy", "deploy.yaml"];
        let ran = folder.run(&[&policy[..], &[option, "out"]].concat());
        ran.could_not_run("`out/manifests` leads out of the folder");
        assert_eq!(folder.files("else").len(), 1);
        assert!(!folder.path("out/values.yaml").exists());
    }
}

#[test]
fn nothing_is_written_when_anything_is_wrong() {
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n";
    for (policy, code) in [
        ("version: [1\n", "MCP0001"),
        (bomb, "MCP0002"),
        (&POLICY.replace("version: 1", "version: 2"), "MCP0008"),
        (&POLICY.replace("tools:", "tolos:"), "MCP0004"),
        ("", "MCP0011"),
        (&"[".repeat(10_000), "MCP0009"),
    ] {
        let folder = Folder::with_policy().file("policy.yaml", policy);
        let ran = folder.run(&[
            "compile",
            "policy.yaml",
            "--deploy",
            "deploy.yaml",
            "--out",
            "out",
        ]);
        ran.finds(code);
        assert!(!folder.path("out").exists(), "{code}");
    }
    let folder = Folder::with_policy();
    for policy in ["nothing.yaml", "policy.yaml/x"] {
        let ran = folder.run(&["compile", policy, "--deploy", "deploy.yaml", "--out", "out"]);
        ran.could_not_run("cannot read");
    }
    folder
        .run(&[
            "compile",
            "policy.yaml",
            "--deploy",
            "no.yaml",
            "--out",
            "out",
        ])
        .could_not_run("no.yaml");
    folder
        .run_with(&["compile", "-", "--deploy", "-"], POLICY)
        .could_not_run("only once");
    std::fs::write(folder.path("policy.yaml"), b"\xff\xfe").unwrap();
    folder
        .run(&["compile", "policy.yaml"])
        .could_not_run("UTF-8");
    assert!(!folder.path("out").exists());
}

fn fleet() -> Folder {
    let other = POLICY.replace("github-mcp-server", "other");
    let deploy = DEPLOY.replace("github-mcp", "other");
    Folder::new()
        .file("fleet/one/policy.yaml", POLICY)
        .file("fleet/one/deploy.yaml", DEPLOY)
        .file("fleet/two/policy.yaml", &other)
        .file("fleet/two/deploy.yaml", &deploy)
        .file("fleet/readme.md", "no policy\n")
}

#[test]
fn a_fleet_is_compiled_together() {
    let folder = fleet();
    let ran = folder.run(&["compile", "fleet", "--out", "fleet"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    for path in [
        "fleet/one/values.yaml",
        "fleet/two/values.yaml",
        "fleet/kustomization.yaml",
    ] {
        assert!(folder.read(path).starts_with(FIRST_LINE), "{path}");
    }
    assert_eq!(folder.read("fleet/one/policy.yaml"), POLICY);
    assert_eq!(
        folder.run(&["compile", "fleet", "--check", "fleet"]).status,
        0
    );
    let stream = folder
        .run(&["compile", "fleet", "--emit", "manifests"])
        .stdout;
    let entries = stream.matches("\nkind: ServiceEntry\n").count();
    assert_eq!(entries, 1, "the host is shared by the namespace: {stream}");
    folder.run(&["compile", "fleet"]).could_not_run("fleet");
    std::fs::remove_dir_all(folder.path("fleet/two")).unwrap();
    let folder = folder.file("fleet/two/values.yaml", FIRST_LINE);
    let ran = folder.run(&["compile", "fleet", "--check", "fleet"]);
    assert!(ran.stderr.contains("stale: two/values.yaml\n"), "{ran:?}");
}

#[test]
fn a_deployment_of_another_name_is_taken_from_every_folder() {
    let folder = fleet();
    folder
        .run(&["compile", "fleet", "--deploy", "prod.yaml", "--out", "out"])
        .could_not_run("prod.yaml");
    folder
        .run(&[
            "compile",
            "fleet",
            "--deploy",
            "fleet/one/deploy.yaml",
            "--out",
            "out",
        ])
        .could_not_run("is a path");
    let prod = DEPLOY.replace("ai-agents", "prod");
    let folder = folder
        .file("fleet/one/prod.yaml", &prod)
        .file("fleet/two/prod.yaml", &prod.replace("github-mcp", "other"));
    let ran = folder.run(&[
        "compile",
        "fleet",
        "--deploy",
        "prod.yaml",
        "--emit",
        "manifests",
    ]);
    assert!(ran.stdout.contains("\n  namespace: prod\n"), "{ran:?}");
}

#[test]
fn two_policies_for_one_workload_are_refused() {
    let folder = fleet().file("fleet/two/deploy.yaml", DEPLOY);
    let ran = folder.run(&["compile", "fleet", "--out", "out"]);
    ran.finds("MCP0407");
    assert!(!folder.path("out").exists());
    folder.run(&["check", "fleet"]).finds("MCP0407");
    folder
        .run(&["compile", "."])
        .could_not_run("holds no `policy.yaml`");
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let folder = Folder::with_policy();
    let mut child = command(&folder.path("."), &["schema", "policy"])
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0; 1];
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stderr, b"");
}
