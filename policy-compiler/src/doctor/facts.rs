//! What was read of a cluster, as plain data: it can be recorded, and judged elsewhere.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The agent's count of modules that it did or did not get, by `result`.
pub(super) const CONVERSIONS: &str = "istio_agent_wasm_config_conversion_count";

/// The sections of Envoy's `/config_dump` that are judged, by the end of their types.
pub(super) const LISTENERS: &str = "v3.ListenersConfigDump";
pub(super) const CLUSTERS: &str = "v3.ClustersConfigDump";
pub(super) const EXTENSIONS: &str = "v3.EcdsConfigDump";
pub(super) const ROUTES: &str = "v3.RoutesConfigDump";
pub(super) const SECTIONS: [&str; 4] = [LISTENERS, CLUSTERS, EXTENSIONS, ROUTES];

/// Everything that was read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// Objects, as the API server has them.
    pub objects: Vec<Value>,
    /// What was asked for, whatever came of it: `pods of ai-agents`.
    pub asked: Vec<String>,
    /// What of them could not be read.
    pub unread: Vec<Unread>,
    /// The proxies of the workload's pods.
    pub replicas: Vec<Replica>,
    /// Whether requests were to be sent to every pod.
    pub probes_wanted: bool,
    /// Those that were sent, and what became of them.
    pub probes: Vec<Probe>,
}

/// Something that could not be read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Unread {
    /// What.
    pub what: String,
    /// Why not.
    pub reason: String,
}

/// What the proxy of one pod says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Replica {
    /// Name of the pod.
    pub pod: String,
    /// Envoy's `/config_dump`.
    pub config_dump: Option<Value>,
    /// Envoy's `/server_info`.
    pub server_info: Option<Value>,
    /// Envoy's `/stats`, as text.
    pub stats: Option<String>,
    /// The agent's metrics, as text.
    pub agent_metrics: Option<String>,
    /// What of it could not be read.
    pub unread: Vec<Unread>,
}

/// A request that must be refused.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Probe {
    /// Name of the pod.
    pub pod: String,
    /// The port that it was sent to.
    pub port: u16,
    /// Whether it was answered with success.
    pub answered: bool,
    /// The answer, or the error.
    pub said: String,
}
