//! What the server reaches through its proxy: the hosts of the compiled Sidecar, and nothing else.

use super::{Chain, Proxy};
use crate::diagnostic::Code;
use crate::doctor::Target;
use crate::doctor::lines::Lines;
use crate::doctor::report::Check;
use crate::doctor::value::{any, items};
use serde_json::Value;
use std::collections::BTreeSet;

/// Where Istio sends what no host is known for, unless only known hosts are reached.
const PASSTHROUGH: &str = "PassthroughCluster";

const FOUND: (Check, Code) = (Check::Egress, Code::EgressOpen);

pub(super) fn check(target: &Target<'_>, proxy: &Proxy<'_>, lines: &mut Lines) {
    let Some(sidecar) = target.of_kind("Sidecar").next() else {
        return;
    };
    let egress = items(sidecar.value(), "/spec/egress").iter();
    let listed: Vec<&str> = egress
        .flat_map(|listener| items(listener, "/hosts"))
        .filter_map(|host| Some(host.as_str()?.split_once('/')?.1))
        .collect();
    let Some(seen) = Seen::of(proxy) else {
        let found = (Check::Egress, Code::FactUnknown);
        let evidence = "its configuration does not say where the server's calls lead: listeners, routes or clusters are missing";
        lines.unknown(found, proxy.pod(), evidence, "look at the proxy's log");
        return;
    };
    let is_open = seen.is_open();
    if is_open {
        let evidence = "lets the server reach every host: what is not known is passed through";
        let advice = "apply the Sidecar that `mcp-guard compile` writes (REGISTRY_ONLY), and remove any other of this workload";
        lines.broken(FOUND, proxy.pod(), evidence, advice);
    }
    let reached = seen.hosts;
    let is_listed = |host: &&str| listed.iter().any(|pattern| fits(pattern, host));
    let extra: Vec<&str> = reached
        .iter()
        .copied()
        .filter(|host| !is_listed(host))
        .collect();
    if !extra.is_empty() {
        let evidence = format!(
            "lets the server reach {}, which the policy does not list",
            shown(&extra)
        );
        let advice = "apply the Sidecar that `mcp-guard compile` writes, and remove any other of this workload";
        lines.broken(FOUND, proxy.pod(), evidence, advice);
    }
    if !is_open && extra.is_empty() {
        let evidence = match reached.len() {
            0 => "the server reaches no host".into(),
            count => {
                format!("the server reaches {count} hosts, all of them listed; the rest is cut")
            }
        };
        lines.enforced(Check::Egress, proxy.pod(), evidence);
    }
}

/// What the proxy knows of calls that the server makes.
struct Seen<'f> {
    chains: Vec<Chain<'f>>,
    routes: &'f [Value],
    hosts: BTreeSet<&'f str>,
}

impl<'f> Seen<'f> {
    /// None: something of it is missing.
    fn of(proxy: &Proxy<'f>) -> Option<Self> {
        let chains = proxy.dump.outbound();
        let seen = Self {
            routes: proxy.dump.routes()?,
            hosts: proxy.dump.clusters()?.filter_map(host).collect(),
            chains,
        };
        (!seen.chains.is_empty()).then_some(seen)
    }

    fn is_open(&self) -> bool {
        let passes = |key: &str, value: &Value| key == "cluster" && value == PASSTHROUGH;
        let mut routes = self.routes.iter();
        let mut chains = self.chains.iter();
        chains.any(|chain| chain.leads_to(PASSTHROUGH)) || routes.any(|route| any(route, &passes))
    }
}

/// `outbound|PORT|SUBSET|HOST`.
fn host(cluster: &str) -> Option<&str> {
    let rest = cluster.strip_prefix("outbound|")?;
    rest.splitn(3, '|').nth(2)
}

fn fits(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(rest) => {
            host == pattern
                || host
                    .strip_suffix(rest)
                    .is_some_and(|before| before.ends_with('.'))
        }
        None => pattern == host,
    }
}

/// The first few of them.
fn shown(hosts: &[&str]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<String> = hosts
        .iter()
        .take(SHOWN)
        .map(|host| format!("`{host}`"))
        .collect();
    match hosts.len().checked_sub(SHOWN) {
        Some(rest) if rest > 0 => format!("{} and {rest} more", names.join(", ")),
        _ => names.join(", "),
    }
}
