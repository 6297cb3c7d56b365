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
