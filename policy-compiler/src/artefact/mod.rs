//! What the mesh is given: Kubernetes and Istio objects, and the files that hold them.
//!
//! Each kind of object has its file, in the folder of its layer.

mod mark;
mod object;

pub use mark::{MARK, is_marked};
pub use object::{ANNOTATION_DIGEST, ANNOTATION_SOURCE, Object, Provenance};
