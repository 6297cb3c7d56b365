//! DestinationRules: circuit breakers for hosts outside, and TLS where the sidecar speaks it.

use super::{Outside, Workload, host_name};
use crate::artefact::Object;
use crate::policy::EgressTls;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn objects(workload: Workload<'_>, hosts: &BTreeMap<String, Outside>) -> Vec<Object> {
    hosts
        .iter()
        .map(|(name, host)| object(workload, name, host))
        .collect()
}

/// It selects the workload, since two rules for one host in a namespace are not merged either.
fn object(workload: Workload<'_>, host: &str, outside: &Outside) -> Object {
    let name = host_name(workload.server(), host);
    let api = "networking.istio.io/v1";
    workload
        .object(api, "DestinationRule", &name, &outside.path)
        .with(
            "spec",
            json!({
                "host": host,
                "exportTo": ["."],
                "workloadSelector": {"matchLabels": workload.labels()},
                "trafficPolicy": traffic_policy(host, outside),
            }),
        )
}

fn traffic_policy(host: &str, outside: &Outside) -> Value {
    match outside.tls {
        // No `tls`: it would wrap the server's own TLS once more.
        EgressTls::Passthrough | EgressTls::Opaque => {
            json!({"outlierDetection": outlier_detection()})
        }
        // For that port alone, since another policy's server may speak TLS to the same host itself.
        // Without `caCertificates`, the roots of the proxy's system are believed.
        EgressTls::Originate => json!({
            "portLevelSettings": [{
                "port": {"number": outside.service_port()},
                "tls": {"mode": "SIMPLE", "sni": host, "subjectAltNames": [host]},
                "outlierDetection": outlier_detection(),
            }],
        }),
    }
}

/// Five failures in a row: half a minute without that address, also if it is the only one.
fn outlier_detection() -> Value {
    json!({
        "consecutive5xxErrors": 5,
        "interval": "10s",
        "baseEjectionTime": "30s",
        "maxEjectionPercent": 100,
    })
}
