//! What must change in objects that are the team's own: the Deployment and the Service.

use super::identity;
use crate::compilation::Compilation;
use crate::deployment::{Deployment, Image, Location, Volume};
use crate::lower::Stage;
use serde_json::{Map, Value, json};

/// The filter's volume in the sidecar.
const VOLUME: &str = "mcp-guard-filter";

/// Ten years. The agent forgets a module that it has not loaded for a day, and then the next change of
/// the policy needs the registry; where that is away, every call is refused.
const PROXY_CONFIG: &str = "proxyMetadata:\n  WASM_MODULE_EXPIRY: 87600h\n";

/// The strategic merge patch of the Deployment: what the sidecar needs for the filter, and, once the
/// policy acts, the pod's identity and hardening.
pub(super) fn deployment(compilation: &Compilation, deployment: &Deployment) -> Value {
    let annotations = annotations(&deployment.image);
    let mut template = match annotations.is_empty() {
        true => json!({}),
        false => json!({"metadata": {"annotations": annotations}}),
    };
    if deployment.stage == Stage::Enforce {
        merge(&mut template, identity::pod_patch(compilation, deployment));
    }
    let name = deployment.deployment.as_ref();
    let name = name.unwrap_or(&compilation.policy.server);
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name.value, "namespace": deployment.namespace.value},
        "spec": {"template": template},
    })
}

/// The strategic merge patch of the Service. Its port's protocol decides whether the filter is in the
/// path at all; `appProtocol` is stronger than the port's name, to which others may refer.
pub(super) fn service(compilation: &Compilation, deployment: &Deployment) -> Option<Value> {
    let policy = &compilation.policy;
    let port = deployment.service_port.as_ref();
    let port = port.or(policy.endpoints.port.as_ref())?;
    let name = deployment.service.as_ref().unwrap_or(&policy.server);
    Some(json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name.value, "namespace": deployment.namespace.value},
        "spec": {"ports": [{"port": port.value, "appProtocol": "http"}]},
    }))
}

fn annotations(image: &Image) -> Map<String, Value> {
    let mut annotations = Map::new();
    if image.location != Location::File {
        annotations.insert("proxy.istio.io/config".into(), PROXY_CONFIG.into());
    }
    if let (Some(volume), Some(folder)) = (&image.volume, image.folder()) {
        let mount = json!({VOLUME: {"mountPath": folder, "readOnly": true}});
        let volume = json!({VOLUME: source(volume)});
        for (key, value) in [("userVolume", volume), ("userVolumeMount", mount)] {
            let key = format!("sidecar.istio.io/{key}");
            annotations.insert(key, value.to_string().into());
        }
    }
    annotations
}

/// The volume as Kubernetes writes it.
fn source(volume: &Volume) -> Value {
    match volume {
        Volume::ConfigMap(name) => json!({"configMap": {"name": name.value}}),
        Volume::PersistentVolumeClaim(name) => {
            json!({"persistentVolumeClaim": {"claimName": name.value, "readOnly": true}})
        }
        Volume::Image(reference) => {
            json!({"image": {"reference": reference.value, "pullPolicy": "IfNotPresent"}})
        }
    }
}

/// Adds one map to another; where both hold a map, these are merged.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::{deployment, service};
    use crate::testing::{DEPLOYMENT, POLICY, compiled};
    use serde_json::Value;

    fn patch(deploy: &str) -> Value {
        let compilation = compiled(POLICY, deploy);
        deployment(&compilation, compilation.deployment.as_ref().unwrap())
    }

    #[test]
    fn the_agent_keeps_the_module() {
        let patch = patch(DEPLOYMENT);
        let annotations = &patch["spec"]["template"]["metadata"]["annotations"];
        let config = annotations["proxy.istio.io/config"].as_str().unwrap();
        assert!(config.contains("WASM_MODULE_EXPIRY: 87600h"));
        assert!(patch["spec"]["template"]["spec"]["securityContext"].is_object());
    }

    #[test]
    fn observing_hardens_nothing() {
        let patch = patch(&DEPLOYMENT.replace("enforce", "observe"));
        assert!(patch["spec"]["template"].get("spec").is_none());
        assert!(patch["spec"]["template"]["metadata"]["annotations"].is_object());
    }

    #[test]
    fn a_file_comes_from_a_volume_and_needs_no_registry() {
        let (deploy, _) = DEPLOYMENT.split_once("image:").unwrap();
        let patch = patch(&format!(
            "{deploy}image: {{ url: \"file:///var/lib/mcp-guard/filter.wasm\", volume: {{ config_map: filter }} }}\n"
        ));
        let annotations = &patch["spec"]["template"]["metadata"]["annotations"];
        let json = |key: &str| -> Value {
            serde_json::from_str(annotations[key].as_str().unwrap()).unwrap()
        };
        let volume = json("sidecar.istio.io/userVolume");
        let mount = json("sidecar.istio.io/userVolumeMount");
        assert_eq!(volume["mcp-guard-filter"]["configMap"]["name"], "filter");
        assert_eq!(mount["mcp-guard-filter"]["mountPath"], "/var/lib/mcp-guard");
        assert_eq!(annotations.get("proxy.istio.io/config"), None);
    }

    #[test]
    fn the_services_port_is_declared_http_and_keeps_its_name() {
        let compilation = compiled(
            POLICY,
            &format!("{DEPLOYMENT}service: front\nservice_port: 80\n"),
        );
        let patch = service(&compilation, compilation.deployment.as_ref().unwrap()).unwrap();
        assert_eq!(patch["metadata"]["name"], "front");
        let port = &patch["spec"]["ports"][0];
        assert_eq!(
            (&port["port"], &port["appProtocol"]),
            (&80.into(), &"http".into())
        );
        assert_eq!(port.get("name"), None);
    }
}
