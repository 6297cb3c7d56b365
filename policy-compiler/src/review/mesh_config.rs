//! The mesh's own configuration, where it is among the manifests.

use super::Manifest;
use crate::diagnostic::Diagnostics;
use crate::source::Sources;
use crate::yaml::{self, Node};

/// Where istiod looks when its configuration says nothing (`DefaultMeshConfig` of Istio).
const ROOT_NAMESPACE: &str = "istio-system";

/// Names of the extension providers that a manifest defines.
#[must_use]
pub(crate) fn providers(manifest: &Manifest) -> Vec<String> {
    let configs = configs(manifest);
    let listed = configs.iter().filter_map(|mesh| {
        let providers = mesh.get("extensionProviders")?.items();
        Some(providers.iter())
    });
    listed
        .flatten()
        .filter_map(|provider| Some(provider.get("name")?.scalar()?.to_string()))
        .collect()
}

/// The root namespace that a manifest says: its objects reach every namespace of the mesh.
#[must_use]
pub(crate) fn root_namespace(manifest: &Manifest) -> Option<String> {
    let configs = configs(manifest);
    let said = |mesh: &Node| {
        let root = mesh.get("rootNamespace").and_then(Node::scalar);
        root.filter(|root| !root.is_empty()).map(ToOwned::to_owned)
    };
    let named = configs.iter().find_map(said);
    // What is about to be installed gets a default of its own.
    let is_final = manifest.kind() == "ConfigMap" && !configs.is_empty();
    named.or_else(|| is_final.then(|| ROOT_NAMESPACE.into()))
}

/// What a manifest says of the MeshConfig, in whichever wrapping.
fn configs(manifest: &Manifest) -> Vec<Node> {
    let wrapped: [&[&str]; 2] = [&["spec", "meshConfig"], &["spec", "values", "meshConfig"]];
    let wrapped = wrapped.into_iter().filter_map(|path| manifest.at(path));
    let mut configs: Vec<Node> = wrapped.cloned().collect();
    if let (true, Some(text)) = (is_mesh(manifest), manifest.text(&["data", "mesh"])) {
        let mut sources = Sources::default();
        let file = sources.add("mesh", text);
        configs.extend(yaml::parse_documents(
            &sources,
            file,
            &mut Diagnostics::default(),
        ));
    }
    configs
}

/// `istio`, or `istio-REVISION`.
fn is_mesh(manifest: &Manifest) -> bool {
    manifest.kind() == "ConfigMap" && manifest.name().starts_with("istio")
}
