use super::*;
use crate::diagnostic::Severity;
use crate::lower::Stage;
use crate::testing::Texts;

mod admin_network;
mod destination_rule;
mod network;
mod own;
mod pod;
mod revision;

const POLICY: &str = r#"
version: 1
server: github-mcp-server
endpoints: { port: 8080, mcp: [/mcp] }
callers:
  gateway: { service_accounts: [gateway/ai-gateway], user: { header: user-identity } }
  batch: { namespaces: [batch] }
allow: { read-code: { tools: [search_code] } }
egress: { hosts: { api.github.com: {} } }
"#;

const DEPLOYMENT: &str = r#"
version: 1
namespace: ai-agents
selector: { app: github-mcp-server }
stage: enforce
trust_domains: [prod.example]
image: { url: "oci://r.example.com/mcp-guard:1", digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111" }
identity: { service_account: github-mcp-sa, mode: pod_identity, cluster: one, region: eu-central-1, role_arn: "arn:aws:iam::123456789012:role/reader" }
telemetry: { providers: [siem] }
"#;

/// What is found in manifests: code, severity, and the text that is pointed at.
fn review_as(stage: Stage, manifests: &str) -> Vec<(Code, Severity, String)> {
    review_of(POLICY, stage, |_| manifests.into())
}

/// The same, for a policy and for manifests that are made from what it compiles to.
fn review_of(
    policy: &str,
    stage: Stage,
    manifests: impl FnOnce(&Compilation) -> String,
) -> Vec<(Code, Severity, String)> {
    let texts = Texts {
        policy,
        deployment: Some(DEPLOYMENT),
        stage: Some(stage),
        ..Texts::default()
    };
    let compiled = texts.compile();
    let (mut sources, compilation) = (compiled.sources, compiled.compilation.unwrap());
    let file = sources.add("manifests.yaml", manifests(&compilation));
    let mut found = Diagnostics::default();
    let manifests = read(&sources, file, &mut found);
    run(&compilation, &manifests, &mut found);
    let shown = |finding: &Diagnostic| {
        let place = sources.snippet(finding.span().unwrap()).to_string();
        (finding.code, finding.severity, place)
    };
    found.into_sorted().iter().map(shown).collect()
}

fn review(manifests: &str) -> Vec<(Code, Severity, String)> {
    review_as(Stage::Enforce, manifests)
}

/// An object with a body, indented as it stands.
fn object(api: &str, kind: &str, rest: &str) -> String {
    let namespace = match rest.contains("namespace:") {
        true => "",
        false => "\n  namespace: ai-agents",
    };
    format!("apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: x{namespace}\n{rest}")
}

/// Each body makes exactly one finding, at this place.
fn each(api: &str, kind: &str, code: Code, bodies: &[(&str, &str)]) {
    for (body, place) in bodies {
        let found = review(&object(api, kind, body));
        let places: Vec<_> = found
            .iter()
            .map(|(code, _, place)| (*code, place.as_str()))
            .collect();
        assert_eq!(places, [(code, *place)], "{body}");
    }
}

/// None of the bodies makes a finding.
fn none(api: &str, kind: &str, bodies: &[&str]) {
    for body in bodies {
        assert_eq!(review(&object(api, kind, body)), [], "{body}");
    }
}

#[test]
fn an_allow_that_lets_strangers_in_is_found() {
    let (api, kind) = ("security.istio.io/v1", "AuthorizationPolicy");
    each(
        api,
        kind,
        Code::WeakenedByManifest,
        &[
            ("spec: { rules: [{}] }", "{}"),
            ("  namespace: istio-system\nspec: { rules: [{}] }", "{}"),
            (
                "spec: { action: ALLOW, rules: [{ to: [{ operation: { ports: [\"8080\"] } }] }] }",
                "{ to: [{ operation: { ports: [\"8080\"] } }] }",
            ),
            (
                "spec: { rules: [{ from: [{ source: { principals: [cluster.local/ns/x/sa/y] } }] }] }",
                "cluster.local/ns/x/sa/y",
            ),
            (
                "spec: { rules: [{ from: [{ source: { principals: [\"*\"] } }] }] }",
                "\"*\"",
            ),
            (
                "spec: { rules: [{ from: [{ source: { namespaces: [gateway] } }] }] }",
                "gateway",
            ),
            (
                "spec: { rules: [{ from: [{ source: { serviceAccounts: [gateway/other] } }] }] }",
                "gateway/other",
            ),
            (
                "spec: { rules: [{ from: [{ source: { principals: [other.example/ns/gateway/sa/ai-gateway] } }] }] }",
                "other.example/ns/gateway/sa/ai-gateway",
            ),
            ("spec: { action: DENY, rules: [{}] }", "{}"),
        ],
    );
    none(
        api,
        kind,
        &[
            "spec: {}",
            "spec: { selector: { matchLabels: { app: other } }, rules: [{}] }",
            "  namespace: elsewhere\nspec: { rules: [{}] }",
            "spec: { rules: [{ to: [{ operation: { ports: [\"9090\"] } }] }] }",
            "spec: { rules: [{ from: [{ source: { principals: [cluster.local/ns/gateway/sa/ai-gateway] } }] }] }",
            "spec: { rules: [{ from: [{ source: { principals: [prod.example/ns/gateway/sa/ai-gateway] } }] }] }",
            "spec: { rules: [{ from: [{ source: { principals: [cluster.local/ns/batch/sa/any] } }] }] }",
            "spec: { rules: [{ from: [{ source: { namespaces: [batch] } }] }] }",
            "spec: { action: DENY, rules: [{ from: [{ source: { namespaces: [batch] } }] }] }",
            "  annotations: { istio.io/dry-run: \"true\" }\nspec: { rules: [{}] }",
        ],
    );
}

#[test]
fn mutual_tls_that_is_given_up_is_found() {
    let (api, kind) = ("security.istio.io/v1", "PeerAuthentication");
    let selector = "selector: { matchLabels: { app: github-mcp-server } }";
    each(
        api,
        kind,
        Code::WeakenedByManifest,
        &[
            (
                &format!("spec: {{ {selector}, mtls: {{ mode: PERMISSIVE }} }}"),
                "PERMISSIVE",
            ),
            (
                &format!(
                    "spec: {{ {selector}, mtls: {{ mode: STRICT }}, portLevelMtls: {{ 8080: {{ mode: DISABLE }} }} }}"
                ),
                "DISABLE",
            ),
        ],
    );
    let mesh = "spec: { mtls: { mode: PERMISSIVE } }";
    none(
        api,
        kind,
        &[
            mesh,
            "spec: { selector: { matchLabels: { app: other } }, mtls: { mode: PERMISSIVE } }",
            &format!(
                "spec: {{ {selector}, mtls: {{ mode: STRICT }}, portLevelMtls: {{ 9090: {{ mode: DISABLE }} }} }}"
            ),
        ],
    );
    let found = review_as(Stage::Observe, &object(api, kind, mesh));
    let wanted = (
        Code::WeakenedByManifest,
        Severity::Warning,
        "PERMISSIVE".to_string(),
    );
    assert_eq!(found, [wanted]);
}

#[test]
fn a_service_that_is_not_http_is_found() {
    let service =
        |port: &str| format!("spec: {{ selector: {{ app: github-mcp-server }}, ports: [{port}] }}");
    for port in [
        "{ port: 80, targetPort: 8080 }",
        "{ name: mcp, port: 8080 }",
        "{ name: tcp-http, port: 8080 }",
    ] {
        each(
            "v1",
            "Service",
            Code::ServicePortProtocol,
            &[(&service(port), port)],
        );
    }
    for protocol in ["tcp", "https", "kgateway.dev/mcp"] {
        let port = format!("{{ name: http, port: 8080, appProtocol: {protocol} }}");
        each(
            "v1",
            "Service",
            Code::ServicePortProtocol,
            &[(&service(&port), protocol)],
        );
    }
    let good = [
        "{ port: 80, targetPort: 8080, appProtocol: http }",
        "{ name: http-mcp, port: 8080 }",
        "{ name: metrics, port: 9090 }",
    ];
    for port in good {
        none("v1", "Service", &[&service(port)]);
    }
    none(
        "v1",
        "Service",
        &["spec: { selector: { app: other }, ports: [{ port: 8080 }] }"],
    );
}

#[test]
fn sidecars_filters_and_extensions_beside_ours_are_found() {
    let networking = "networking.istio.io/v1";
    each(
        networking,
        "Sidecar",
        Code::WeakenedByManifest,
        &[
            (
                "spec: { workloadSelector: { labels: { app: github-mcp-server } } }",
                "x",
            ),
            ("spec: { egress: [{ hosts: [\"./*\"] }] }", "x"),
        ],
    );
    none(
        networking,
        "Sidecar",
        &["spec: { workloadSelector: { labels: { app: other } } }"],
    );
    each(
        "networking.istio.io/v1alpha3",
        "EnvoyFilter",
        Code::WeakenedByManifest,
        &[("spec: {}", "x")],
    );
    none(
        "networking.istio.io/v1alpha3",
        "EnvoyFilter",
        &["spec: { workloadSelector: { labels: { app: other } } }"],
    );
    each(
        networking,
        "ServiceEntry",
        Code::WeakenedByManifest,
        &[("spec: { hosts: [api.github.com] }", "api.github.com")],
    );
    none(
        networking,
        "ServiceEntry",
        &["spec: { hosts: [api.example.com] }"],
    );
    none(
        "extensions.istio.io/v1alpha1",
        "WasmPlugin",
        &["spec: { url: \"oci://r.example.com/coraza:1\" }"],
    );
}

#[test]
fn a_workload_without_a_service_is_sniffed() {
    let workload =
        "spec: { template: { metadata: { labels: { app: github-mcp-server } }, spec: {} } }";
    each(
        "apps/v1",
        "Deployment",
        Code::ServicePortProtocol,
        &[(workload, "x")],
    );
}

#[test]
fn access_logs_without_a_provider_are_found() {
    let (api, kind) = ("telemetry.istio.io/v1", "Telemetry");
    let log =
        |name: &str| format!("spec: {{ accessLogging: [{{ providers: [{{ name: {name} }}] }}] }}");
    each(
        api,
        kind,
        Code::WeakenedByManifest,
        &[(&log("otel"), "otel")],
    );
    none(api, kind, &[&log("envoy"), &log("siem")]);
    let mesh = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata:\n  mesh: |\n    extensionProviders:\n    - name: otel\n";
    none(api, kind, &[&format!("{}\n{mesh}", log("otel"))]);
}

#[test]
fn lists_and_several_documents_are_read() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: security.istio.io/v1\n  kind: AuthorizationPolicy\n  metadata: { name: a, namespace: ai-agents }\n  spec: { rules: [{}] }\n---\n---\n# nothing\n---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: b, namespace: ai-agents }\nspec: { rules: [{}] }\n";
    assert_eq!(review(list).len(), 2);
    let broken = review("a: 1\n---\nb: [\n");
    assert_eq!(broken.first().map(|found| found.0), Some(Code::InvalidYaml));
    assert_eq!(review(""), []);
}
