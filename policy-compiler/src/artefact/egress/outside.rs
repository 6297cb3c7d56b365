//! The hosts outside the mesh that a workload reaches: those of the policy, and those of its identity.

use crate::deployment::{Deployment, Mode};
use crate::policy::{Cidr, EgressTls, Policy};
use crate::source::Span;
use std::collections::BTreeMap;

/// A host outside the mesh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outside {
    /// The port that is connected to.
    pub(crate) port: u16,
    /// Who speaks TLS.
    pub(crate) tls: EgressTls,
    /// Its addresses.
    pub(crate) cidrs: Vec<Cidr>,
    /// What asks for it: a path in the policy or the deployment.
    pub(crate) path: String,
    /// Where that stands.
    pub(crate) span: Span,
}

/// The port on which the server speaks plain HTTP, where the sidecar speaks TLS.
const HTTP: u16 = 80;

impl Outside {
    /// The port that the server connects to.
    pub(crate) fn service_port(&self) -> u16 {
        match self.tls {
            EgressTls::Originate => HTTP,
            EgressTls::Passthrough | EgressTls::Opaque => self.port,
        }
    }
}

/// Every host that the workload reaches, by name.
pub(crate) fn outside(
    policy: &Policy,
    deployment: Option<&Deployment>,
) -> BTreeMap<String, Outside> {
    let mut hosts: BTreeMap<String, Outside> = policy
        .egress
        .hosts
        .iter()
        .map(|(name, entry)| {
            let host = Outside {
                port: entry.value.port.value,
                tls: entry.value.tls,
                cidrs: entry.value.cidrs.iter().map(|cidr| cidr.value).collect(),
                path: format!("egress.hosts.{name}"),
                span: entry.name,
            };
            (name.clone(), host)
        })
        .collect();
    let identity = deployment.and_then(|deployment| deployment.identity.as_ref());
    if let Some((name, mut sts)) = identity.and_then(|identity| sts(identity.mode.as_ref()?)) {
        // Where the policy names it too, it says how it is reached; its addresses are those of both.
        hosts
            .entry(name)
            .and_modify(|host| host.cidrs.append(&mut sts.cidrs))
            .or_insert(sts);
    }
    hosts
}

/// IAM roles for service accounts exchange their token at the region's STS: cut, there is no identity.
fn sts(mode: &Mode) -> Option<(String, Outside)> {
    let Mode::Irsa {
        region, sts_cidrs, ..
    } = mode
    else {
        return None;
    };
    let suffix = match mode.role()?.partition {
        "aws-cn" => "amazonaws.com.cn",
        _ => "amazonaws.com",
    };
    let host = Outside {
        port: 443,
        tls: EgressTls::Passthrough,
        cidrs: sts_cidrs.iter().map(|cidr| cidr.value).collect(),
        path: "identity.region".into(),
        span: region.span,
    };
    Some((format!("sts.{}.{suffix}", region.value), host))
}
