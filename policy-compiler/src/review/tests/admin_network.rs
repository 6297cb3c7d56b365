use super::*;

/// A rule of one of the kinds, for everyone unless it says otherwise.
fn policy(kind: &str, subject: &str, direction: &str, rules: &str) -> String {
    let (version, tier) = match kind {
        "ClusterNetworkPolicy" => ("v1alpha2", "tier: Admin, "),
        _ => ("v1alpha1", ""),
    };
    format!(
        "apiVersion: policy.networking.k8s.io/{version}\nkind: {kind}\nmetadata: {{ name: x }}\nspec: {{ {tier}priority: 5, subject: {{ {subject} }}, {direction}: [{rules}] }}\n"
    )
}

const KINDS: [(&str, &str); 2] = [
    ("AdminNetworkPolicy", "Allow"),
    ("ClusterNetworkPolicy", "Accept"),
];

#[test]
fn what_goes_before_network_policies_is_found() {
    for (kind, allow) in KINDS {
        let found = |subject: &str, direction: &str, rule: &str| {
            let rule = format!("{{ action: {allow}, {rule} }}");
            review(&policy(kind, subject, direction, &rule))
        };
        for (direction, rule) in [
            ("ingress", "from: [{ namespaces: {} }]"),
            (
                "ingress",
                "from: [{ pods: { namespaceSelector: {}, podSelector: {} } }]",
            ),
            (
                "ingress",
                "ports: [{ portNumber: { protocol: TCP, port: 8080 } }], from: [{ namespaces: {} }]",
            ),
            (
                "ingress",
                "ports: [{ portRange: { start: 8000, end: 9000 } }], from: [{ namespaces: {} }]",
            ),
            (
                "ingress",
                "protocols: [{ tcp: { destinationPort: { number: 8080 } } }], from: [{ namespaces: {} }]",
            ),
            (
                "ingress",
                "protocols: [{ tcp: { destinationPort: { range: { start: 1, end: 65535 } } } }], from: [{ namespaces: {} }]",
            ),
            (
                "ingress",
                "protocols: [{ destinationNamedPort: mcp }], from: [{ namespaces: {} }]",
            ),
            ("egress", "to: [{ networks: [0.0.0.0/0] }]"),
            ("egress", "to: [{ networks: [52.0.0.0/9, 53.0.0.0/9] }]"),
            (
                "egress",
                "to: [{ networks: [52.0.0.0/9] }, { networks: [53.0.0.0/9] }]",
            ),
            ("egress", "to: [{ nodes: {} }]"),
            (
                "egress",
                "ports: [{ portNumber: { port: 443 } }], to: [{ namespaces: {} }]",
            ),
        ] {
            let found = found("namespaces: {}", direction, rule);
            assert_eq!(found.len(), 1, "{kind} {rule}: {found:?}");
            let (code, severity, _) = &found[0];
            assert_eq!(
                (*code, *severity),
                (Code::WeakenedByManifest, Severity::Error)
            );
        }
        for (direction, rule) in [
            (
                "ingress",
                "from: [{ namespaces: { matchLabels: { a: b } } }]",
            ),
            (
                "ingress",
                "from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { a: b } } } }]",
            ),
            (
                "ingress",
                "ports: [{ portNumber: { protocol: TCP, port: 9090 } }], from: [{ namespaces: {} }]",
            ),
            (
                "ingress",
                "ports: [{ portNumber: { protocol: UDP, port: 8080 } }], from: [{ namespaces: {} }]",
            ),
            (
                "ingress",
                "protocols: [{ udp: { destinationPort: { number: 8080 } } }], from: [{ namespaces: {} }]",
            ),
            ("egress", "to: [{ networks: [10.0.0.0/8] }]"),
            ("egress", "to: [{ domainNames: [\"*.example.com\"] }]"),
        ] {
            assert_eq!(
                found("namespaces: {}", direction, rule),
                [],
                "{kind} {rule}"
            );
        }
        let open = "from: [{ namespaces: {} }]";
        for subject in [
            "namespaces: { matchLabels: { kubernetes.io/metadata.name: ai-agents } }",
            "namespaces: { matchExpressions: [{ key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system] }] }",
            "pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: github-mcp-server } } }",
        ] {
            assert_eq!(found(subject, "ingress", open).len(), 1, "{subject}");
        }
        for subject in [
            "namespaces: { matchLabels: { kubernetes.io/metadata.name: other } }",
            "namespaces: { matchExpressions: [{ key: kubernetes.io/metadata.name, operator: NotIn, values: [ai-agents] }] }",
            "pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: other } } }",
        ] {
            assert_eq!(found(subject, "ingress", open), [], "{subject}");
        }
    }
}

