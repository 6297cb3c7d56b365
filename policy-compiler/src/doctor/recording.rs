//! What is kept of the facts in a recording: what is judged, and no secrets beside it.
//!
//! Pods hold secrets in their environment, in arguments, in annotations, in the headers of probes and in
//! the last words of containers; and `kubectl apply` leaves a copy of it all in an annotation. None of
//! that is judged.

use super::control_plane::{ADDRESS, manifest};
use super::facts::{CONVERSIONS, Facts, Replica, SECTIONS};
use super::probe;
use super::value::text;
use crate::artefact::PLUGIN_NAME;
use crate::review;
use serde_json::{Map, Value, json};

/// How the names of annotations begin that are judged, and of those that are compiled.
const JUDGED_ANNOTATIONS: [&str; 4] = [
    "istio.io/",
    "sidecar.istio.io/",
    "traffic.sidecar.istio.io/",
    "mcp-guard.dev/",
];

/// The lists of a pod's status, one item for each container.
const STATUSES: [&str; 3] = [
    "containerStatuses",
    "initContainerStatuses",
    "ephemeralContainerStatuses",
];

const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// What a container may hold secrets in, and nobody judges.
const UNJUDGED: [&str; 4] = [
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
];

/// The containers whose words say what is captured, and how the names of variables begin that say it, too.
const CAPTURE: [&str; 2] = ["istio-init", "istio-validation"];
const CAPTURE_VARIABLES: [&str; 10] = [
    "ISTIO_INBOUND_",
    "ISTIO_OUTBOUND_",
    "ISTIO_SERVICE_",
    "ISTIO_LOCAL_",
    "ISTIO_EXCLUDE_",
    "PROXY_UID",
    "PROXY_GID",
    "DRY_RUN",
    "RUN_VALIDATION",
    "SKIP_RULE_APPLY",
];

/// The argument by which a network plugin says whether it enforces policies.
const PLUGIN_ARGUMENT: &str = "--enable-network-policy=";

/// Headers that a proxy adds, what it writes into logs, traces and answers, and code that it runs: all
/// of it may hold credentials.
const PROXY_SECRETS: [&str; 16] = [
    "headers_to_add",
    "request_headers_to_add",
    "response_headers_to_add",
    "custom_tags",
    "log_format",
    "json_format",
    "typed_json_format",
    "text_format",
    "text_format_source",
    "inline_string",
    "inline_bytes",
    "initial_metadata",
    "inline_code",
    "source_codes",
    "default_source_code",
    "environment_variables",
];

const REDACTED: &str = "(redacted)";

impl Facts {
    /// The same without what nobody judges, certificates, environments and the bootstrap among it. For
    /// recording.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        self.objects.iter_mut().for_each(trim_object);
        self.replicas.iter_mut().for_each(trim_replica);
        self.probes.iter_mut().for_each(probe::trim);
        self
    }
}

fn trim_object(object: &mut Value) {
    trim_metadata(object);
    trim_status(object);
    let kind = text(object, "/kind").to_owned();
    match kind.as_str() {
        "Pod" => trim_pod(object),
        "DaemonSet" => {
            if let Some(template) = object.pointer_mut("/spec/template") {
                trim_pod(template);
            }
        }
        "ConfigMap" => trim_config(object),
        "EnvoyFilter" => {
            map_at(object, "/spec").map(|spec| spec.remove("configPatches"));
        }
        "WasmPlugin" => trim_plugin(object, "/spec"),
        "TrafficExtension" => {
            trim_plugin(object, "/spec/wasm");
            map_at(object, "/spec").map(|spec| spec.remove("lua"));
        }
        _ => {}
    }
}

fn map_at<'v>(value: &'v mut Value, pointer: &str) -> Option<&'v mut Map<String, Value>> {
    value.pointer_mut(pointer)?.as_object_mut()
}

fn trim_metadata(object: &mut Value) {
    map_at(object, "/metadata").map(|metadata| metadata.remove("managedFields"));
    trim_annotations(object);
}

fn trim_annotations(object: &mut Value) {
    if let Some(annotations) = map_at(object, "/metadata/annotations") {
        let is_judged = |key: &str| JUDGED_ANNOTATIONS.iter().any(|own| key.starts_with(own));
        annotations.retain(|key, _| is_judged(key));
    }
}

/// Messages in it may hold a container's last words. Kept is whether a pod serves, and where, and how
/// many pods of a network plugin do.
fn trim_status(object: &mut Value) {
    let Some(status) = map_at(object, "/status") else {
        return;
    };
    let is_kept = |key: &str| {
        STATUSES.contains(&key) || matches!(key, "phase" | "podIP" | "podIPs" | "numberReady")
    };
    status.retain(|key, _| is_kept(key));
    for key in STATUSES {
        let statuses = status.get_mut(key).and_then(Value::as_array_mut);
        statuses
            .into_iter()
            .flatten()
            .for_each(trim_container_status);
    }
}

