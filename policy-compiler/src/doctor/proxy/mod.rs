//! What one proxy runs, by its own configuration and counters.

mod callers;
mod chain;
mod dump;
mod egress;
mod filter;
mod mutual_tls;
mod policy;
mod rbac;
mod routes;
mod strangers;

use super::lines::Lines;
use super::report::Check;
use super::{Facts, Replica, Target};
use crate::diagnostic::Code;
use chain::Chain;
use dump::Dump;

const FOUND: (Check, Code) = (Check::Proxy, Code::FactUnknown);

/// One proxy.
struct Proxy<'f> {
    replica: &'f Replica,
    dump: Dump<'f>,
}

pub(super) fn check(target: &Target<'_>, facts: &Facts, replica: &Replica, lines: &mut Lines) {
    for unread in &replica.unread {
        lines.unasked(unread);
    }
    let Some(dump) = replica.config_dump.as_ref().and_then(Dump::new) else {
        // That it could not be read is said above.
        if replica.unread.is_empty() {
            let evidence = "its configuration has no listeners";
            lines.unknown(FOUND, &replica.pod, evidence, "look at the proxy's log");
        }
        return;
    };
    let proxy = Proxy { replica, dump };
    if proxy.dump.inbound().is_empty() {
        let evidence = "it has no listener for calls that come in: istiod may not have reached it";
        lines.unknown(FOUND, &replica.pod, evidence, "look at the proxy's log");
        return;
    }
    let chains = proxy.chains_of(target.port);
    if chains.is_empty() {
        let evidence = format!("none of its filter chains is for port {}", target.port);
        let advice = "declare the port in the pod and its Service, and look at the proxy's log";
        lines.unknown(FOUND, &replica.pod, evidence, advice);
        return;
    }
    check_read(&proxy, lines);
    check_routes(
        &proxy,
        chains.iter().chain(&proxy.other_chains(target.port)),
        lines,
    );
    filter::check(target, &proxy, lines);
    policy::check(target, &proxy, lines);
    callers::check(target, facts, &proxy, lines);
    if target.enforces() {
        mutual_tls::check(target, &proxy, lines);
        callers::check_other_ports(target, &proxy, lines);
        egress::check(target, &proxy, lines);
    }
}

/// Which version runs, and whether it runs what it was sent last.
fn check_read(proxy: &Proxy<'_>, lines: &mut Lines) {
    for (listener, fault) in proxy.dump.refused() {
        let evidence = format!(
            "refused an update of the listener `{listener}`, and runs the one before: {fault}"
        );
        let advice = "mend what istiod sends: an EnvoyFilter, most likely";
        lines.unknown(FOUND, proxy.pod(), evidence, advice);
    }
    let info = proxy.replica.server_info.as_ref();
    let version = info.and_then(|info| info.get("version")?.as_str()?.split('/').nth(1));
    let evidence = match version {
        Some(version) => format!("its proxy, Envoy {version}, was read"),
        None => "its proxy was read".into(),
    };
    lines.enforced(Check::Proxy, proxy.pod(), evidence);
}

/// A route may switch filters off: where routes cannot be seen, that cannot be told.
fn check_routes<'c>(
    proxy: &Proxy<'_>,
    chains: impl Iterator<Item = &'c Chain<'c>>,
    lines: &mut Lines,
) {
    for chain in chains.filter(|chain| routes::of(proxy, chain).is_none()) {
        let evidence = format!(
            "{} takes its routes from elsewhere, and they were not read",
            chain.title()
        );
        let advice =
            "remove the EnvoyFilter that does so: istiod sends such routes with the listener";
        lines.unknown(FOUND, proxy.pod(), evidence, advice);
    }
}

impl<'f> Proxy<'f> {
    fn pod(&self) -> &'f str {
        &self.replica.pod
    }

    /// The chains that calls to the MCP port come to. Where a port has chains of its own, Envoy looks
    /// at no others; else at those for any port.
    fn chains_of(&self, port: u16) -> Vec<Chain<'f>> {
        let chains = self.dump.inbound();
        let own: Vec<_> = chains
            .iter()
            .filter(|chain| chain.port() == Some(port))
            .copied()
            .collect();
        match own.is_empty() {
            true => chains
                .into_iter()
                .filter(|chain| chain.port().is_none())
                .collect(),
            false => own,
        }
    }

    /// The chains of calls that come in, but for those of the MCP port and those that lead nowhere.
    fn other_chains(&self, port: u16) -> Vec<Chain<'f>> {
        let chains = self.dump.inbound().into_iter();
        chains
            .filter(|chain| chain.port() != Some(port) && !chain.is_blackhole())
            .collect()
    }
}
