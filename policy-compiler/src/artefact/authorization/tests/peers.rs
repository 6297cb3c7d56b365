//! Callers that are known by their certificates.

use super::istio::{Request, passes, passes_beside_allow_all};
use crate::artefact::objects;
use crate::testing::{DEPLOYMENT, POLICY, Texts, objects_of, only};

const GATEWAY: &str = "cluster.local/ns/gateway/sa/ai-gateway";
const STRANGER: &str = "cluster.local/ns/gateway/sa/other";
const SCRAPER: &str = "cluster.local/ns/monitoring/sa/prometheus";

const WITH_METRICS: &str =
    "\nports: { metrics: { port: 9090, service_accounts: [monitoring/prometheus] } }\n";

const CALL: Request<'_> = Request {
    principal: Some(GATEWAY),
    port: 8080,
    http: Some(("/mcp", "POST")),
    token: None,
};

fn asking(path: &'static str, method: &'static str) -> Request<'static> {
    Request {
        http: Some((path, method)),
        ..CALL
    }
}

#[test]
fn callers_pass_by_the_methods_and_paths_of_mcp() {
    let objects = objects_of(POLICY, DEPLOYMENT);
    for path in ["/mcp", "/mcp/"] {
        for method in ["POST", "GET", "DELETE"] {
            assert!(passes(&objects, asking(path, method)), "{method} {path}");
        }
    }
    assert!(passes(&objects, asking("/healthz", "GET")));
}

#[test]
fn whatever_else_is_allowed_nothing_else_passes() {
    let objects = objects_of(POLICY, &format!("{DEPLOYMENT}{WITH_METRICS}"));
    let refused = [
        Request {
            principal: Some(STRANGER),
            ..CALL
        },
        Request {
            principal: None,
            ..CALL
        },
        Request {
            principal: Some(STRANGER),
            ..asking("/healthz", "GET")
        },
        asking("/mcp", "PUT"),
        asking("/mcp", "OPTIONS"),
        asking("/admin", "GET"),
        asking("/mcp/x", "POST"),
        asking("/.well-known/oauth-protected-resource", "GET"),
        Request { port: 9091, ..CALL },
        Request { port: 9090, ..CALL },
        Request {
            port: 9090,
            principal: Some(STRANGER),
            ..CALL
        },
        Request {
            port: 22,
            principal: Some(SCRAPER),
            ..CALL
        },
        Request {
            port: 8080,
            principal: Some(SCRAPER),
            ..CALL
        },
    ];
    for request in refused {
        let Request {
            principal,
            port,
            http,
            ..
        } = request;
        assert!(!passes(&objects, request), "{principal:?} {port} {http:?}");
        assert!(
            !passes_beside_allow_all(&objects, request),
            "{principal:?} {port} {http:?}"
        );
    }
}

#[test]
fn a_further_port_is_its_callers_whatever_they_speak() {
    let objects = objects_of(POLICY, &format!("{DEPLOYMENT}{WITH_METRICS}"));
    for http in [None, Some(("/metrics", "GET"))] {
        let scrape = Request {
            principal: Some(SCRAPER),
            port: 9090,
            http,
            token: None,
        };
        assert!(passes(&objects, scrape), "{http:?}");
    }
}

#[test]
fn the_agents_ports_are_not_refused() {
    let objects = objects_of(POLICY, DEPLOYMENT);
    for port in [15020, 15021, 15090] {
        let probe = Request {
            principal: None,
            port,
            http: Some(("/app-health/x/livez", "GET")),
            token: None,
        };
        assert!(passes_beside_allow_all(&objects, probe), "{port}");
    }
}

#[test]
fn a_port_that_is_taken_for_tcp_is_refused_even_to_the_caller() {
    let objects = objects_of(POLICY, DEPLOYMENT);
    let raw = Request { http: None, ..CALL };
    assert!(!passes(&objects, raw));
    assert!(!passes_beside_allow_all(&objects, raw));
}

