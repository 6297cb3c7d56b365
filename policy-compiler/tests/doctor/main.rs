//! `doctor` on facts that were recorded of a real mesh, and on the same facts with something changed.
//!
//! The examples of the pages MCP05nn are run here: each changes one thing, and shows the lines with
//! its code. `MCP_GUARD_BLESS=1 cargo test -p mcp-guard-compiler --test doctor` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests, and what they are made of, may fail loudly"
)]

use mcp_guard_compiler::compilation::{Compilation, Input, compile};
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::{Code, Diagnostics};
use mcp_guard_compiler::doctor::{Facts, Report, State, judge};
use mcp_guard_compiler::lower::Stage;
use mcp_guard_compiler::source::Sources;
use serde_json::{Value, json};
use std::path::PathBuf;

mod capture;
mod chains;
mod change;
mod cluster;
mod probes;
mod recording;
mod replicas;
mod rules;
mod sections;
mod strangers;

const POLICY: &str = include_str!("policy.yaml");
const DEPLOYMENT: &str = include_str!("deploy.yaml");
const HEALTHY: &str = include_str!("healthy.json");

const CHAINS: &str = "/replicas/github-0/config_dump/configs/ListenersConfigDump/dynamic_listeners/virtualInbound/active_state/listener/filter_chains";
const PLUGIN: &str =
    "/replicas/github-0/config_dump/configs/EcdsConfigDump/ecds_filters/0/ecds_filter/typed_config";

fn compiled(stage: Stage) -> Compilation {
    let mut sources = Sources::default();
    let input = Input {
        policy: sources.add("policy.yaml", POLICY),
        imported: std::collections::BTreeMap::new(),
        captured: None,
        deployment: Some(sources.add("deploy.yaml", DEPLOYMENT)),
        overrides: Overrides {
            stage: Some(stage),
            ..Overrides::default()
        },
    };
    let mut found = Diagnostics::default();
    compile(&sources, &input, &mut found).expect("the policy compiles")
}

fn judged(facts: Value) -> Report {
    let facts: Facts = serde_json::from_value(facts).expect("facts");
    judge(&compiled(Stage::Enforce), &facts).expect("a deployment")
}

fn healthy() -> Value {
    serde_json::from_str(HEALTHY).expect("recorded facts")
}

/// The report with these changes made.
fn changed(changes: &Value) -> Report {
    let mut facts = healthy();
    change::apply(&mut facts, changes);
    judged(facts)
}

/// What is not fine: check and code.
fn found(changes: &Value) -> Vec<String> {
    let report = changed(changes);
    assert_eq!(report.is_enforced(), changes == &json!([]), "{changes}");
    let bad = report
        .lines
        .iter()
        .filter(|line| line.state != State::Enforced);
    let mut found: Vec<String> = bad
        .map(|line| format!("{} {}", line.check.as_str(), line.code.unwrap()))
        .collect();
    found.dedup();
    found
}

fn only(code: Code, changes: &Value) -> String {
    let lines = changed(changes).lines.into_iter();
    let report = Report {
        lines: lines.filter(|line| line.code == Some(code)).collect(),
        ..changed(&json!([]))
    };
    let text = report.to_text();
    let (_, lines) = text.split_once('\n').unwrap();
    let (lines, _) = lines.trim_end().rsplit_once('\n').unwrap_or_default();
    format!("{lines}\n")
}

#[test]
fn nothing_is_found_where_all_is_well() {
    assert_eq!(found(&json!([])), Vec::<String>::new());
}

/// Whether a page's first words name the state of the lines that it shows.
#[test]
fn every_page_says_what_its_lines_are() {
    for code in Code::ALL {
        let page = code.page();
        let Some((_, shown)) = page.split_once("```text\n[") else {
            continue;
        };
        let state = match shown.split_once(']').unwrap().0 {
            " " => "not enforced",
            "?" => "unknown",
            mark => panic!("{code} shows [{mark}]"),
        };
        let opening = page.lines().nth(2).unwrap();
        assert!(opening.contains(state), "{code}: {opening}");
    }
}

