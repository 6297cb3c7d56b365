use super::*;

const DEPLOYMENTS: [(&str, &str); 2] = [
    ("default", ""),
    ("canary", "network: { istio_revisions: [1-31-1, canary] }\n"),
];

/// What is found where the deployment names these revisions.
fn found(network: &str, manifests: &str) -> Vec<(Severity, String)> {
    let deployment = format!("{DEPLOYMENT}{network}");
    let texts = Texts {
        policy: POLICY,
        deployment: Some(&deployment),
        ..Texts::default()
    };
    let compiled = texts.compile();
    let (mut sources, compilation) = (compiled.sources, compiled.compilation.unwrap());
    let file = sources.add("manifests.yaml", manifests);
    let mut found = Diagnostics::default();
    let manifests = read(&sources, file, &mut found);
    run(&compilation, &manifests, &mut found);
    let found = found.into_sorted();
    let shown = found.iter().map(|finding| {
        let place = sources.snippet(finding.span().unwrap());
        (finding.severity, place.to_string())
    });
    shown.collect()
}

#[test]
fn a_revision_that_the_deployment_does_not_name_is_found() {
    let namespace = |labels: &str| {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: ai-agents, labels: {{ {labels} }} }}\n"
        )
    };
    let pod = |labels: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: p, namespace: ai-agents, labels: {{ app: github-mcp-server, {labels} }} }}\nspec: {{}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{ name: s }}\nspec: {{ selector: {{ app: github-mcp-server }}, ports: [{{ port: 8080, appProtocol: http }}] }}\n"
        )
    };
    for (own, network) in DEPLOYMENTS {
        for of in [&namespace as &dyn Fn(&str) -> String, &pod] {
            assert_eq!(found(network, &of(&format!("istio.io/rev: {own}"))), []);
            assert_eq!(
                found(network, &of("istio.io/rev: other")),
                [(Severity::Warning, "other".to_owned())]
            );
        }
        // The older label counts.
        let both = namespace("istio-injection: enabled, istio.io/rev: other");
        assert_eq!(found(network, &both), []);
    }
}

#[test]
fn the_root_namespace_is_the_one_that_the_mesh_says() {
    let open = |namespace: &str| {
        format!(
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{ name: open, namespace: {namespace} }}\nspec: {{ rules: [{{}}] }}\n"
        )
    };
    let mesh = |text: &str| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: istio-canary, namespace: istio-system }}\ndata:\n  mesh: |\n    {text}\n"
        )
    };
    let count = |network: &str, manifests: &str| found(network, manifests).len();
    assert_eq!(count("", &open("istio-system")), 1);
    assert_eq!(count("", &open("istio-config")), 0);
    let named = "network: { root_namespace: istio-config }\n";
    assert_eq!(count(named, &open("istio-system")), 0);
    assert_eq!(count(named, &open("istio-config")), 1);
    let said = mesh("rootNamespace: istio-config");
    assert_eq!(count("", &format!("{}{said}", open("istio-config"))), 1);
    assert_eq!(count("", &format!("{}{said}", open("istio-system"))), 0);
    let silent = mesh("trustDomain: x");
    assert_eq!(
        count(named, &format!("{}{silent}", open("istio-system"))),
        1
    );
}
