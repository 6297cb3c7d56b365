use super::*;

#[test]
fn network_policies_add_up() {
    let (api, kind) = ("networking.k8s.io/v1", "NetworkPolicy");
    each(
        api,
        kind,
        Code::WeakenedByManifest,
        &[
            ("spec: { podSelector: {}, ingress: [{}] }", "{}"),
            ("spec: { podSelector: {}, egress: [{}] }", "{}"),
            (
                "spec: { podSelector: {}, egress: [{ ports: [{ port: 443 }] }] }",
                "{ ports: [{ port: 443 }] }",
            ),
            (
                "spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] } }] }] }",
                "{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] } }",
            ),
            (
                "spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: \"::/0\" } }] }] }",
                "{ ipBlock: { cidr: \"::/0\" } }",
            ),
            (
                "spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: 128.0.0.0/1 } }] }] }",
                "{ ipBlock: { cidr: 128.0.0.0/1 } }",
            ),
            (
                "spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }, { namespaceSelector: {} }] }] }",
                "{ namespaceSelector: {} }",
            ),
            (
                "spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchExpressions: [{ key: no-such, operator: DoesNotExist }] } }] }] }",
                "{ namespaceSelector: { matchExpressions: [{ key: no-such, operator: DoesNotExist }] } }",
            ),
            (
                "spec: { podSelector: {}, ingress: [{ ports: [{ protocol: TCP }] }] }",
                "{ ports: [{ protocol: TCP }] }",
            ),
            (
                "spec: { podSelector: {}, ingress: [{ ports: [{ port: 8000, endPort: 9000 }] }] }",
                "{ ports: [{ port: 8000, endPort: 9000 }] }",
            ),
            (
                "spec: { podSelector: {}, ingress: [{ ports: [{ port: 8080 }] }] }",
                "{ ports: [{ port: 8080 }] }",
            ),
        ],
    );
    none(
        api,
        kind,
        &[
            "spec: { podSelector: {}, policyTypes: [Ingress, Egress] }",
            "spec: { podSelector: { matchLabels: { app: other } }, ingress: [{}] }",
            "spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] }",
            "spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: \"fc00::/7\" } }] }] }",
            "spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { a: b } } }] }] }",
            "spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { a: b } } }] }] }",
            "spec: { podSelector: {}, ingress: [{ ports: [{ port: 8081, endPort: 9000 }] }] }",
            "spec: { podSelector: {}, ingress: [{ ports: [{ port: 8080, protocol: UDP }] }] }",
        ],
    );
}

/// What no single network has is everyone, in one block or in several.
#[test]
fn blocks_are_taken_together() {
    let (api, kind) = ("networking.k8s.io/v1", "NetworkPolicy");
    let blocks = |direction: &str, peers: &str, blocks: &[&str]| {
        let rules = blocks
            .iter()
            .map(|block| format!("{{ {peers}: [{{ ipBlock: {{ cidr: \"{block}\" }} }}] }}"));
        let rules: Vec<String> = rules.collect();
        (
            format!(
                "spec: {{ podSelector: {{}}, {direction}: [{}] }}",
                rules.join(", ")
            ),
            rules.last().cloned().unwrap_or_default(),
        )
    };
    let sixteen: Vec<String> = (0..16)
        .map(|part| format!("52.{}.0.0/12", part * 16))
        .collect();
    let sixteen: Vec<&str> = sixteen.iter().map(String::as_str).collect();
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for wide in [
            sixteen.as_slice(),
            &["52.0.0.0/9", "53.0.0.0/9"],
            &["2a00::/13", "2a08::/13"],
        ] {
            let (spec, place) = blocks(direction, peers, wide);
            each(api, kind, Code::WeakenedByManifest, &[(&spec, &place)]);
        }
        // One alone, and two that are.
        for wide in [
            "52.0.0.0/8",
            "0.0.0.0/1",
            "8.0.0.0/7",
            "2a00::/12",
            // All of IPv4, by way of NAT64 and of 6to4.
            "64:ff9b::/96",
            "2002::/16",
        ] {
            let (spec, _) = blocks(direction, peers, &[wide]);
            let place = format!("{{ ipBlock: {{ cidr: \"{wide}\" }} }}");
            each(api, kind, Code::WeakenedByManifest, &[(&spec, &place)]);
        }
        let halves = blocks(direction, peers, &["0.0.0.0/1", "128.0.0.0/1"]).0;
        assert_eq!(review(&object(api, kind, &halves)).len(), 2);
        for narrow in [
            &[
                "10.0.0.0/8",
                "172.16.0.0/12",
                "192.168.0.0/16",
                "100.64.0.0/10",
            ] as &[&str],
            &["52.0.0.0/9", "52.0.0.0/9", "52.64.0.0/10"],
            &["fc00::/7", "2a00::/13"],
            &["nonsense", "10.0.0.0/x"],
        ] {
            none(api, kind, &[&blocks(direction, peers, narrow).0]);
        }
    }
    // Another port is not the MCP port, whoever reaches it.
    none(
        api,
        kind,
        &[
            "spec: { podSelector: {}, ingress: [{ ports: [{ port: 9090 }], from: [{ ipBlock: { cidr: 0.0.0.0/1 } }] }] }",
        ],
    );
}

