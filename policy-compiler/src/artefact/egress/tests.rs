use super::*;
use crate::testing::{DEPLOYMENT, POLICY, compiled};
use serde_json::json;

fn with(policy: &str, deployment: &str) -> Vec<Object> {
    let compilation = compiled(
        &format!("{POLICY}{policy}"),
        &format!("{DEPLOYMENT}{deployment}"),
    );
    objects(&compilation, compilation.deployment.as_ref().unwrap())
}

fn entries(policies: &[&str], deployment: &str) -> Vec<Object> {
    let deployment = format!("{DEPLOYMENT}{deployment}");
    let compilations: Vec<_> = policies
        .iter()
        .map(|policy| compiled(&format!("{POLICY}{policy}"), &deployment))
        .collect();
    namespace_objects(&compilations.iter().collect::<Vec<_>>())
}

fn spec<'o>(objects: &'o [Object], kind: &str) -> &'o Value {
    let object = objects.iter().find(|object| object.kind() == kind);
    object.unwrap().value().get("spec").unwrap()
}

const HOSTS: &str = r#"
egress:
  hosts:
    api.github.com: { cidrs: [140.82.112.0/20, "2606:50c0::/32"] }
    api.example.com: { tls: originate, cidrs: [192.0.2.0/24] }
    db.example.com: { port: 5432, tls: opaque }
    "*.example.org": {}
  services:
    databases/postgres: { port: 5432 }
    search/index: { port: 80, target_port: 8080 }
"#;

#[test]
fn a_host_is_resolved_by_the_proxy_and_seen_by_its_namespace_alone() {
    let objects = entries(&[HOSTS], "");
    let specs: Vec<_> = objects
        .iter()
        .map(|object| &object.value()["spec"])
        .collect();
    let entry = |host: &str, port: Value, resolution: &str| {
        json!({
            "hosts": [host],
            "exportTo": ["."],
            "location": "MESH_EXTERNAL",
            "ports": [port],
            "resolution": resolution,
        })
    };
    let tls = json!({"number": 443, "name": "tls-443", "protocol": "TLS"});
    assert_eq!(
        specs,
        [
            &entry("*.example.org", tls.clone(), "DYNAMIC_DNS"),
            &entry(
                "api.example.com",
                json!({"number": 80, "name": "http-80", "protocol": "HTTP", "targetPort": 443}),
                "DNS"
            ),
            &entry("api.github.com", tls, "DNS"),
            &entry(
                "db.example.com",
                json!({"number": 5432, "name": "tcp-5432", "protocol": "TCP"}),
                "DNS"
            ),
        ]
    );
    let names: Vec<_> = objects.iter().map(Object::name).collect();
    assert_eq!(
        names,
        [
            "mcp-egress-any.example.org",
            "mcp-egress.api.example.com",
            "mcp-egress.api.github.com",
            "mcp-egress.db.example.com",
        ]
    );
}

#[test]
fn one_host_of_two_policies_is_one_entry() {
    let passthrough = "egress: { hosts: { api.example.com: {} } }";
    let originate = "egress: { hosts: { api.example.com: { tls: originate } } }";
    let both = entries(&[passthrough, originate], "");
    assert_eq!(both.len(), 1);
    let numbers: Vec<_> = both[0].value()["spec"]["ports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|port| port["number"].clone())
        .collect();
    assert_eq!(numbers, [80, 443]);
    assert_eq!(both, entries(&[originate, passthrough], ""));
}

#[test]
fn only_what_an_outside_host_says_of_itself_makes_its_entry() {
    let more = "deny: { none: { tools: [x] } }";
    let host = "egress: { hosts: { api.example.com: {} } }";
    assert_eq!(
        entries(&[host], ""),
        entries(&[&format!("{host}\n{more}")], "")
    );
}

#[test]
fn a_hosts_port_has_one_meaning_in_a_namespace() {
    let policy = |tls| {
        compiled(
            &format!(
                "{POLICY}egress: {{ hosts: {{ a.example.com: {{ port: 5432, tls: {tls} }} }} }}"
            ),
            DEPLOYMENT,
        )
    };
    let (first, second) = (policy("passthrough"), policy("opaque"));
    assert_eq!(conflicts(&[&first, &second]).len(), 1);
    assert_eq!(conflicts(&[&first, &first]), []);
}

#[test]
fn observe_cuts_nothing() {
    let compilation = compiled(
        &format!("{POLICY}{HOSTS}"),
        &DEPLOYMENT.replace("enforce", "observe"),
    );
    let deployment = compilation.deployment.as_ref().unwrap();
    assert_eq!(objects(&compilation, deployment), []);
    assert_eq!(namespace_objects(&[&compilation]).len(), 4);
}

#[test]
fn the_sidecar_knows_exactly_what_is_named() {
    let telemetry = "telemetry: { collectors: { observability/otel: { port: 4317 } } }";
    let objects = with(HOSTS, telemetry);
    let sidecar = spec(&objects, "Sidecar");
    assert_eq!(
        *sidecar,
        json!({
            "workloadSelector": {"labels": {"app": "github"}},
            "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"},
            "egress": [{"hosts": [
                "./*.example.org",
                "./api.example.com",
                "./api.github.com",
                "./db.example.com",
                "databases/postgres.databases.svc.cluster.local",
                "observability/otel.observability.svc.cluster.local",
                "search/index.search.svc.cluster.local",
            ]}],
        })
    );
}

