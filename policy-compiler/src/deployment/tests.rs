use super::*;

const DEPLOYMENT: &str = r#"
version: 1
namespace: ai-agents
selector: { app: github-mcp-server }
stage: enforce
istio: "1.30"
image: { url: "oci://registry.example.com/mcp-guard-filter:0.1.0", digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111" }
identity: { service_account: github-mcp-sa, mode: irsa, region: eu-central-1, role_arn: "arn:aws:iam::123456789012:role/mcp-scoped-github-reader" }
"#;

fn deployment(text: &str) -> (Option<Deployment>, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let file = sources.add("deploy.yaml", text);
    let mut found = Diagnostics::default();
    let deployment = read(&sources, file, Overrides::default(), &mut found);
    (deployment, found.into_sorted())
}

#[test]
fn a_deployment_is_read() {
    let (read, found) = deployment(DEPLOYMENT);
    assert_eq!(found, []);
    let read = read.unwrap();
    assert_eq!(read.stage, Stage::Enforce);
    assert_eq!(read.istio, IstioVersion::V1_30);
    assert_eq!(read.image.location, Location::Oci);
}

#[test]
fn mistakes_are_named() {
    for (from, to, code) in [
        ("\"1.30\"", "1.30", Code::WrongType),
        ("\"1.30\"", "\"1.28\"", Code::UnknownValue),
        (
            "\"1.30\"",
            "\"1.29\"\nattach: traffic-extension",
            Code::AttachmentUnsupported,
        ),
        (", digest:", ", digets:", Code::UnknownKey),
        ("sha256:1", "sha256:", Code::Malformed),
        (&"1".repeat(64), &"0".repeat(64), Code::ImagePlaceholder),
        ("oci://", "http://", Code::Malformed),
        ("app: github-mcp-server", "", Code::EmptyRule),
        ("123456789012", "12345", Code::IdentityIncomplete),
        (", region: eu-central-1", "", Code::IdentityIncomplete),
        ("stage: enforce", "stage: enforced", Code::UnknownValue),
        ("stage: enforce", "service_port: 0", Code::Malformed),
        (
            "stage: enforce",
            "ports: { metrics: { port: 0, service_accounts: [m/p] } }",
            Code::Malformed,
        ),
        (
            "stage: enforce",
            "ports: { \"a b\": { port: 9090, service_accounts: [m/p] } }",
            Code::Malformed,
        ),
    ] {
        let (_, found) = deployment(&DEPLOYMENT.replace(from, to));
        assert!(
            found.iter().any(|found| found.code == code),
            "{to}: {found:?}"
        );
    }
}

#[test]
fn a_file_lies_in_a_volume_of_its_own() {
    let of = |image: &str| {
        let (from, rest) = DEPLOYMENT.split_once("image:").unwrap();
        let (_, rest) = rest.split_once('\n').unwrap();
        deployment(&format!("{from}image: {image}\n{rest}"))
    };
    let file = "url: \"file:///var/lib/mcp-guard/filter.wasm\"";
    let (read, found) = of(&format!("{{ {file}, volume: {{ config_map: filter }} }}"));
    assert_eq!(found, []);
    let image = read.unwrap().image;
    assert_eq!(image.folder(), Some("/var/lib/mcp-guard"));
    assert!(matches!(image.volume, Some(Volume::ConfigMap(name)) if name.value == "filter"));
    for (image, code) in [
        ("{ url: \"file:///filter.wasm\" }".to_owned(), Code::Malformed),
        (format!("{{ {file}, volume: {{}} }}"), Code::Malformed),
        (format!("{{ {file}, volume: {{ config_map: a, persistent_volume_claim: b }} }}"), Code::Malformed),
        (format!("{{ {file}, volume: {{ image: \"r.example/f:1\" }} }}"), Code::ImageNotPinned),
        (format!("{{ {file}, volume: {{ host_path: /x }} }}"), Code::UnknownKey),
        ("{ url: \"https://a.example/f\", digest: \"sha256:1111111111111111111111111111111111111111111111111111111111111111\", volume: { config_map: a } }".to_owned(), Code::Malformed),
    ] {
        let (_, found) = of(&image);
        assert!(found.iter().any(|found| found.code == code), "{image}: {found:?}");
    }
}

#[test]
fn an_image_has_one_address_and_one_digest() {
    let codes = |url: &str| {
        let text = DEPLOYMENT.replace("oci://registry.example.com/mcp-guard-filter:0.1.0", url);
        let (_, found) = deployment(&text);
        let codes = found.iter().map(|found| found.code);
        codes.filter(|code| *code == Code::Malformed).count()
    };
    let digest = "0".repeat(64);
    for url in [
        "oci://registry.example.com/a/b:1",
        "oci://acme/filter",
        "https://files.example.com:8443/filter.wasm",
    ] {
        assert_eq!(codes(url), 0, "{url}");
    }
    for url in [
        "oci://",
        "oci://user@registry.example.com/a",
        "oci://registry.example.com/A",
        "oci://registry.example.com:0/a",
        &format!("oci://registry.example.com/a@sha256:{digest}"),
        "https://good.example@evil.example/filter.wasm",
        "https:///filter.wasm",
    ] {
        assert_eq!(codes(url), 1, "{url}");
    }
}
