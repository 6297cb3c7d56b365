//! What the mesh is given: Kubernetes and Istio objects, and the files that hold them.
//!
//! Each kind of object has its file, in the folder of its layer.

mod egress;
pub mod envoy;
#[cfg(test)]
pub(crate) mod fixture;
mod identity;
mod object;
pub mod terraform;

pub(crate) use egress::{conflicts, is_foreign, outside};
pub use object::{ANNOTATION_DIGEST, ANNOTATION_SOURCE, Object, Provenance};
