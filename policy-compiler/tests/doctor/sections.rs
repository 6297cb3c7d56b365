//! What a proxy did not say is unknown, though nothing bad was read.

use super::{CHAINS, found};
use serde_json::json;

#[test]
fn what_is_missing_of_a_proxy_is_unknown() {
    let config = |rest: &str| format!("/replicas/github-0/config_dump/configs{rest}");
    let listeners = config("/ListenersConfigDump/dynamic_listeners");
    let remove = |path: String| json!([{"op": "remove", "path": path}]);
    for (what, changes, wanted) in [
        (
            "routes",
            remove(config("/RoutesConfigDump")),
            "egress MCP0513",
        ),
        (
            "clusters",
            remove(config("/ClustersConfigDump")),
            "egress MCP0513",
        ),
        (
            "clusters of istiod",
            remove(config("/ClustersConfigDump/dynamic_active_clusters")),
            "egress MCP0513",
        ),
        (
            "the way out",
            json!([
                {"op": "remove", "path": format!("{listeners}/virtualOutbound")},
                {"op": "remove", "path": format!("{listeners}/0.0.0.0_443")}
            ]),
            "egress MCP0513",
        ),
        (
            "extensions",
            remove(config("/EcdsConfigDump")),
            "policy MCP0504",
        ),
        (
            "listeners of istiod",
            remove(listeners.clone()),
            "proxy MCP0513",
        ),
        (
            "listeners",
            remove(config("/ListenersConfigDump")),
            "proxy MCP0513",
        ),
        (
            "chains of the port",
            json!([{"op": "replace", "path": CHAINS, "value": [{
                "name": "other", "filter_chain_match": {"destination_port": 9091},
                "filters": [{"typed_config": {"cluster": "BlackHoleCluster"}}],
            }]}]),
            "proxy MCP0513",
        ),
        (
            "counters",
            remove("/replicas/github-0/stats".into()),
            "policy MCP0513",
        ),
        (
            "workers",
            remove("/replicas/github-0/server_info".into()),
            "policy MCP0513",
        ),
        (
            "the number of workers",
            remove("/replicas/github-0/server_info/command_line_options/concurrency".into()),
            "policy MCP0513",
        ),
        (
            "anything",
            remove("/replicas/github-0/config_dump".into()),
            "proxy MCP0513",
        ),
    ] {
        assert_eq!(found(&changes), [wanted], "{what}");
    }
}