#[test]
fn blocks_of_several_rules_add_up() {
    for (kind, allow) in KINDS {
        let rule = |direction: &str, network: &str| {
            let peers = match direction {
                "ingress" => "from",
                _ => "to",
            };
            format!("{{ action: {allow}, {peers}: [{{ networks: [{network}] }}] }}")
        };
        let two = |direction: &str, last: &str| {
            let first = rule(direction, "52.0.0.0/9");
            format!("{first}, {}", rule(direction, last))
        };
        for direction in ["ingress", "egress"] {
            let object = |rules: &str| policy(kind, "namespaces: {}", direction, rules);
            let found = review(&object(&two(direction, "53.0.0.0/9")));
            let places: Vec<_> = found.iter().map(|(.., place)| place.clone()).collect();
            assert_eq!(places, [rule(direction, "53.0.0.0/9")], "{kind}");
            assert_eq!(review(&object(&two(direction, "10.0.0.0/8"))), [], "{kind}");
        }
        // What either kind allows is open.
        let first = policy(
            kind,
            "namespaces: {}",
            "egress",
            &rule("egress", "52.0.0.0/9"),
        );
        let other = object(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            "spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: 53.0.0.0/9 } }] }] }",
        );
        assert_eq!(review(&first), []);
        assert_eq!(review(&other), []);
        assert_eq!(review(&format!("{first}---\n{other}")).len(), 1);
    }
}

#[test]
fn a_resolver_anywhere_is_no_way_to_everything() {
    for (kind, allow) in KINDS {
        let found = |ports: &str| {
            let rule = format!("{{ action: {allow}, to: [{{ namespaces: {{}} }}], {ports} }}");
            let found = review(&policy(kind, "namespaces: {}", "egress", &rule));
            found
                .iter()
                .map(|(_, severity, _)| *severity)
                .collect::<Vec<_>>()
        };
        for resolver in [
            "ports: [{ portNumber: { port: 53, protocol: UDP } }, { portNumber: { port: 53, protocol: TCP } }]",
            "ports: [{ portRange: { start: 53, end: 53, protocol: UDP } }]",
            "protocols: [{ udp: { destinationPort: { number: 53 } } }, { tcp: { destinationPort: { number: 53 } } }]",
        ] {
            assert_eq!(found(resolver), [Severity::Warning], "{kind} {resolver}");
        }
        for more in [
            "ports: []",
            "ports: [{ portNumber: { port: 53, protocol: UDP } }, { portNumber: { port: 443 } }]",
            "ports: [{ portRange: { start: 53, end: 54 } }]",
            "protocols: [{ destinationNamedPort: dns }]",
            "protocols: [{ udp: {} }]",
        ] {
            assert_eq!(found(more), [Severity::Error], "{kind} {more}");
        }
    }
}

#[test]
fn rules_that_may_come_first_make_it_uncertain() {
    for (kind, allow) in KINDS {
        let open = format!("{{ action: {allow}, from: [{{ namespaces: {{}} }}] }}");
        let denied = format!("{{ action: Deny, from: [{{ namespaces: {{}} }}] }}, {open}");
        let found = review(&policy(kind, "namespaces: {}", "ingress", &denied));
        let severities: Vec<_> = found.iter().map(|(_, severity, _)| *severity).collect();
        assert_eq!(severities, [Severity::Warning]);
        let pass = "{ action: Pass, from: [{ namespaces: {} }] }";
        assert_eq!(review(&policy(kind, "namespaces: {}", "ingress", pass)), []);
    }
}

/// They hold for pods that no NetworkPolicy selects, and ours does.
#[test]
fn baselines_are_no_matter() {
    let open = "{ action: Allow, from: [{ namespaces: {} }] }";
    let baseline = policy(
        "BaselineAdminNetworkPolicy",
        "namespaces: {}",
        "ingress",
        open,
    );
    assert_eq!(review(&baseline), []);
    let open = "{ action: Accept, from: [{ namespaces: {} }] }";
    let baseline = policy("ClusterNetworkPolicy", "namespaces: {}", "ingress", open);
    assert_eq!(
        review(&baseline.replace("tier: Admin", "tier: Baseline")),
        []
    );
}