#[test]
fn no_egress_is_nothing_and_not_everything() {
    let objects = with("", "");
    assert_eq!(
        spec(&objects, "Sidecar")["egress"],
        json!([{"hosts": ["~/*"]}])
    );
    let text: String = objects.iter().map(Object::to_yaml).collect();
    assert!(!text.contains("istio-system/"), "{text}");
}

#[test]
fn tls_is_spoken_once() {
    let objects = with(HOSTS, "");
    let rules = objects
        .iter()
        .filter(|object| object.kind() == "DestinationRule");
    for rule in rules {
        let spec = &rule.value()["spec"];
        let policy = &spec["trafficPolicy"];
        assert_eq!(policy.get("tls"), None);
        if spec["host"] != "api.example.com" {
            assert!(policy["outlierDetection"].is_object(), "{spec}");
            continue;
        }
        let port = &policy["portLevelSettings"][0];
        assert_eq!(port["port"], json!({"number": 80}));
        assert_eq!(
            port["tls"],
            json!({"mode": "SIMPLE", "sni": "api.example.com", "subjectAltNames": ["api.example.com"]})
        );
        assert!(port["outlierDetection"].is_object());
    }
}

fn namespace(name: &str) -> Value {
    json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}})
}

fn tcp(ports: &[u16]) -> Value {
    ports
        .iter()
        .map(|port| json!({"protocol": "TCP", "port": port}))
        .collect()
}

#[test]
fn the_network_policy_opens_each_port_to_its_callers() {
    let objects = with(
        "",
        "ports: { admin: { port: 9000, service_accounts: [ops/admin, ops/other] } }\nnetwork: { metrics_namespace: monitoring, caller_cidrs: [10.9.0.0/16] }",
    );
    assert_eq!(
        spec(&objects, "NetworkPolicy")["ingress"],
        json!([
            {"from": [namespace("gateway"), {"ipBlock": {"cidr": "10.9.0.0/16"}}], "ports": tcp(&[8080])},
            {"from": [namespace("ops")], "ports": tcp(&[9000])},
            {"from": [namespace("monitoring")], "ports": tcp(&[15020, 15090])},
        ])
    );
}

#[test]
fn callers_of_every_kind_have_peers() {
    let ingress = |callers: &str, deployment: &str| {
        let policy = POLICY.replace("service_accounts: [gateway/ai-gateway]", callers);
        let compilation = compiled(&policy, &format!("{DEPLOYMENT}{deployment}"));
        let objects = objects(&compilation, compilation.deployment.as_ref().unwrap());
        spec(&objects, "NetworkPolicy")["ingress"].clone()
    };
    let from = |peers: Value| json!([{"from": peers, "ports": tcp(&[8080])}]);
    assert_eq!(
        ingress("principals: [cluster.local/ns/a/sa/x], namespaces: [b]", ""),
        from(json!([namespace("a"), namespace("b")]))
    );
    assert_eq!(
        ingress("jwt: { issuer: i, audiences: [a] }", ""),
        from(json!([{"namespaceSelector": {}}]))
    );
    assert_eq!(
        ingress("namespaces: [b], jwt: { issuer: i, audiences: [a] }", ""),
        from(json!([namespace("b")]))
    );
    // A list without entries would mean everyone: there is no rule at all.
    assert_eq!(
        ingress("principals: [far.example/ns/a/sa/x]", ""),
        json!([])
    );
    let own = "trust_domains: [far.example]";
    assert_eq!(
        ingress("principals: [far.example/ns/a/sa/x]", own),
        from(json!([namespace("a")]))
    );
}

