//! What else weakens or breaks a policy: the other manifests of its namespace.
//!
//! A policy is only as strong as what stands beside it: Istio adds ALLOW policies up, a pod can be
//! taken out of the mesh by one annotation, and a Service decides by the name of a port whether the
//! filter sees a request at all. Each kind of object has its file. Only what is handed over is
//! looked at; what runs in a cluster may differ.

mod attachment;
mod authorization;
pub(crate) mod capture;
mod destination_rule;
mod envoy_filter;
pub mod image;
mod manifest;
mod mesh_config;
mod network;
mod own;
mod peer_authentication;
mod pod;
mod request_authentication;
mod selector;
mod service;
mod service_entry;
mod sidecar;
mod subject;
mod telemetry;
#[cfg(test)]
mod tests;

pub use manifest::{Manifest, read};
pub(crate) use mesh_config::{providers, root_namespace};
pub(crate) use own::{is_equal, is_named};
pub(crate) use pod::REVISION;
pub(crate) use service::has_mcp_port;
pub use subject::Subject;

use crate::compilation::Compilation;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;

/// Finds what in `manifests` weakens or breaks a policy. A policy without a deployment concerns no
/// namespace, so nothing can be found.
pub fn run(compilation: &Compilation, manifests: &[Manifest], found: &mut Diagnostics) {
    let Some(subject) = Subject::new(compilation, manifests) else {
        return;
    };
    for manifest in manifests {
        if subject.may_concern(manifest) {
            own::check(&subject, manifest, found);
        }
    }
    others(&subject, manifests, found);
}

/// Finds what stands beside the objects that are compiled, and weakens them.
pub(crate) fn others(subject: &Subject<'_>, manifests: &[Manifest], found: &mut Diagnostics) {
    attachment::check(subject, manifests, found);
    network::check(subject, manifests, found);
    let concerned = manifests
        .iter()
        .filter(|manifest| subject.may_concern(manifest));
    for manifest in concerned {
        match (manifest.group(), manifest.kind()) {
            ("security.istio.io", "AuthorizationPolicy") => {
                authorization::check(subject, manifest, found);
            }
            ("security.istio.io", "PeerAuthentication") => {
                peer_authentication::check(subject, manifest, found);
            }
            ("security.istio.io", "RequestAuthentication") => {
                request_authentication::check(subject, manifest, found);
            }
            ("networking.istio.io", "Sidecar") => sidecar::check(subject, manifest, found),
            ("networking.istio.io", "ServiceEntry") => {
                service_entry::check(subject, manifest, found);
            }
            ("networking.istio.io", "DestinationRule") => {
                destination_rule::check(subject, manifest, manifests, found);
            }
            ("networking.istio.io", "EnvoyFilter") => {
                envoy_filter::check(subject, manifest, found);
            }
            ("telemetry.istio.io", "Telemetry") => {
                telemetry::check(subject, manifest, manifests, found);
            }
            ("", "Service") => service::check(subject, manifest, found),
            ("", "Namespace") => pod::check_namespace(subject, manifest, found),
            _ => pod::check(subject, manifest, found),
        }
    }
    service::check_presence(subject, manifests, found);
}

/// The finding that something weakens a policy.
fn weakened(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::WeakenedByManifest, span, message)
}
