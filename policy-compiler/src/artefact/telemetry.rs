//! Who is told: the workload's access log carries the filter's records.
//!
//! The provider itself stands in the mesh's configuration ([`super::mesh_config`]), which no object
//! of a namespace can say.

use super::{Object, part, selector};
use crate::compilation::Compilation;
use crate::deployment::Deployment;
use serde_json::json;

/// Name of the access log's provider in the mesh's configuration.
pub(super) const PROVIDER: &str = "mcp-guard";

pub(super) fn objects(compilation: &Compilation, deployment: &Deployment) -> Vec<Object> {
    let namespace = &deployment.namespace.value;
    let name = &compilation.policy.server.value;
    // A workload's Telemetry replaces the mesh's: its providers are named again, or fall silent.
    let existing = deployment.telemetry.providers.iter();
    let existing = existing.map(|provider| provider.value.as_str());
    let providers: Vec<_> = [PROVIDER]
        .into_iter()
        .chain(existing.filter(|name| *name != PROVIDER))
        .map(|name| json!({"name": name}))
        .collect();
    let object = Object::new(
        "telemetry.istio.io/v1",
        "Telemetry",
        namespace,
        name,
        &part("audit"),
    );
    vec![object.with(
        "spec",
        json!({
            "selector": selector(deployment),
            "accessLogging": [{"providers": providers}],
        }),
    )]
}

#[cfg(test)]
mod tests {
    use crate::testing::{DEPLOYMENT, POLICY, objects_of, only};
    use serde_json::json;

    #[test]
    fn providers_that_the_mesh_has_already_stay() {
        let deployment = format!("{DEPLOYMENT}telemetry: {{ providers: [otel, mcp-guard] }}\n");
        let spec = &only(&objects_of(POLICY, &deployment), "Telemetry")["spec"];
        let providers = json!([{"name": "mcp-guard"}, {"name": "otel"}]);
        assert_eq!(spec["accessLogging"][0]["providers"], providers);
        // Of both directions: what would be cut is read from the log of the calls that it makes.
        assert_eq!(spec["accessLogging"][0].get("match"), None);
    }
}
