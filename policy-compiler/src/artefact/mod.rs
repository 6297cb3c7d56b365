//! What the mesh is given: Kubernetes and Istio objects, and the files that hold them.
//!
//! Each kind of object has its file, in the folder of its layer: the filter (`attachment`), who
//! reaches it (`authorization`), who it is (`identity`), what it reaches (`egress`), and who is
//! told (`telemetry`).

mod access_log;
mod attachment;
mod authorization;
mod component;
mod egress;
pub mod envoy;
mod fleet;
mod identity;
mod layout;
mod mesh_config;
mod object;
mod order;
mod patch;
pub(crate) mod size;
mod telemetry;
pub mod terraform;

pub(crate) use attachment::PLUGIN_NAME;
pub(crate) use authorization::AGENT_PORTS;
pub(crate) use egress::{conflicts, is_foreign, outside};
pub use fleet::{Member, check_fleet, fleet_files};
pub use layout::{File, MARK, files, is_marked};
pub use object::{ANNOTATION_DIGEST, ANNOTATION_NOTE, ANNOTATION_SOURCE, Object, Provenance};

use crate::compilation::Compilation;
use crate::deployment::Deployment;
use serde_json::{Value, json};

/// The objects of one policy, in the order in which they are applied. None without a deployment.
#[must_use]
pub fn objects(compilation: &Compilation) -> Vec<Object> {
    let mut objects = workload_objects(compilation);
    objects.extend(egress::namespace_objects(&[compilation]));
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
        identity::objects(compilation, deployment),
        egress::objects(compilation, deployment),
    ];
    order::sorted(layers.into_iter().flatten().collect())
}

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
