//! What the server may reach: hosts that should not be, and hosts that a layer cannot let through.

mod addresses;
pub(crate) mod llm_hosts;
#[cfg(test)]
mod tests;

use crate::deployment::{Deployment, IstioVersion};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{EgressHost, EgressTls, Entry, Named, Policy};

/// Names of the metadata service, which hands out the node's credentials.
const METADATA_HOSTS: &[&str] = &[
    "metadata.google.internal",
    "metadata.goog",
    "instance-data.ec2.internal",
];

/// Its address, as services that resolve `ADDRESS.nip.io` and the like spell it in a name.
const METADATA_SPELLINGS: [&str; 3] = ["169.254.169.254", "169-254-169-254", "a9fea9fe"];

pub(super) fn check(policy: &Policy, deployment: Option<&Deployment>, found: &mut Diagnostics) {
    let hosts = &policy.egress.hosts;
    for (name, entry) in hosts {
        found.extend(llm(name, entry));
        found.extend(metadata(name, entry));
        found.extend(wildcard(name, entry, deployment));
        found.extend(covered(name, entry, hosts));
        found.extend(opaque_twice(name, entry, hosts));
    }
    addresses::check(policy, deployment, found);
}

fn llm(name: &str, entry: &Entry<EgressHost>) -> Option<Diagnostic> {
    let llm = llm_hosts::reached_by(name).filter(|_| !entry.value.allow_llm)?;
    let message = match llm == name {
        true => format!("`{name}` is a public LLM"),
        false => format!("`{name}` reaches a public LLM, `{llm}`"),
    };
    Some(
        Diagnostic::new(Code::LlmHost, entry.name, message)
            .label("whatever the server reads could be sent there")
            .help("if that is meant, say `allow_llm: true`"),
    )
}

fn metadata(name: &str, entry: &Entry<EgressHost>) -> Option<Diagnostic> {
    let mut hosts = METADATA_HOSTS.iter();
    let mut spellings = METADATA_SPELLINGS.iter();
    let host = hosts
        .find(|host| **host == name || covers(name, host))
        .or_else(|| spellings.find(|address| name.contains(**address)))?;
    let message = format!("`{name}` reaches the node's metadata service, `{host}`");
    Some(
        Diagnostic::new(Code::MetadataReachable, entry.name, message)
            .help("give the workload an `identity` of its own in the deployment file"),
    )
}

/// The proxy resolves a wildcard from the name that it is asked for, in HTTP or in TLS.
fn wildcard(
    name: &str,
    entry: &Entry<EgressHost>,
    deployment: Option<&Deployment>,
) -> Option<Diagnostic> {
    if !name.starts_with("*.") {
        return None;
    }
    let istio = deployment.map(|deployment| deployment.istio);
    let message = match (entry.value.tls, istio) {
        (EgressTls::Originate, _) => {
            format!(
                "the sidecar cannot speak TLS to `{name}`: a certificate is checked for one name"
            )
        }
        (EgressTls::Opaque, _) => {
            format!("`{name}` has no address, and opaque TCP carries no name")
        }
        (EgressTls::Passthrough, Some(istio)) if istio < IstioVersion::V1_30 => {
            format!("sidecars of Istio {istio} cannot resolve `{name}`")
        }
        (EgressTls::Passthrough, _) => return None,
    };
    Some(
        Diagnostic::new(Code::WildcardUnsupported, entry.name, message)
            .help("name each host, or let the server speak TLS itself, with Istio 1.30 or newer"),
    )
}

fn covered(name: &str, entry: &Entry<EgressHost>, hosts: &Named<EgressHost>) -> Option<Diagnostic> {
    let is_same = |other: &EgressHost| {
        (other.port.value, other.tls) == (entry.value.port.value, entry.value.tls)
    };
    let (wildcard, by) = hosts
        .iter()
        .find(|(wildcard, by)| covers(wildcard, name) && is_same(&by.value))?;
    let message = format!("`{name}` is covered by `{wildcard}`");
    Some(
        Diagnostic::new(Code::EgressCovered, entry.name, message)
            .also(by.name, "lets it through already")
            .help("remove the wildcard, which lets through more, or this entry"),
    )
}

/// Without a name on the wire, the port alone says which host is meant.
fn opaque_twice(
    name: &str,
    entry: &Entry<EgressHost>,
    hosts: &Named<EgressHost>,
) -> Option<Diagnostic> {
    let port = entry.value.port.value;
    let (first, other) = hosts.iter().find(|(_, other)| {
        other.value.tls == EgressTls::Opaque && other.value.port.value == port
    })?;
    if entry.value.tls != EgressTls::Opaque || first == name {
        return None;
    }
    let message = format!("`{first}` and `{name}` cannot be told apart on port {port}");
    Some(
        Diagnostic::new(Code::EgressConflict, entry.name, message)
            .also(other.name, "has that port already")
            .help("where the client begins with TLS, say `tls: passthrough`: that carries a name"),
    )
}

/// Whether a wildcard lets through every host that another name does.
fn covers(wildcard: &str, name: &str) -> bool {
    let Some(suffix) = wildcard.strip_prefix('*') else {
        return false;
    };
    name != wildcard && name.strip_prefix('*').unwrap_or(name).ends_with(suffix)
}
