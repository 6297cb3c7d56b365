//! Layer 1: the filter in the server's sidecar, by exactly one object. Both together would run it
//! twice.

use super::{Object, Provenance, selector};
use crate::compilation::Compilation;
use crate::deployment::{Attachment, Deployment, Image, Location};
use serde_json::{Map, Value, json};

const API_VERSION: &str = "extensions.istio.io/v1alpha1";

/// The plugin's name in the proxy: its root id, and what its log lines begin with.
pub(crate) const PLUGIN_NAME: &str = "mcp_guard";

pub(super) fn objects(compilation: &Compilation, deployment: &Deployment) -> Vec<Object> {
    let kind = match deployment.attach {
        Attachment::WasmPlugin => "WasmPlugin",
        Attachment::TrafficExtension => "TrafficExtension",
    };
    let provenance = Provenance {
        path: "policy".into(),
        digest: Some(compilation.digest.clone()),
    };
    let name = &compilation.policy.server.value;
    let object = Object::new(
        API_VERSION,
        kind,
        &deployment.namespace.value,
        name,
        &provenance,
    );
    vec![object.with("spec", spec(compilation, deployment))]
}

fn spec(compilation: &Compilation, deployment: &Deployment) -> Value {
    let port = &compilation.policy.endpoints.port;
    let mut spec = json!({
        "selector": selector(deployment),
        // Without it, calls that the server makes would be judged as well.
        "match": [{
            "mode": "SERVER",
            "ports": port.iter().map(|port| json!({"number": port.value})).collect::<Vec<_>>(),
        }],
        // Behind RBAC, so that layer 2 has admitted whatever the filter sees.
        "phase": "STATS",
    });
    let wasm = wasm(compilation, &deployment.image);
    if let Some(spec) = spec.as_object_mut() {
        match deployment.attach {
            Attachment::WasmPlugin => spec.extend(wasm),
            Attachment::TrafficExtension => {
                spec.insert("wasm".into(), wasm.into());
            }
        }
    }
    spec
}

/// What both kinds of attachment say of the module.
fn wasm(compilation: &Compilation, image: &Image) -> Map<String, Value> {
    let mut wasm = Map::new();
    let mut set = |key: &str, value: Value| wasm.insert(key.into(), value);
    set("url", image.url.value.clone().into());
    // Istio verifies nothing of a `file://`: a hash there would only look like a pin.
    let pin = image
        .digest
        .as_ref()
        .filter(|_| image.location != Location::File);
    if let Some(pin) = pin {
        set("sha256", pin.value.clone().into());
    }
    if image.location == Location::Oci {
        set("imagePullPolicy", "IfNotPresent".into());
        if let Some(secret) = &image.pull_secret {
            set("imagePullSecret", secret.value.clone().into());
        }
    }
    set("failStrategy", "FAIL_CLOSE".into());
    set("pluginName", PLUGIN_NAME.into());
    set("pluginConfig", plugin_config(compilation));
    wasm
}

/// The plugin configuration as an object, which Istio hands to the filter as JSON.
fn plugin_config(compilation: &Compilation) -> Value {
    serde_json::from_str(&compilation.plugin_config).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::testing::{DEPLOYMENT, POLICY, kinds, objects_of, only};
    use serde_json::{Value, json};

    const DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000001";

    fn wasm_plugin(image: &str) -> Value {
        let (deployment, _) = DEPLOYMENT.split_once("image:").unwrap();
        let objects = objects_of(POLICY, &format!("{deployment}image: {image}\n"));
        only(&objects, "WasmPlugin")["spec"].clone()
    }

    #[test]
    fn the_filter_is_attached_once_to_what_reaches_the_port() {
        for (attach, kind, other) in [
            ("wasm-plugin", "WasmPlugin", "TrafficExtension"),
            ("traffic-extension", "TrafficExtension", "WasmPlugin"),
        ] {
            let objects = objects_of(POLICY, &format!("{DEPLOYMENT}attach: {attach}\n"));
            assert!(!kinds(&objects).contains(&other));
            let spec = &only(&objects, kind)["spec"];
            let matches = json!([{"mode": "SERVER", "ports": [{"number": 8080}]}]);
            assert_eq!(spec["match"], matches);
            assert_eq!(spec["phase"], "STATS");
            let wasm = spec.get("wasm").unwrap_or(spec);
            assert_eq!(wasm["failStrategy"], "FAIL_CLOSE");
            assert_eq!(wasm["pluginConfig"]["policy"]["server"], "github");
        }
    }

    #[test]
    fn a_hash_is_given_where_istio_verifies_it() {
        let pinned = format!("digest: \"sha256:{DIGEST}\"");
        let oci = wasm_plugin(&format!(
            "{{ url: \"oci://r.example/f:1\", {pinned}, pull_secret: registry }}"
        ));
        assert_eq!(oci["sha256"], DIGEST);
        assert_eq!(oci["imagePullSecret"], "registry");
        let https = wasm_plugin(&format!(
            "{{ url: \"https://r.example/f.wasm\", {pinned} }}"
        ));
        assert_eq!(https["sha256"], DIGEST);
        assert_eq!(https.get("imagePullPolicy"), None);
        let file = wasm_plugin(&format!("{{ url: \"file:///opt/f.wasm\", {pinned} }}"));
        assert_eq!(file.get("sha256"), None);
    }

    #[test]
    fn the_whole_policys_object_names_its_digest_and_no_line() {
        let objects = objects_of(POLICY, DEPLOYMENT);
        let annotations = &only(&objects, "WasmPlugin")["metadata"]["annotations"];
        let digest = annotations["mcp-guard.dev/policy-digest"].as_str().unwrap();
        assert_eq!(digest.len(), 64);
        let moved = objects_of(&format!("\n# moved\n{POLICY}"), DEPLOYMENT);
        assert_eq!(objects, moved);
    }
}
