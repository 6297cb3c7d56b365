//! What the mesh is given: Kubernetes and Istio objects, and the files that hold them.
//!
//! Each kind of object has its file, in the folder of its layer: the filter ([`attachment`]), who
//! reaches it ([`authorization`]), who it is, what it reaches, and who is told ([`telemetry`]).

mod attachment;
mod authorization;
mod object;
mod order;
mod telemetry;
#[cfg(test)]
mod testing;

pub use object::{ANNOTATION_DIGEST, ANNOTATION_SOURCE, Object, Provenance};

use crate::compilation::Compilation;
use crate::deployment::Deployment;
use serde_json::{Value, json};

/// The objects of one policy, in the order in which they are applied. None without a deployment.
#[must_use]
pub fn objects(compilation: &Compilation) -> Vec<Object> {
    let mut objects = workload_objects(compilation);
    objects.extend(namespace_objects(&[compilation]));
    order::sorted(objects)
}

/// The objects that belong to one workload alone.
fn workload_objects(compilation: &Compilation) -> Vec<Object> {
    let Some(deployment) = &compilation.deployment else {
        return Vec::new();
    };
    let layers = [
        telemetry::objects(compilation, deployment),
        attachment::objects(compilation, deployment),
        authorization::objects(compilation, deployment),
    ];
    order::sorted(layers.into_iter().flatten().collect())
}

/// The objects that the policies of one namespace share.
fn namespace_objects(compilations: &[&Compilation]) -> Vec<Object> {
    let _ = compilations;
    Vec::new()
}

/// Annotation with what a reader should know of the object.
const NOTE: &str = "mcp-guard.dev/note";

/// Chooses the workload's pods, and no others.
fn selector(deployment: &Deployment) -> Value {
    json!({"matchLabels": deployment.selector})
}

/// An object that depends on a part of the policy alone.
fn part(path: &str) -> Provenance {
    Provenance {
        path: path.into(),
        digest: None,
    }
}
