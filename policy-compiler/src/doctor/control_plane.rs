//! Which istiod configures the proxies, and what it reads: each says its address itself, and what that
//! istiod takes for the mesh's root namespace stands in a ConfigMap beside it.

use super::lines::Lines;
use super::report::Check;
use super::value::text;
use super::{Facts, Replica, Target};
use crate::diagnostic::Code;
use crate::review::{self, Manifest};
use crate::source::{Sources, Span};
use serde_json::Value;
use std::collections::BTreeSet;

/// Where a proxy says it, in its `/server_info`: a part of its node's metadata.
pub(super) const ADDRESS: &str = "/node/metadata/PROXY_CONFIG/discoveryAddress";

/// What every istiod's Service, and every ConfigMap with its configuration, begins with.
const SERVICE: &str = "istiod";
const CONFIG: &str = "istio";

const FOUND: (Check, Code) = (Check::Facts, Code::FactUnknown);

/// An istiod of this cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ControlPlane {
    pub(super) namespace: String,
    /// Name of the ConfigMap with its configuration.
    pub(super) config: String,
}

impl ControlPlane {
    /// By an address as sidecars have it: `istiod-REVISION.NAMESPACE.svc:15012`.
    fn at(address: &str) -> Option<Self> {
        let (host, _) = address.rsplit_once(':')?;
        let mut labels = host.split('.');
        let revision = labels.next()?.strip_prefix(SERVICE)?;
        let is_named = revision.is_empty() || revision.starts_with('-');
        let namespace = labels.next()?;
        (is_named && labels.next() == Some("svc")).then(|| Self {
            namespace: namespace.into(),
            config: config_of(revision.trim_start_matches('-')),
        })
    }

    fn is_config(&self, object: &Value) -> bool {
        text(object, "/kind") == "ConfigMap"
            && text(object, "/metadata/namespace") == self.namespace
            && text(object, "/metadata/name") == self.config
    }

    /// What its configuration says. None: it is not known.
    fn root(&self, facts: &Facts) -> Option<String> {
        let config = facts.objects.iter().find(|object| self.is_config(object))?;
        review::root_namespace(&manifest(config))
    }
}

/// An object to which nobody points.
pub(super) fn manifest(object: &Value) -> Manifest {
    let file = Sources::default().add("", "");
    let (start, end) = (0, 0);
    Manifest::live(object, Span { file, start, end })
}

/// The ConfigMap of a revision.
pub(super) fn config_of(revision: &str) -> String {
    match revision {
        "" | "default" => CONFIG.into(),
        revision => format!("{CONFIG}-{revision}"),
    }
}

fn address(replica: &Replica) -> Option<&str> {
    replica.server_info.as_ref()?.pointer(ADDRESS)?.as_str()
}

/// Those that the proxies were configured by.
pub(super) fn of_proxies(facts: &Facts) -> BTreeSet<ControlPlane> {
    let addresses = facts.replicas.iter().filter_map(address);
    addresses.filter_map(ControlPlane::at).collect()
}

/// The root namespaces that they read: what the deployment says, while nothing else is known.
pub(super) fn roots(target: &Target<'_>, facts: &Facts) -> BTreeSet<String> {
    let planes = of_proxies(facts);
    let known: BTreeSet<String> = planes
        .iter()
        .filter_map(|plane| plane.root(facts))
        .collect();
    match known.is_empty() {
        true => BTreeSet::from([target.deployment.network.root_namespace.clone()]),
        false => known,
    }
}

pub(super) fn check(facts: &Facts, lines: &mut Lines) {
    for replica in &facts.replicas {
        // That it could not be read is said elsewhere.
        if replica.server_info.is_none() {
            continue;
        }
        let address = address(replica);
        if address.and_then(ControlPlane::at).is_none() {
            let evidence = match address {
                Some(address) => format!(
                    "is configured by `{address}`, which is no istiod of this cluster: what that one reads is not known"
                ),
                None => "does not say which istiod configures it: what that one reads is not known"
                    .into(),
            };
            let advice = "find out which root namespace that istiod has and what is in it, and if that is well, say so by `--accept MCP0513`";
            lines.unknown(FOUND, &replica.pod, evidence, advice);
        }
    }
    for plane in of_proxies(facts) {
        if plane.root(facts).is_none() {
            let subject = format!("ConfigMap {}/{}", plane.namespace, plane.config);
            let evidence =
                "configures the mesh, and was not read: which root namespace counts is not known";
            let advice = "name the revision under `network.istio_revisions` and grant the role of `mcp-guard doctor --print-roles`";
            lines.unknown(FOUND, &subject, evidence, advice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ControlPlane;

    #[test]
    fn an_istiod_is_known_by_its_address() {
        for (address, wanted) in [
            (
                "istiod.istio-system.svc:15012",
                Some(("istio-system", "istio")),
            ),
            (
                "istiod-1-31-1.mesh.svc.cluster.local:15012",
                Some(("mesh", "istio-1-31-1")),
            ),
            ("istiod.example.com:15012", None),
            ("istiodx.istio-system.svc:15012", None),
            ("10.0.0.1:15012", None),
            ("istiod", None),
            ("", None),
        ] {
            let plane = ControlPlane::at(address);
            let found = plane
                .as_ref()
                .map(|plane| (plane.namespace.as_str(), plane.config.as_str()));
            assert_eq!(found, wanted, "{address}");
        }
    }
}
