//! What was read of a cluster, as plain data: it can be recorded, and judged elsewhere.

use super::value::text;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The agent's count of modules that it did or did not get, by `result`.
pub(super) const CONVERSIONS: &str = "istio_agent_wasm_config_conversion_count";

/// Everything that was read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// Objects, as the API server has them.
    pub objects: Vec<Value>,
    /// What of them could not be read.
    pub unread: Vec<Unread>,
    /// The proxies of the workload's pods.
    pub replicas: Vec<Replica>,
    /// Requests that were sent, and what became of them.
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

impl Facts {
    /// The same without what nobody judges, certificates and the bootstrap among it. For recording.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        for object in &mut self.objects {
            let metadata = object.get_mut("metadata").and_then(Value::as_object_mut);
            metadata.and_then(|metadata| metadata.remove("managedFields"));
        }
        for replica in &mut self.replicas {
            replica.trim();
        }
        self
    }
}

impl Replica {
    fn trim(&mut self) {
        let configs = self.config_dump.as_mut();
        let configs = configs.and_then(|dump| dump.get_mut("configs")?.as_array_mut());
        if let Some(configs) = configs {
            configs.retain(is_judged);
        }
        // The node is the pod's whole environment.
        let info = self.server_info.as_mut().and_then(Value::as_object_mut);
        if let Some(info) = info {
            info.retain(|key, _| matches!(key.as_str(), "version" | "command_line_options"));
        }
        let metrics = self.agent_metrics.take();
        self.agent_metrics = metrics.map(|text| {
            let kept = text.lines().filter(|line| line.starts_with(CONVERSIONS));
            kept.map(|line| format!("{line}\n")).collect()
        });
    }
}

/// Whether a section of the dump is read here.
fn is_judged(section: &Value) -> bool {
    const SECTIONS: [&str; 4] = [
        "v3.ListenersConfigDump",
        "v3.ClustersConfigDump",
        "v3.EcdsConfigDump",
        "v3.RoutesConfigDump",
    ];
    let kind = text(section, "/@type");
    SECTIONS.iter().any(|judged| kind.ends_with(judged))
}
