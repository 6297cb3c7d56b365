//! The order in which objects are applied, by kind.
//!
//! MeshConfig comes before all of them, by hand: a Telemetry that names a provider which is not
//! defined there falls back to the text log without an error.

use super::Object;

/// Annotation by which Argo CD applies one wave after the other.
const SYNC_WAVE: &str = "argocd.argoproj.io/sync-wave";

/// Kinds in their order. Within a wave: what others rely on stands first.
const ORDER: &[(&str, u8)] = &[
    ("ServiceAccount", 10),
    ("Telemetry", 20),
    ("WasmPlugin", 30),
    ("TrafficExtension", 30),
    ("PeerAuthentication", 40),
    // Rules about tokens match nothing until tokens are read.
    ("RequestAuthentication", 41),
    ("AuthorizationPolicy", 42),
    // Hosts are known before the Sidecar cuts the others.
    ("ServiceEntry", 50),
    ("DestinationRule", 51),
    ("Sidecar", 52),
    ("NetworkPolicy", 53),
];

const LAST: u8 = 90;

/// Where a kind stands: two digits, of which the first is its wave.
pub(super) fn rank(kind: &str) -> u8 {
    ORDER
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or(LAST, |(_, rank)| *rank)
}

/// Objects in their order, each with its wave.
pub(super) fn sorted(mut objects: Vec<Object>) -> Vec<Object> {
    objects.sort_by(|a, b| key(a).cmp(&key(b)));
    objects
        .into_iter()
        .map(|object| {
            let wave = rank(object.kind()).checked_div(10).unwrap_or_default();
            object.annotate(SYNC_WAVE, &wave.to_string())
        })
        .collect()
}

fn key(object: &Object) -> (u8, &str, &str, &str) {
    (
        rank(object.kind()),
        object.kind(),
        object.namespace(),
        object.name(),
    )
}
