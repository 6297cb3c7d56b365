use super::*;

#[test]
fn pods_that_go_round_the_proxy_are_found() {
    let pod = |annotations: &str, spec: &str| {
        format!(
            "spec:\n  template:\n    metadata: {{ labels: {{ app: github-mcp-server }}, annotations: {{ {annotations} }} }}\n    spec: {{ {spec} }}\n---\napiVersion: v1\nkind: Service\nmetadata: {{ name: s }}\nspec: {{ selector: {{ app: github-mcp-server }}, ports: [{{ port: 8080, appProtocol: http }}] }}\n"
        )
    };
    for (annotations, place) in [
        (
            "traffic.sidecar.istio.io/excludeInboundPorts: \"9090,8080\"",
            "\"9090,8080\"",
        ),
        (
            "traffic.sidecar.istio.io/includeInboundPorts: \"9090\"",
            "\"9090\"",
        ),
        (
            "traffic.sidecar.istio.io/includeInboundPorts: \"8080\"",
            "\"8080\"",
        ),
        (
            "traffic.sidecar.istio.io/excludeInboundPorts: \"15020,9090\"",
            "\"15020,9090\"",
        ),
        (
            "traffic.sidecar.istio.io/excludeOutboundIPRanges: 10.0.0.0/8",
            "10.0.0.0/8",
        ),
        (
            "traffic.sidecar.istio.io/includeOutboundIPRanges: 10.0.0.0/8",
            "10.0.0.0/8",
        ),
        ("traffic.sidecar.istio.io/excludeInterfaces: eth0", "eth0"),
        ("sidecar.istio.io/inject: \"false\"", "\"false\""),
        ("sidecar.istio.io/inject: \"no\"", "\"no\""),
        ("sidecar.istio.io/inject: \"OFF\"", "\"OFF\""),
        ("sidecar.istio.io/inject: \"0\"", "\"0\""),
        ("sidecar.istio.io/interceptionMode: NONE", "NONE"),
    ] {
        each(
            "apps/v1",
            "Deployment",
            Code::WeakenedByManifest,
            &[(&pod(annotations, ""), place)],
        );
    }
    for (spec, place) in [
        ("hostNetwork: true", "true"),
        ("hostNetwork: yes", "yes"),
        (
            "ephemeralContainers: [{ name: istio-proxy, securityContext: { runAsUser: 1337 } }]",
            "1337",
        ),
        (
            "initContainers: [{ name: istio-validation, command: [sh], securityContext: { runAsUser: 1337 } }]",
            "1337",
        ),
        ("securityContext: { runAsUser: 1337 }", "1337"),
        (
            "containers: [{ name: server, securityContext: { runAsGroup: 1337 } }]",
            "1337",
        ),
    ] {
        each(
            "apps/v1",
            "Deployment",
            Code::WeakenedByManifest,
            &[(&pod("", spec), place)],
        );
    }
    let agent = "traffic.sidecar.istio.io/excludeOutboundIPRanges: 169.254.170.23/32";
    none(
        "apps/v1",
        "Deployment",
        &[
            &pod(
                "",
                "containers: [{ name: istio-proxy, securityContext: { runAsUser: 1337 } }]",
            ),
            &pod(
                "",
                "initContainers: [{ name: istio-validation, args: [istio-iptables, -b, \"*\", --run-validation], securityContext: { runAsUser: 1337 } }]",
            ),
            &pod(agent, ""),
            &pod("sidecar.istio.io/inject: \"Yes\"", ""),
            &pod("sidecar.istio.io/interceptionMode: TPROXY", ""),
            &pod(
                "traffic.sidecar.istio.io/excludeInboundPorts: \"15020,15021,15090\"",
                "hostNetwork: false",
            ),
        ],
    );
    let ports = "traffic.sidecar.istio.io/includeInboundPorts: \"8080,9090\", traffic.sidecar.istio.io/excludeInboundPorts: \"9091\"";
    let observed = object("apps/v1", "Deployment", &pod(ports, ""));
    assert_eq!(review_as(Stage::Observe, &observed), []);
    for (injection, found) in [("enabled", 0), ("disabled", 1), ("no", 1), ("\"\"", 1)] {
        let namespace = format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: ai-agents, labels: {{ istio-injection: {injection} }} }}\n"
        );
        assert_eq!(review(&namespace).len(), found, "{injection}");
    }
}

#[test]
fn the_label_counts_of_the_two_that_take_a_pod_out() {
    let pod = |label: &str, annotation: &str| {
        let labels = format!("{{ app: github-mcp-server, sidecar.istio.io/inject: \"{label}\" }}");
        let annotations = format!("{{ sidecar.istio.io/inject: \"{annotation}\" }}");
        let pod = format!(
            "  labels: {labels}\n  annotations: {annotations}\nspec: {{}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{ name: s }}\nspec: {{ selector: {{ app: github-mcp-server }}, ports: [{{ port: 8080, appProtocol: http }}] }}\n"
        );
        review(&object("v1", "Pod", &pod)).len()
    };
    assert_eq!(pod("true", "false"), 0);
    assert_eq!(pod("n", "true"), 1);
}
