//! Own is what the policy compiles to; whatever else says so is not believed.

use super::*;
use crate::artefact::objects;

/// What the policy compiles to, as one file, with one text put in the place of another.
fn compiled(compilation: &Compilation, from: &str, to: &str) -> String {
    let all: Vec<String> = objects(compilation)
        .iter()
        .map(|own| own.to_yaml())
        .collect();
    let all = all.join("---\n");
    let changed = all.replacen(from, to, 1);
    assert!(from == to || all != changed, "{from} in\n{all}");
    changed
}

fn changed(from: &str, to: &str) -> Vec<(Code, Severity, String)> {
    review_of(POLICY, Stage::Enforce, |compilation| {
        compiled(compilation, from, to)
    })
}

#[test]
fn what_is_compiled_is_own() {
    assert_eq!(changed("", ""), []);
    let observed = review_of(POLICY, Stage::Observe, |own| compiled(own, "", ""));
    assert_eq!(observed, []);
    // Without the annotation, too.
    assert_eq!(changed("mcp-guard.dev/source", "example.com/x"), []);
}

#[test]
fn an_annotation_makes_nothing_own() {
    let source = "  annotations: { mcp-guard.dev/source: callers }\n";
    for (api, kind, spec) in [
        (
            "security.istio.io/v1",
            "AuthorizationPolicy",
            "spec: { rules: [{}] }",
        ),
        (
            "security.istio.io/v1",
            "PeerAuthentication",
            "spec: { selector: { matchLabels: { app: github-mcp-server } }, mtls: { mode: DISABLE } }",
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            "spec: { podSelector: {}, ingress: [{}] }",
        ),
        (
            "networking.istio.io/v1",
            "Sidecar",
            "spec: { workloadSelector: { labels: { app: github-mcp-server } } }",
        ),
        (
            "networking.istio.io/v1",
            "ServiceEntry",
            "spec: { hosts: [api.github.com] }",
        ),
        (
            "extensions.istio.io/v1alpha1",
            "WasmPlugin",
            "spec: { url: \"oci://r.example.com/mcp-guard:1\" }",
        ),
    ] {
        let found = review(&object(api, kind, &format!("{source}{spec}")));
        let codes: Vec<Code> = found.iter().map(|found| found.0).collect();
        assert_eq!(codes, [Code::WeakenedByManifest], "{kind}");
    }
}

#[test]
fn what_stands_in_the_place_of_ours_is_found() {
    for (from, to, places) in [
        ("mode: STRICT", "mode: STRICTER", vec!["github-mcp-server"]),
        (
            "mode: STRICT",
            "mode: DISABLE",
            vec!["github-mcp-server", "DISABLE"],
        ),
        (
            "action: DENY",
            "action: AUDIT",
            vec!["github-mcp-server-deny"],
        ),
        (
            "oci://r.example.com/mcp-guard:1",
            "oci://r.example.com/other:1",
            vec!["github-mcp-server"],
        ),
        ("FAIL_CLOSE", "FAIL_OPEN", vec!["github-mcp-server"]),
    ] {
        let found = changed(from, to);
        let found: Vec<&str> = found.iter().map(|found| found.2.as_str()).collect();
        assert_eq!(found, places, "{to}");
    }
}

#[test]
fn an_entry_may_have_ports_of_other_policies() {
    let before = "location: MESH_EXTERNAL\n  ports:\n";
    let port = "  - number: 8443\n    name: tls-8443\n    protocol: TLS\n";
    let one = changed(before, &format!("{before}{port}"));
    assert_eq!(one, []);
    assert_eq!(changed("resolution: DNS", "resolution: NONE").len(), 1);
}

#[test]
fn two_attachments_are_found() {
    let second = "apiVersion: extensions.istio.io/v1alpha1\nkind: TrafficExtension\nmetadata: { name: b, namespace: ai-agents }\nspec: { wasm: { url: \"oci://r.example.com/mcp-guard:2\" } }\n";
    let found = review_of(POLICY, Stage::Enforce, |own| {
        format!("{}---\n{second}", compiled(own, "", ""))
    });
    let wanted = (Code::WeakenedByManifest, Severity::Error, "b".to_string());
    assert_eq!(found, [wanted]);
}

#[test]
fn a_dry_run_of_ours_is_found_when_it_should_act() {
    let own = |compilation: &Compilation| {
        let objects = objects(compilation);
        let allow = objects.iter().find(|own| own.name().ends_with("-allow"));
        let allow = allow.unwrap().clone();
        allow.annotate("istio.io/dry-run", "true").to_yaml()
    };
    let wanted = (
        Code::WeakenedByManifest,
        Severity::Error,
        "\"true\"".to_string(),
    );
    assert_eq!(review_of(POLICY, Stage::Enforce, own), [wanted]);
    assert_eq!(review_of(POLICY, Stage::Observe, own), []);
}

#[test]
fn labels_that_are_not_known_may_be_the_pods() {
    let (api, kind) = ("security.istio.io/v1", "AuthorizationPolicy");
    let open = |labels: &str| {
        let spec =
            format!("spec: {{ selector: {{ matchLabels: {{ {labels} }} }}, rules: [{{}}] }}\n");
        object(api, kind, &spec)
    };
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: { name: p, labels: { app: github-mcp-server, tier: back } }\nspec: {}\n---\napiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { selector: { app: github-mcp-server }, ports: [{ port: 8080, appProtocol: http }] }\n";
    for (labels, unknown, known) in [
        ("tier: back", 1, 1),
        ("tier: front", 1, 0),
        ("team: x", 1, 0),
        ("app: other", 0, 0),
        ("app: other, tier: back", 0, 0),
    ] {
        assert_eq!(review(&open(labels)).len(), unknown, "{labels}");
        let both = format!("{}{pod}", open(labels));
        assert_eq!(review(&both).len(), known, "{labels}");
    }
}

#[test]
fn keys_of_others_for_an_issuer_of_ours_are_found() {
    let with_token = POLICY.replace(
        "user: { header: user-identity }",
        "jwt: { issuer: \"https://idp.example.com\", audiences: [github-mcp], jwks_uri: \"https://idp.example.com/keys\" }",
    );
    let review = |rule: &str| {
        let spec = format!("spec: {{ jwtRules: [{rule}] }}");
        let manifest = object("security.istio.io/v1", "RequestAuthentication", &spec);
        let found = review_of(&with_token, Stage::Enforce, |_| manifest);
        assert!(found.iter().all(|found| found.1 == Severity::Warning));
        found.len()
    };
    assert_eq!(
        review(
            "{ issuer: \"https://idp.example.com\", jwksUri: \"https://evil.example.com/keys\" }"
        ),
        1
    );
    assert_eq!(
        review("{ issuer: \"https://idp.example.com\", jwks: \"{}\" }"),
        1
    );
    assert_eq!(review("{ issuer: \"https://idp.example.com\" }"), 1);
    assert_eq!(
        review(
            "{ issuer: \"https://idp.example.com\", jwksUri: \"https://idp.example.com/keys\" }"
        ),
        0
    );
    assert_eq!(
        review(
            "{ issuer: \"https://other.example.com\", jwksUri: \"https://evil.example.com/keys\" }"
        ),
        0
    );
}
