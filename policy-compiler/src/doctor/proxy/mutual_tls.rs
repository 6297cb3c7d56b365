//! Mutual TLS on the MCP port: no chain of it takes a call without a certificate, or with one that
//! nobody verifies.

use super::{Chain, Proxy};
use crate::diagnostic::Code;
use crate::doctor::Target;
use crate::doctor::lines::Lines;
use crate::doctor::report::Check;

pub(super) fn check(target: &Target<'_>, proxy: &Proxy<'_>, lines: &mut Lines) {
    let chains = proxy.chains_of(target.port);
    let is_open = |chain: &&Chain<'_>| !chain.requires_certificate() && !chain.is_blackhole();
    let open: Vec<String> = chains.iter().filter(is_open).map(Chain::title).collect();
    if open.is_empty() {
        let evidence = "every filter chain of the MCP port asks for a certificate, and verifies it";
        lines.enforced(Check::MutualTls, proxy.pod(), evidence);
        return;
    }
    let evidence = format!(
        "takes calls without a certificate that is verified: {}",
        open.join(", ")
    );
    let advice = "remove the PeerAuthentication, or its `portLevelMtls`, that makes the port PERMISSIVE, or the EnvoyFilter that changes how certificates are verified";
    let found = (Check::MutualTls, Code::MutualTlsNotStrict);
    lines.broken(found, proxy.pod(), evidence, advice);
}
