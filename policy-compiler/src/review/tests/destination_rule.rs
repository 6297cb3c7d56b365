use super::*;

const API: &str = "networking.istio.io/v1";
const KIND: &str = "DestinationRule";

#[test]
fn a_rule_that_takes_their_identity_from_callers_is_found() {
    let rule = |host: &str, mode: &str| {
        format!("spec: {{ host: \"{host}\", trafficPolicy: {{ tls: {{ mode: {mode} }} }} }}")
    };
    let full = "github-mcp-server.ai-agents.svc.cluster.local";
    for host in [
        full,
        "github-mcp-server",
        "*.ai-agents.svc.cluster.local",
        "*.local",
        "*",
    ] {
        for mode in ["DISABLE", "SIMPLE", "MUTUAL"] {
            each(
                API,
                KIND,
                Code::WeakenedByManifest,
                &[(&rule(host, mode), mode)],
            );
        }
        none(API, KIND, &[&rule(host, "ISTIO_MUTUAL")]);
    }
    let root = format!("  namespace: istio-system\n{}", rule("*.local", "DISABLE"));
    each(API, KIND, Code::WeakenedByManifest, &[(&root, "DISABLE")]);
    for within in [
        "subsets: [{ name: a, trafficPolicy: { tls: { mode: DISABLE } } }]",
        "trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, tls: { mode: DISABLE } }] }",
    ] {
        let body = format!("spec: {{ host: {full}, {within} }}");
        each(API, KIND, Code::WeakenedByManifest, &[(&body, "DISABLE")]);
    }
    // By whatever name a Service leads to the workload.
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: { name: tools, namespace: ai-agents }\nspec: { selector: { app: github-mcp-server }, ports: [{ port: 8080, appProtocol: http }] }\n";
    let named = object(API, KIND, &rule("tools", "SIMPLE"));
    assert_eq!(review(&named), []);
    assert_eq!(review(&format!("{named}\n{service}")).len(), 1);
}

#[test]
fn rules_for_others_are_no_matter() {
    let disable = "trafficPolicy: { tls: { mode: DISABLE } }";
    let full = "github-mcp-server.ai-agents.svc.cluster.local";
    none(
        API,
        KIND,
        &[
            &format!("spec: {{ host: other, {disable} }}"),
            &format!("spec: {{ host: github-mcp-server.other.svc.cluster.local, {disable} }}"),
            &format!("spec: {{ host: \"*.other.svc.cluster.local\", {disable} }}"),
            &format!("spec: {{ host: api.github.com, {disable} }}"),
            &format!("spec: {{ host: {full} }}"),
            &format!("spec: {{ host: {full}, trafficPolicy: {{ connectionPool: {{}} }} }}"),
            // A short name is one of the rule's own namespace.
            &format!("  namespace: istio-system\nspec: {{ host: github-mcp-server, {disable} }}"),
            &format!(
                "  namespace: istio-system\nspec: {{ host: {full}, exportTo: [\".\"], {disable} }}"
            ),
            &format!("  namespace: elsewhere\nspec: {{ host: {full}, {disable} }}"),
        ],
    );
}