#[test]
fn a_resolver_anywhere_is_no_way_to_everything() {
    let found = |rules: &str| {
        let spec = format!("spec: {{ podSelector: {{}}, egress: [{rules}] }}");
        let found = review(&object("networking.k8s.io/v1", "NetworkPolicy", &spec));
        let severities = found.iter().map(|(_, severity, _)| *severity);
        severities.collect::<Vec<_>>()
    };
    for resolver in [
        "{ ports: [{ port: 53, protocol: UDP }] }",
        "{ ports: [{ port: 53, protocol: UDP }, { port: 53 }], to: [{ namespaceSelector: {} }] }",
        "{ ports: [{ port: 53, protocol: UDP, endPort: 53 }], to: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }",
        // Together.
        "{ ports: [{ port: 53 }], to: [{ ipBlock: { cidr: 52.0.0.0/9 } }, { ipBlock: { cidr: 53.0.0.0/9 } }] }",
        "{ ports: [{ port: 53 }], to: [{ ipBlock: { cidr: 52.0.0.0/9 } }] }, { to: [{ ipBlock: { cidr: 53.0.0.0/9 } }] }",
    ] {
        assert_eq!(found(resolver), [Severity::Warning], "{resolver}");
    }
    for more in [
        "{ ports: [] }",
        "{ ports: [{ port: 53, protocol: UDP }, { port: 443 }] }",
        "{ ports: [{ port: 53, endPort: 54 }] }",
        "{ ports: [{ port: dns }] }",
        "{ ports: [{ protocol: UDP }] }",
    ] {
        assert_eq!(found(more), [Severity::Error], "{more}");
    }
    // Calls that come in are another matter.
    let spec = "spec: { podSelector: {}, ingress: [{ ports: [{ port: 53 }] }] }";
    none("networking.k8s.io/v1", "NetworkPolicy", &[spec]);
}

/// The labels that the pods have decide, once a manifest makes them.
#[test]
fn expressions_choose_pods_as_labels_do() {
    let pods = "---\napiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { selector: { app: github-mcp-server }, ports: [{ port: 8080, appProtocol: http }] }\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: d }\nspec: { template: { metadata: { labels: { app: github-mcp-server, tier: one } } } }\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: e }\nspec: { template: { metadata: { labels: { app: github-mcp-server, canary: \"yes\" } } } }\n";
    let policy = |selector: &str| {
        let spec = format!("spec: {{ podSelector: {{ {selector} }}, ingress: [{{}}] }}");
        format!(
            "{}\n{pods}",
            object("networking.k8s.io/v1", "NetworkPolicy", &spec)
        )
    };
    let expression = |text: &str| policy(&format!("matchExpressions: [{{ {text} }}]"));
    for chosen in [
        "key: app, operator: In, values: [x, github-mcp-server]",
        "key: app, operator: NotIn, values: [x]",
        "key: tier, operator: Exists",
        // The other one has no such label.
        "key: tier, operator: DoesNotExist",
        "key: tier, operator: NotIn, values: [one]",
        "key: canary, operator: In, values: [\"yes\"]",
    ] {
        assert_eq!(review(&expression(chosen)).len(), 1, "{chosen}");
    }
    for other in [
        "key: app, operator: In, values: [x]",
        "key: app, operator: NotIn, values: [github-mcp-server]",
        "key: app, operator: DoesNotExist",
        "key: stage, operator: Exists",
        "key: tier, operator: In, values: [two]",
    ] {
        assert_eq!(review(&expression(other)), [], "{other}");
    }
    // No one pod has both.
    let both = "matchLabels: { tier: one }, matchExpressions: [{ key: canary, operator: Exists }]";
    assert_eq!(review(&policy(both)), []);
}