/// Kept is the container's name, and whether it waits, runs or has ended.
fn trim_container_status(status: &mut Value) {
    let state = status.get("state").and_then(Value::as_object);
    let state: Map<String, Value> = state
        .into_iter()
        .flatten()
        .map(|(kind, _)| (kind.clone(), json!({})))
        .collect();
    *status = json!({"name": text(status, "/name"), "state": state});
}

/// A pod, or what pods are made from.
fn trim_pod(pod: &mut Value) {
    trim_annotations(pod);
    let Some(spec) = map_at(pod, "/spec") else {
        return;
    };
    spec.remove("volumes");
    for key in CONTAINERS {
        let containers = spec.get_mut(key).and_then(Value::as_array_mut);
        containers.into_iter().flatten().for_each(trim_container);
    }
}

fn trim_container(container: &mut Value) {
    let is_capture = CAPTURE.contains(&text(container, "/name"));
    let Some(container) = container.as_object_mut() else {
        return;
    };
    for key in UNJUDGED {
        container.remove(key);
    }
    redact_values(container.get_mut("env"), is_capture);
    if is_capture {
        return;
    }
    container.remove("command");
    let arguments = container.get_mut("args").and_then(Value::as_array_mut);
    if let Some(arguments) = arguments {
        let is_judged = |argument: &Value| {
            let argument = argument.as_str();
            argument.is_some_and(|argument| argument.starts_with(PLUGIN_ARGUMENT))
        };
        arguments.retain(is_judged);
    }
}

/// Of variables, only the names are kept, but for those that say what is captured.
fn redact_values(variables: Option<&mut Value>, is_capture: bool) {
    let variables = variables.and_then(Value::as_array_mut);
    for variable in variables.into_iter().flatten() {
        let name = text(variable, "/name");
        let mut kept = CAPTURE_VARIABLES.iter();
        let is_kept = is_capture && kept.any(|kept| name.starts_with(kept));
        if let Some(value) = variable.get_mut("value").filter(|_| !is_kept) {
            *value = REDACTED.into();
        }
    }
}

/// Of the mesh's configuration, the root namespace and the names of its providers.
fn trim_config(object: &mut Value) {
    let manifest = manifest(object);
    let names = review::providers(&manifest).into_iter();
    let providers: Vec<Value> = names.map(|name| json!({"name": name})).collect();
    let kept = review::root_namespace(&manifest)
        .map(|root| json!({"rootNamespace": root, "extensionProviders": providers}));
    if let Some(object) = object.as_object_mut() {
        object.remove("binaryData");
        let kept = kept.map(|mesh| json!({"mesh": mesh.to_string()}));
        object.insert("data".into(), kept.unwrap_or_else(|| json!({})));
    }
}

/// The configuration of another plugin may hold its keys.
fn trim_plugin(object: &mut Value, pointer: &str) {
    let Some(plugin) = map_at(object, pointer) else {
        return;
    };
    if plugin.get("pluginName") != Some(&json!(PLUGIN_NAME)) {
        plugin.remove("pluginConfig");
    }
    let variables = plugin.get_mut("vmConfig").and_then(|vm| vm.get_mut("env"));
    redact_values(variables, false);
}

fn trim_replica(replica: &mut Replica) {
    let configs = replica.config_dump.as_mut();
    let configs = configs.and_then(|dump| dump.get_mut("configs")?.as_array_mut());
    if let Some(configs) = configs {
        configs.retain(is_judged);
        configs.iter_mut().for_each(redact_proxy);
    }
    if let Some(info) = &mut replica.server_info {
        trim_info(info);
    }
    let metrics = replica.agent_metrics.take();
    replica.agent_metrics = metrics.map(|text| {
        let kept = text.lines().filter(|line| line.starts_with(CONVERSIONS));
        kept.map(|line| format!("{line}\n")).collect()
    });
}

/// Whether a section of the dump is read here.
fn is_judged(section: &Value) -> bool {
    let kind = text(section, "/@type");
    SECTIONS.iter().any(|judged| kind.ends_with(judged))
}

fn redact_proxy(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for key in PROXY_SECRETS {
                if let Some(secret) = map.get_mut(key) {
                    *secret = REDACTED.into();
                }
            }
            if is_other_plugin(map) {
                map.remove("configuration");
            }
            map.values_mut().for_each(redact_proxy);
        }
        Value::Array(items) => items.iter_mut().for_each(redact_proxy),
        _ => {}
    }
}

/// Whether it is the configuration of a Wasm module that is not ours.
fn is_other_plugin(config: &Map<String, Value>) -> bool {
    let plugin = config.get("root_id");
    config.contains_key("vm_config") && plugin != Some(&json!(PLUGIN_NAME))
}

/// The node is the pod's whole environment: of it, only who configures the proxy is kept.
fn trim_info(info: &mut Value) {
    let address = info.pointer(ADDRESS).cloned();
    map_at(info, "/command_line_options").map(|options| options.remove("config_yaml"));
    let Some(info) = info.as_object_mut() else {
        return;
    };
    info.retain(|key, _| matches!(key.as_str(), "version" | "state" | "command_line_options"));
    if let Some(address) = address {
        let config = json!({"discoveryAddress": address});
        info.insert("node".into(), json!({"metadata": {"PROXY_CONFIG": config}}));
    }
}