#[test]
fn each_transport_has_its_methods() {
    let policy = POLICY.replace(
        "mcp: [/mcp]",
        "sse: [/sse], message: [/message], origins: [\"https://a.example\"]",
    );
    let objects = objects_of(&policy, DEPLOYMENT);
    for (path, method, allowed) in [
        ("/sse", "GET", true),
        ("/sse", "POST", false),
        ("/sse", "OPTIONS", true),
        ("/message", "POST", true),
        ("/message", "GET", false),
        ("/message", "DELETE", false),
    ] {
        let request = asking(path, method);
        assert_eq!(passes(&objects, request), allowed, "{method} {path}");
        assert_eq!(
            passes_beside_allow_all(&objects, request),
            allowed,
            "{method} {path}"
        );
    }
}

#[test]
fn a_namespace_is_one_of_the_meshs_own() {
    let policy = POLICY.replace(
        "service_accounts: [gateway/ai-gateway]",
        "namespaces: [gateway]",
    );
    let objects = objects_of(&policy, DEPLOYMENT);
    for (principal, allowed) in [
        (STRANGER, true),
        ("cluster.local/ns/gateway-b/sa/x", false),
        ("elsewhere.example/ns/gateway/sa/x", false),
    ] {
        let request = Request {
            principal: Some(principal),
            ..CALL
        };
        assert_eq!(passes(&objects, request), allowed, "{principal}");
        assert_eq!(
            passes_beside_allow_all(&objects, request),
            allowed,
            "{principal}"
        );
    }
}

#[test]
fn trust_domains_stay_as_they_are_written() {
    let policy = POLICY.replace(
        "service_accounts: [gateway/ai-gateway]",
        "service_accounts: [gateway/ai-gateway], principals: [partner.example/ns/a/sa/b]",
    );
    let objects = objects_of(
        &policy,
        &format!("{DEPLOYMENT}\ntrust_domains: [prod.example]"),
    );
    let text: String = objects.iter().map(|object| object.to_yaml()).collect();
    // Istio reads the alias as every trust domain of the mesh, and so does the filter.
    assert!(text.contains(GATEWAY));
    assert!(text.contains("partner.example/ns/a/sa/b"));
    assert!(
        text.contains("prod.example"),
        "the filter knows the mesh's domains"
    );
}

#[test]
fn an_imported_caller_reaches_only_what_grants_it_something() {
    for (rule, allowed) in [
        ("{ callers: [gateway], ", false),
        ("{ callers: [other], ", true),
        ("{ ", true),
    ] {
        let policy = POLICY.replace("read: { ", &format!("read: {rule}"));
        let texts = Texts {
            policy: &format!("{policy}import: [shared.yaml]\n"),
            deployment: Some(DEPLOYMENT),
            shared: Some("version: 1\ncallers: { other: { service_accounts: [gateway/other] } }\n"),
            ..Texts::default()
        };
        let compilation = texts.compilation();
        let request = Request {
            principal: Some(STRANGER),
            ..CALL
        };
        assert_eq!(passes(&objects(&compilation), request), allowed, "{rule}");
    }
}

#[test]
fn an_imported_caller_without_a_grant_opens_no_network_either() {
    let policy = POLICY.replace("read: { ", "read: { callers: [gateway], ");
    let texts = Texts {
        policy: &format!("{policy}import: [shared.yaml]\n"),
        deployment: Some(DEPLOYMENT),
        shared: Some("version: 1\ncallers: { other: { jwt: { issuer: i, audiences: [a] } } }\n"),
        ..Texts::default()
    };
    let network = only(&objects(&texts.compilation()), "NetworkPolicy");
    let ingress = network["spec"]["ingress"].to_string();
    assert!(!ingress.contains("\"namespaceSelector\":{}"), "{ingress}");
    assert!(ingress.contains("gateway"), "{ingress}");
}
