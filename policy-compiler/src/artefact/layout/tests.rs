use super::{File, files, is_marked};
use crate::testing::{DEPLOYMENT, POLICY, compiled};
use std::collections::BTreeMap;

const IDENTITY: &str = "identity: { service_account: github-sa, mode: irsa, region: eu-central-1, role_arn: \"arn:aws:iam::123456789012:role/reader\" }\n";
const EGRESS: &str = "egress: { hosts: { api.example.com: {} } }\n";

fn made(policy: &str, deployment: &str) -> BTreeMap<String, String> {
    let files = files(&compiled(policy, deployment));
    let count = files.len();
    let by_path: BTreeMap<_, _> = files
        .into_iter()
        .map(|File { path, text }| (path, text))
        .collect();
    assert_eq!(by_path.len(), count, "two files of one path");
    by_path
}

fn whole() -> (String, String) {
    (
        format!("{POLICY}{EGRESS}"),
        format!("{DEPLOYMENT}{IDENTITY}"),
    )
}

/// Paths of the files in which two outputs differ.
fn differing(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> Vec<String> {
    let paths = a.keys().chain(b.keys());
    let mut paths: Vec<String> = paths
        .filter(|path| a.get(*path) != b.get(*path))
        .cloned()
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

#[test]
fn every_file_bears_the_mark_and_no_line_of_the_machine() {
    let (policy, deployment) = whole();
    for (path, text) in made(&policy, &deployment) {
        assert!(is_marked(&text), "{path}");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}");
        assert!(
            !text.contains(env!("CARGO_PKG_VERSION")) || text.contains("filter:0.1.0"),
            "{path}"
        );
    }
    assert!(!is_marked("apiVersion: v1\n"));
}

#[test]
fn manifests_are_applied_in_their_order() {
    let (policy, deployment) = whole();
    let files = made(&policy, &deployment);
    let manifests = files
        .keys()
        .filter_map(|path| path.strip_prefix("manifests/"));
    let kinds: Vec<&str> = manifests
        .filter_map(|name| name.split('-').nth(1))
        .collect();
    assert_eq!(
        kinds,
        [
            "telemetry",
            "wasmplugin",
            "peerauthentication",
            "authorizationpolicy",
            "authorizationpolicy",
            "serviceentry",
            "serviceentry",
            "destinationrule",
            "destinationrule",
            "sidecar",
            "networkpolicy",
        ]
    );
}

#[test]
fn kustomize_and_helm_hold_the_manifests_objects() {
    let (policy, deployment) = whole();
    let files = made(&policy, &deployment);
    let values = &files["values.yaml"];
    for (path, text) in files
        .iter()
        .filter(|(path, _)| path.starts_with("manifests/"))
    {
        assert!(files["kustomization.yaml"].contains(path), "{path}");
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("  name: "))
            .unwrap();
        assert!(values.contains(&format!("name: {name}\n")), "{path}");
    }
    for key in [
        "server: github\n",
        "stage: enforce\n",
        "namespace: ai-agents\n",
        "digest: ",
    ] {
        assert!(values.contains(&format!("\n  {key}")), "{key}");
    }
    let component = &files["patches/kustomization.yaml"];
    for patch in ["deployment.yaml", "service.yaml", "service-account.yaml"] {
        assert!(component.contains(patch), "{patch}");
        assert!(files.contains_key(&format!("patches/{patch}")), "{patch}");
    }
}

#[test]
fn one_word_changes_what_it_should_and_no_more() {
    let (policy, deployment) = whole();
    let before = made(&policy, &deployment);
    let filter = "manifests/30-wasmplugin-github.yaml";
    let allow = "manifests/42-authorizationpolicy-github-allow.yaml";
    let deny = "manifests/42-authorizationpolicy-github-deny.yaml";
    for (from, to, expected) in [
        (
            "search_code",
            "get_code",
            &["envoy.yaml", filter, "values.yaml"][..],
        ),
        ("version: 1\n", "version: 1 # a comment\n\n", &[]),
        (
            "ai-gateway",
            "gateway-2",
            &["envoy.yaml", filter, allow, deny, "values.yaml"],
        ),
        (
            "api.example.com: {}",
            "api.example.com: { port: 8443 }",
            &[
                "manifests/50-serviceentry-mcp-egress.api.example.com.yaml",
                "values.yaml",
            ],
        ),
    ] {
        let after = made(&policy.replacen(from, to, 1), &deployment);
        assert_eq!(differing(&before, &after), expected, "{to}");
        assert_eq!(made(&policy, &deployment), before);
    }
}
