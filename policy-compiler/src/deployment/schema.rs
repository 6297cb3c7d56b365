//! What the keys of a deployment are about.

use super::{Attachment, IstioVersion, identity, image, network, ports, volume};
use crate::policy::schema::{SERVICE_ACCOUNT, services, version};
use crate::schema::{ANY_NAME, NAME, about, flag, formed, list, map, named, port, text, word};
use serde_json::Value;

/// The name of an object: RFC 1123 subdomain.
const OBJECT: &str = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$";

pub(crate) fn deployment() -> Value {
    let required = ["version", "namespace", "selector", "image"];
    map(super::KEYS, &required, |key| {
        Some(match key {
            "version" => version(),
            "namespace" => about(
                "The namespace of the workload.",
                formed("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"),
            ),
            "selector" => about("Labels of the workload's pods.", selector()),
            "deployment" => about(
                "Name of the Deployment; absent: the policy's server.",
                formed(OBJECT),
            ),
            "containers" => about(
                "The containers that are hardened; none: only what holds for the whole pod.",
                list(text()),
            ),
            "service" => about(
                "Name of the Service that leads to the MCP port; absent: the policy's server.",
                formed(OBJECT),
            ),
            "service_port" => about(
                "Port of the Service that leads to the MCP port; absent: the same number.",
                port(),
            ),
            "ports" => about(
                "Further ports of the pod, by name. Every other port is closed.",
                named(NAME, other_port()),
            ),
            "trust_domains" => about(
                "The mesh's trust domains; `cluster.local` stands for all of them.",
                list(formed(OBJECT)),
            ),
            "stage" => about(
                "Whether the policy acts; absent: it only observes.",
                word(super::STAGES),
            ),
            "istio" => about(
                "The Istio that runs there, in quotes; absent: the newest that is supported.",
                word(IstioVersion::WORDS),
            ),
            "attach" => about(
                "The object that attaches the filter; absent: WasmPlugin.",
                word(Attachment::WORDS),
            ),
            "image" => about("Where the filter comes from.", image()),
            "identity" => about("Who the workload is, to Kubernetes and AWS.", identity()),
            "network" => about(
                "Where things are that every pod of a mesh needs.",
                network(),
            ),
            "telemetry" => about("Who gets the records.", telemetry()),
            _ => return None,
        })
    })
}

fn selector() -> Value {
    let mut selector = named(ANY_NAME, text());
    if let Value::Object(selector) = &mut selector {
        selector.insert("type".into(), "object".into());
        selector.insert("minProperties".into(), 1.into());
    }
    selector
}

fn other_port() -> Value {
    map(ports::KEYS, &["port", "service_accounts"], |key| {
        Some(match key {
            "port" => about("Its number.", port()),
            "service_accounts" => about(
                "Those who may connect, as `NAMESPACE/SERVICE-ACCOUNT`.",
                list(formed(SERVICE_ACCOUNT)),
            ),
            _ => return None,
        })
    })
}

fn image() -> Value {
    map(image::KEYS, &["url"], |key| {
        Some(match key {
            "url" => about(
                "The address of the image, module or file.",
                formed("^(oci|https|file)://"),
            ),
            "digest" => about(
                "For `oci://` the digest of the platform's manifest, never of an index; for `https://` the module's own.",
                formed("^(sha256:)?[0-9a-f]{64}$"),
            ),
            "volume" => about(
                "For `file://`: the volume that the module lies in.",
                volume(),
            ),
            "pull_secret" => about(
                "Name of the Secret of the namespace that opens the registry.",
                text(),
            ),
            _ => return None,
        })
    })
}

fn volume() -> Value {
    let keys = volume::KINDS.map(|(key, _)| key);
    let mut volume = map(&keys, &[], |key| {
        Some(match key {
            "config_map" => about("A ConfigMap whose `binaryData` holds it.", formed(OBJECT)),
            "persistent_volume_claim" => about("A PersistentVolumeClaim.", formed(OBJECT)),
            "image" => about("An image that the kubelet pulls.", formed("@sha256:")),
            _ => return None,
        })
    });
    if let Value::Object(volume) = &mut volume {
        volume.insert("maxProperties".into(), 1.into());
    }
    volume
}

fn identity() -> Value {
    map(identity::KEYS, &["service_account"], |key| {
        Some(match key {
            "service_account" => about("The workload's service account.", formed(OBJECT)),
            "create_service_account" => {
                about("Emit the account too; else it is there already.", flag())
            }
            "mode" => about(
                "How the pod gets credentials of AWS; absent: it needs none.",
                word(identity::MODES),
            ),
            "role_arn" => about(
                "The role.",
                formed("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$"),
            ),
            "sts_cidrs" => about(
                "For `irsa`: addresses of that STS, for the NetworkPolicy.",
                list(text()),
            ),
            "region" => about(
                "The region of the cluster; for `irsa`, its STS is asked.",
                text(),
            ),
            "cluster" => about("For `pod_identity`: the cluster's name.", text()),
            _ => return None,
        })
    })
}

fn network() -> Value {
    map(network::KEYS, &[], |key| {
        Some(match key {
            "istio_namespace" => about("Namespace of istiod; absent: istio-system.", text()),
            "root_namespace" => about(
                "The mesh's root namespace, whose objects reach all others; absent: that of istiod.",
                text(),
            ),
            "istio_revisions" => about(
                "Revisions of istiod, and tags for them, that may serve the workload; absent: the default one.",
                list(text()),
            ),
            "metrics_namespace" => about(
                "Namespace of the scraper of metrics; absent: nobody scrapes.",
                text(),
            ),
            "node_local_dns" => about("Address of NodeLocal DNSCache, where there is one.", text()),
            "caller_cidrs" => about(
                "Addresses of callers that are no pods of this cluster: of an east-west gateway, say.",
                list(text()),
            ),
            "registry_cidrs" => about(
                "Addresses of the registry that the sidecar pulls the filter from.",
                list(text()),
            ),
            _ => return None,
        })
    })
}

fn telemetry() -> Value {
    map(network::TELEMETRY_KEYS, &[], |key| {
        Some(match key {
            "providers" => about(
                "Providers of access logs that the mesh has already, and that stay.",
                list(text()),
            ),
            "collectors" => about(
                "In-mesh collectors of these providers, by `NAMESPACE/SERVICE`, that the sidecar must reach.",
                services(),
            ),
            _ => return None,
        })
    })
}