#[test]
fn every_page_shows_what_is_said() {
    let mut wrong = Vec::new();
    let live = Code::ALL
        .iter()
        .filter(|code| code.as_str().starts_with("MCP05"));
    for code in live {
        let page = code.page();
        let (before, rest) = page.split_once("```json change\n").expect("an example");
        let (changes, rest) = rest.split_once("```").unwrap();
        let (between, rest) = rest.split_once("```text\n").unwrap();
        let (shown, after) = rest.split_once("```").unwrap();
        let said = only(*code, &serde_json::from_str(changes).expect("changes"));
        if said.trim().is_empty() {
            wrong.push(format!("the example of {code} is not found"));
        } else if std::env::var_os("MCP_GUARD_BLESS").is_some() {
            let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
            let path = path.join(format!("../docs/diagnostics/{code}.md"));
            let text =
                format!("{before}```json change\n{changes}```{between}```text\n{said}```{after}");
            std::fs::write(path, text).unwrap();
        } else if shown != said {
            wrong.push(format!("the page of {code} does not show this:\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A change by somebody who wants it unseen, and what gives it away.
#[test]
fn each_layer_is_seen_in_the_proxy_alone() {
    let chain = |rest: &str| format!("{CHAINS}/0.0.0.0_8080{rest}");
    let filters = "/filters/0/typed_config/http_filters";
    let guard = format!(
        "{filters}/extensions.istio.io~1trafficextension~1ai-agents.github-mcp-server~istio-translated-wasmplugin"
    );
    for (what, changes, wanted) in [
        (
            "workers that run another policy than they were sent",
            json!([{"op": "replace", "path": "/replicas/github-0/stats",
                "value": "wasmcustom.mcp_guard_policy;.;stage=.=enforced;.;digest=.=0;.;: 4\n"}]),
            vec!["policy MCP0504"],
        ),
        (
            "workers of which some run another policy",
            json!([{"op": "replace", "path": "/replicas/github-0/stats",
                "value": format!("wasmcustom.mcp_guard_policy;.;stage=.=enforced;.;digest=.={};.;: 1\n",
                    compiled(Stage::Enforce).digest)}]),
            vec!["policy MCP0504"],
        ),
        (
            "the same policy as a candidate",
            json!([{"op": "replace", "path": "/replicas/github-0/stats",
                "value": format!("wasmcustom.mcp_guard_policy;.;stage=.=candidate;.;digest=.={};.;: 4\n",
                    compiled(Stage::Enforce).digest)}]),
            vec!["policy MCP0504"],
        ),
        (
            "a restarted proxy that could not start the filter",
            json!([{"op": "replace", "path": "/replicas/github-0/stats", "value": "\n"}]),
            vec!["policy MCP0504"],
        ),
        (
            "a stand-in that lets every call pass",
            json!([{"op": "replace", "path": PLUGIN,
                "value": {"@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"}}]),
            vec!["policy MCP0505"],
        ),
        (
            "a filter that is switched off",
            json!([{"op": "add", "path": chain(&format!("{guard}/disabled")), "value": true}]),
            vec!["filter MCP0503"],
        ),
        (
            "a route that switches the filter off",
            json!([{"op": "add", "path": chain("/filters/0/typed_config/route_config/typed_per_filter_config"), "value": {
                "extensions.istio.io/trafficextension/ai-agents.github-mcp-server~istio-translated-wasmplugin": {"disabled": true}
            }}]),
            vec!["filter MCP0503"],
        ),
        (
            "a chain without RBAC",
            json!([
                {"op": "remove", "path": chain(&format!("{filters}/envoy.filters.http.rbac"))},
                {"op": "remove", "path": chain(&format!("{filters}/envoy.filters.http.rbac"))}
            ]),
            vec!["callers MCP0506"],
        ),
        (
            "a chain that asks for no certificate",
            json!([{"op": "replace", "path": chain("/transport_socket/typed_config/require_client_certificate"), "value": false}]),
            vec!["mutual-tls MCP0507"],
        ),
        (
            "a chain that takes any certificate",
            json!([{"op": "add", "path": chain("/transport_socket/typed_config/common_tls_context/trust_chain_verification"), "value": "ACCEPT_UNTRUSTED"}]),
            vec!["mutual-tls MCP0507"],
        ),
        (
            "a filter that lets calls pass when it fails",
            json!([{"op": "replace", "path": format!("{PLUGIN}/config/failure_policy"), "value": "FAIL_OPEN"}]),
            vec!["policy MCP0504"],
        ),
        (
            "a port without a chain of its own",
            json!([{"op": "remove", "path": chain("")}]),
            vec!["filter MCP0503"],
        ),
        (
            "a host that nobody listed",
            json!([{"op": "add", "path": "/replicas/github-0/config_dump/configs/ClustersConfigDump/dynamic_active_clusters/-",
                "value": {"cluster": {"name": "outbound|443||attacker.example.net"}}}]),
            vec!["egress MCP0509"],
        ),
        (
            "a listener that refused its update",
            json!([{"op": "add", "path": "/replicas/github-0/config_dump/configs/ListenersConfigDump/dynamic_listeners/virtualInbound/error_state",
                "value": {"details": "unknown filter"}}]),
            vec!["proxy MCP0513"],
        ),
        (
            "a proxy that istiod never reached",
            json!([{"op": "replace", "path": "/replicas/github-0/config_dump/configs/ListenersConfigDump/dynamic_listeners", "value": []}]),
            vec!["proxy MCP0513"],
        ),
        (
            "a pod that nobody asked",
            json!([{"op": "remove", "path": "/replicas/github-0"}]),
            vec!["proxy MCP0513"],
        ),
        (
            "no pod at all",
            json!([{"op": "remove", "path": "/objects/Pod"}, {"op": "remove", "path": "/replicas/github-0"}]),
            vec!["proxy MCP0513"],
        ),
    ] {
        assert_eq!(found(&changes), wanted, "{what}");
    }
}

#[test]
fn network_plugins_are_told_apart() {
    let set = |name: &str, container: Value| {
        json!([{"op": "replace", "path": "/objects/DaemonSet", "value": {
            "kind": "DaemonSet",
            "metadata": {"name": name, "namespace": "kube-system"},
            "spec": {"template": {"spec": {"containers": [container]}}},
            "status": {"numberReady": 1},
        }}])
    };
    let arguments =
        |word: &str| json!({"name": "aws-eks-nodeagent", "args": ["--enable-ipv6=false", word]});
    let image = |tag: &str| json!({"image": format!("docker.io/kindest/kindnetd:{tag}")});
    for (name, container, is_enforced) in [
        ("cilium", json!({}), true),
        ("kube-flannel-ds", json!({}), false),
        ("aws-node", arguments("--enable-network-policy=true"), true),
        (
            "aws-node",
            arguments("--enable-network-policy=false"),
            false,
        ),
        ("aws-node", json!({}), false),
        ("kindnet", image("v20240813-c6f155d6"), true),
        ("kindnet", image("v20240202-8f1494ea"), false),
        ("kindnet", image("latest"), false),
        ("kube-proxy", json!({}), false),
    ] {
        let found = found_or_none(&set(name, container.clone()));
        assert_eq!(
            found.is_empty(),
            is_enforced,
            "{name} {container}: {found:?}"
        );
        assert!(found.iter().all(|found| found == "network-policy MCP0510"));
    }
}

fn found_or_none(changes: &Value) -> Vec<String> {
    let report = changed(changes);
    let bad = report
        .lines
        .iter()
        .filter(|line| line.state != State::Enforced);
    bad.map(|line| format!("{} {}", line.check.as_str(), line.code.unwrap()))
        .collect()
}

#[test]
fn what_is_unknown_may_be_vouched_for_and_what_is_known_may_not() {
    let unknown = json!([{"op": "remove", "path": "/objects/DaemonSet"}]);
    assert!(!changed(&unknown).is_enforced());
    let accepted = changed(&unknown).accepting(&[Code::NetworkPolicyUnenforced]);
    assert!(accepted.is_enforced());
    assert!(accepted.to_text().contains("[a] network-policy"));
    let known = json!([{"op": "replace", "path": "/objects/DaemonSet/metadata/name", "value": "kube-flannel-ds"}]);
    assert!(
        !changed(&known)
            .accepting(&[Code::NetworkPolicyUnenforced])
            .is_enforced()
    );
    let other = changed(&unknown).accepting(&[Code::FactUnknown]);
    assert!(!other.is_enforced());
}

#[test]
fn what_a_cluster_says_is_shown_as_text() {
    let changes = json!([{"op": "add", "path": "/unread/-", "value": {"what": "pods", "reason": "x\u{1b}[31m"}}]);
    let text = changed(&changes).to_text();
    assert!(text.contains("pods: could not be read"), "{text}");
}
