//! The files of a compilation, for `kubectl apply -f`, Kustomize and Helm alike: all three read the
//! same objects.
//!
//! ```text
//! manifests/NN-KIND-NAME.yaml   one object each; NN is the order
//! kustomization.yaml            the objects, as a base for overlays
//! values.yaml                   the objects, for the chart
//! patches/                      what changes in the team's own objects, with a Kustomize component
//! mesh-config.yaml              what the mesh's configuration must say
//! terraform/                    the role of AWS, where there is one
//! envoy.yaml                    the same policy for an Envoy without Istio
//! ```
//!
//! None of them is JSON, which has no comments and so could not bear the mark: the plugin
//! configuration stands in the attachment, the role's trust policy in Terraform.

use super::{Object, component, envoy, mesh_config, order, terraform};
use crate::compilation::Compilation;
use crate::lower::Stage;
use crate::yaml::write::document;
use serde_json::{Value, json};

/// The first line of every file. Only a file that begins with it is ever replaced.
pub const MARK: &str = "# Made by mcp-guard; edits are lost.";

/// A file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it stands below the output's folder, with `/` between.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Whether a file was made here.
#[must_use]
pub fn is_marked(text: &str) -> bool {
    text.lines().next() == Some(MARK)
}

/// Every file of one policy. None without a deployment.
#[must_use]
pub fn files(compilation: &Compilation) -> Vec<File> {
    let objects = super::objects(compilation);
    let mut files = workload_files("", compilation, &objects);
    if compilation.deployment.is_some() {
        files.push(mesh_config_file());
    }
    sorted(files)
}

/// The files of one policy below `folder`, with these objects.
pub(super) fn workload_files(
    folder: &str,
    compilation: &Compilation,
    objects: &[Object],
) -> Vec<File> {
    let Some(deployment) = &compilation.deployment else {
        return Vec::new();
    };
    let policy = json!({
        "server": compilation.policy.server.value,
        "digest": compilation.digest,
        "stage": stage(deployment.stage),
        "namespace": deployment.namespace.value,
    });
    let mut files = unit(folder, objects, &policy);
    files.extend(component::files(folder, compilation, deployment));
    let envoy = envoy::config(compilation);
    files.push(file(folder, "envoy.yaml", "", &envoy));
    let terraform = terraform::files(compilation, deployment).into_iter();
    files.extend(
        terraform.map(|(path, text)| file(folder, &format!("terraform/{path}"), "", &text)),
    );
    files
}

/// What is applied together: objects, as files, for Kustomize and for the chart.
pub(super) fn unit(folder: &str, objects: &[Object], policy: &Value) -> Vec<File> {
    let manifests: Vec<File> = objects
        .iter()
        .map(|object| file(folder, &manifest_path(object), "", &object.to_yaml()))
        .collect();
    let paths: Vec<String> = objects.iter().map(manifest_path).collect();
    let kustomization = kustomization(&paths, USE_AS_BASE);
    let objects: Vec<&Value> = objects.iter().map(Object::value).collect();
    let values = document(&json!({"policy": policy, "objects": objects}));
    let mut files = manifests;
    files.push(file(folder, "kustomization.yaml", "", &kustomization));
    files.push(file(folder, "values.yaml", USE_WITH_HELM, &values));
    files
}

/// A Kustomization of these resources.
pub(super) fn kustomization(resources: &[String], comment: &str) -> String {
    let value = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
        // As they stand here; an overlay says so for itself.
        "sortOptions": {"order": "fifo"},
    });
    format!("{comment}{}", document(&value))
}

/// The snippet of the mesh's configuration.
pub(super) fn mesh_config_file() -> File {
    let value = mesh_config::value();
    file(
        "",
        "mesh-config.yaml",
        USE_IN_MESH_CONFIG,
        &document(&value),
    )
}

/// A file with the mark, and with what its reader should know.
pub(super) fn file(folder: &str, path: &str, comment: &str, text: &str) -> File {
    let unmarked = text.strip_prefix(MARK).map_or(text, str::trim_start);
    File {
        path: format!("{folder}{path}"),
        text: format!("{MARK}\n{comment}{unmarked}"),
    }
}

/// Files by their paths, so that the same input gives the same list.
pub(super) fn sorted(mut files: Vec<File>) -> Vec<File> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The word for a stage.
pub(super) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Observe => "observe",
        Stage::Enforce => "enforce",
    }
}

fn manifest_path(object: &Object) -> String {
    let kind = object.kind();
    let rank = order::rank(kind);
    let kind = kind.to_ascii_lowercase();
    format!("manifests/{rank}-{kind}-{}.yaml", object.name())
}

const USE_AS_BASE: &str = "\
# An overlay for one namespace and stage, beside the team's own objects in `../app`:
#   resources: [../app, ../compiled]
#   components: [../compiled/patches]
#   sortOptions: { order: fifo }
";

const USE_WITH_HELM: &str = "\
# helm upgrade --install RELEASE helm/mcp-guard -n NAMESPACE -f values.yaml
";

const USE_IN_MESH_CONFIG: &str = "\
# For `meshConfig` in the values of istiod's chart, or `mesh` in the ConfigMap `istio`. Merge it: lists
# are replaced, not added to. Apply it before the manifests, or the Telemetry falls back to the text
# log. The tags become labels of the filter's metrics once a pod is restarted.
";

#[cfg(test)]
mod tests;
