use crate::diagnostic::Code;
use crate::testing::{DEPLOYMENT, POLICY, try_compiled};

const CIDRS: &str = "cidrs: [192.0.2.0/24]";
const NETWORK: &str = "network: { registry_cidrs: [198.51.100.0/24] }\n";

fn codes(hosts: &str, deployment: &str) -> Vec<Code> {
    let policy = format!("{POLICY}egress: {{ hosts: {{ {hosts} }} }}");
    let (_, found) = try_compiled(&policy, &format!("{DEPLOYMENT}{deployment}"));
    found.iter().map(|found| found.code).collect()
}

#[test]
fn a_plain_host_is_fine() {
    assert_eq!(
        codes(&format!("api.github.com: {{ {CIDRS} }}"), NETWORK),
        []
    );
}

#[test]
fn each_mistake_has_its_code() {
    for (hosts, expected) in [
        ("api.openai.com: { CIDRS }", vec![Code::LlmHost]),
        ("\"*.openai.com\": { CIDRS }", vec![Code::LlmHost]),
        ("api.openai.com: { allow_llm: true, CIDRS }", vec![]),
        (
            "metadata.google.internal: { CIDRS }",
            vec![Code::MetadataReachable],
        ),
        (
            "\"*.google.internal\": { CIDRS }",
            vec![Code::MetadataReachable],
        ),
        (
            "a.example.com: { cidrs: [169.254.169.254/32] }",
            vec![Code::MetadataReachable],
        ),
        (
            "metadata.goog: { CIDRS }, 169.254.169.254.nip.io: { CIDRS }, a9fea9fe.nip.io: { CIDRS }",
            vec![Code::MetadataReachable; 3],
        ),
        (
            "a.example.com: { cidrs: [\"fd20:ce::254/128\", \"fd00:ec2::254/128\"] }",
            vec![Code::MetadataReachable; 2],
        ),
        (
            "a.example.com: { cidrs: [169.254.170.2/32, 169.254.170.23/32] }",
            vec![Code::MetadataReachable; 2],
        ),
        (
            "0xa9.0xfe.0xa9.0xfe: { CIDRS }, 169.16689662: { CIDRS }, 0251.0376.0251.0376: { CIDRS }, a.0x: { CIDRS }",
            vec![Code::Malformed; 4],
        ),
        (
            "a.example.com: { cidrs: [\"::ffff:169.254.169.254/128\", 10.0.0.0/8] }",
            vec![Code::Malformed],
        ),
        (
            "a.example.com: { cidrs: [0.0.0.0/2] }, b.example.com: { cidrs: [64.0.0.0/2] }",
            vec![Code::OverBroad],
        ),
        (
            "a.example.com: { cidrs: [0.0.0.0/2] }, b.example.com: { port: 444, cidrs: [64.0.0.0/2] }",
            vec![],
        ),
        (
            "a.example.com: { cidrs: [0.0.0.0/0] }",
            vec![Code::OverBroad],
        ),
        (
            "a.example.com: { cidrs: [\"::/0\"] }",
            vec![Code::OverBroad],
        ),
        (
            "a.example.com: { cidrs: [10.1.2.3/16] }",
            vec![Code::Malformed],
        ),
        (
            "a.example.com: { cidrs: [10.1.2.3] }",
            vec![Code::Malformed, Code::EgressWithoutAddress],
        ),
        ("a.example.com: { port: 0, CIDRS }", vec![Code::Malformed]),
        ("a.example.com: {}", vec![Code::EgressWithoutAddress]),
        (
            "\"*.example.com\": { tls: originate, CIDRS }",
            vec![Code::WildcardUnsupported],
        ),
        (
            "\"*.example.com\": { tls: opaque, CIDRS }",
            vec![Code::WildcardUnsupported],
        ),
        (
            "a.example.com: { CIDRS }, \"*.example.com\": { CIDRS }",
            vec![Code::EgressCovered],
        ),
        (
            "\"*.b.example.com\": { CIDRS }, \"*.example.com\": { CIDRS }",
            vec![Code::EgressCovered],
        ),
        (
            "a.example.com: { port: 8443, CIDRS }, \"*.example.com\": { CIDRS }",
            vec![],
        ),
        (
            "example.com.de: { CIDRS }, \"*.example.com\": { CIDRS }",
            vec![],
        ),
        (
            "a.example.com: { port: 1, tls: opaque, CIDRS }, b.example.com: { port: 1, tls: opaque, CIDRS }",
            vec![Code::EgressConflict],
        ),
        (
            "a.example.com: { port: 1, tls: opaque, CIDRS }, b.example.com: { port: 1, CIDRS }",
            vec![],
        ),
    ] {
        let hosts = hosts.replace("CIDRS", CIDRS);
        let mut found = codes(&hosts, NETWORK);
        found.sort();
        assert_eq!(found, expected, "{hosts}");
    }
}

#[test]
fn sidecars_resolve_wildcards_from_1_30() {
    for (istio, expected) in [
        ("1.29", vec![Code::WildcardUnsupported]),
        ("1.30", vec![]),
        ("1.31", vec![]),
    ] {
        let deployment = format!("{NETWORK}istio: \"{istio}\"");
        assert_eq!(
            codes(&format!("\"*.example.com\": {{ {CIDRS} }}"), &deployment),
            expected
        );
    }
}

#[test]
fn what_a_network_policy_cannot_name_is_said() {
    let host = format!("a.example.com: {{ {CIDRS} }}");
    assert_eq!(codes(&host, ""), [Code::EgressWithoutAddress]);
    let identity = r#"identity: { service_account: sa, mode: irsa, region: eu-central-1, role_arn: "arn:aws:iam::123456789012:role/reader" }"#;
    assert_eq!(
        codes(&host, &format!("{NETWORK}{identity}")),
        [Code::EgressWithoutAddress]
    );
    let identity = identity.replace("region:", "sts_cidrs: [10.0.0.0/28], region:");
    assert_eq!(codes(&host, &format!("{NETWORK}{identity}")), []);
}

#[test]
fn a_caller_of_another_mesh_needs_addresses() {
    let policy = POLICY.replace(
        "service_accounts: [gateway/ai-gateway]",
        "principals: [far.example/ns/a/sa/x]",
    );
    let codes = |deployment: &str| {
        let (_, found) = try_compiled(&policy, &format!("{DEPLOYMENT}{deployment}"));
        found.iter().map(|found| found.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(NETWORK), [Code::CallerWithoutAddress]);
    assert_eq!(codes(&format!("{NETWORK}trust_domains: [far.example]")), []);
    assert_eq!(
        codes(&NETWORK.replace(" }", ", caller_cidrs: [10.0.0.0/8] }")),
        []
    );
}

#[test]
fn the_metadata_service_is_no_resolver() {
    let host = format!("a.example.com: {{ {CIDRS} }}");
    for (address, expected) in [
        ("169.254.20.10", vec![]),
        ("169.254.169.254", vec![Code::MetadataReachable]),
        ("\"::ffff:169.254.169.254\"", vec![Code::MetadataReachable]),
    ] {
        let network = NETWORK.replace(" }", &format!(", node_local_dns: {address} }}"));
        assert_eq!(codes(&host, &network), expected, "{address}");
    }
}