#[test]
fn the_network_policy_lets_out_what_is_needed_and_named() {
    let network = "network: { istio_namespace: mesh, node_local_dns: 169.254.20.10, registry_cidrs: [10.2.0.0/24] }\ntelemetry: { collectors: { observability/otel: { port: 4317 } } }";
    let objects = with(HOSTS, network);
    let policy = spec(&objects, "NetworkPolicy");
    assert_eq!(policy["policyTypes"], json!(["Ingress", "Egress"]));
    let dns = json!({
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    });
    let block = |cidr: &str| json!({"ipBlock": {"cidr": cidr}});
    assert_eq!(
        policy["egress"],
        json!([
            {
                "to": [dns, block("169.254.20.10/32")],
                "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
            },
            {"to": [namespace("mesh")], "ports": tcp(&[15012])},
            {"to": [block("10.2.0.0/24")], "ports": tcp(&[5000])},
            {"to": [namespace("databases")], "ports": tcp(&[5432])},
            {"to": [namespace("search")], "ports": tcp(&[8080])},
            {"to": [namespace("observability")], "ports": tcp(&[4317])},
            {"to": [block("192.0.2.0/24")], "ports": tcp(&[443])},
            {"to": [block("140.82.112.0/20"), block("2606:50c0::/32")], "ports": tcp(&[443])},
        ])
    );
}

#[test]
fn a_module_in_a_volume_needs_no_registry() {
    let deployment = DEPLOYMENT.replace("oci://registry.example.com:5000", "file:///opt");
    let deployment = format!("{deployment}network: {{ registry_cidrs: [10.2.0.0/24] }}");
    let compilation = compiled(POLICY, &deployment);
    let objects = objects(&compilation, compilation.deployment.as_ref().unwrap());
    let egress = spec(&objects, "NetworkPolicy")["egress"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(egress, 2);
}

#[test]
fn the_metadata_service_is_cut_from_every_block() {
    let objects = with(
        "egress: { hosts: { a.example.com: { cidrs: [0.0.0.0/0, 169.254.0.0/16] } } }",
        "",
    );
    let policy = spec(&objects, "NetworkPolicy").to_string();
    for address in ["169.254.169.254/32", "169.254.170.2/32"] {
        assert_eq!(policy.matches(address).count(), 2, "{address}: {policy}");
    }
}

const IRSA: &str = r#"identity: { service_account: github-mcp-sa, mode: irsa, region: REGION, role_arn: "arn:PARTITION:iam::123456789012:role/reader", sts_cidrs: [10.3.0.0/28] }"#;

#[test]
fn irsa_reaches_sts() {
    for (partition, region, host) in [
        ("aws", "eu-central-1", "sts.eu-central-1.amazonaws.com"),
        ("aws-cn", "cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
        (
            "aws-us-gov",
            "us-gov-west-1",
            "sts.us-gov-west-1.amazonaws.com",
        ),
    ] {
        let identity = IRSA
            .replace("REGION", region)
            .replace("PARTITION", partition);
        let entries = entries(&[""], &identity);
        assert_eq!(entries[0].value()["spec"]["hosts"], json!([host]));
        let objects = with("", &identity);
        assert_eq!(
            spec(&objects, "Sidecar")["egress"],
            json!([{"hosts": [format!("./{host}")]}])
        );
        let policy = spec(&objects, "NetworkPolicy").to_string();
        assert!(policy.contains("10.3.0.0/28"), "{policy}");
    }
}

#[test]
fn pod_identity_reaches_its_agent() {
    let objects = with(
        "",
        r#"identity: { service_account: sa, mode: pod_identity, region: eu-central-1, cluster: main, role_arn: "arn:aws:iam::123456789012:role/reader" }"#,
    );
    let egress = &spec(&objects, "NetworkPolicy")["egress"];
    let agent = json!({"to": [{"ipBlock": {"cidr": "169.254.170.23/32"}}], "ports": tcp(&[80])});
    assert!(egress.as_array().unwrap().contains(&agent), "{egress}");
}
