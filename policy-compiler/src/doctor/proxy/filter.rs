//! The filter's place: in each chain of the MCP port once, behind RBAC and before the router; and in
//! no other chain.

use super::chain::{is_last, is_rbac};
use super::{Chain, Proxy, routes};
use crate::artefact::PLUGIN_NAME;
use crate::diagnostic::Code;
use crate::doctor::Target;
use crate::doctor::lines::Lines;
use crate::doctor::report::Check;
use crate::doctor::value::text;
use serde_json::Value;

/// What Istio puts before the name of an extension: `extensions.istio.io/KIND/NAMESPACE.NAME`.
const PREFIX: &str = "extensions.istio.io/";

/// What it puts behind that of a WasmPlugin, since it makes a TrafficExtension of it.
const TRANSLATED: &str = "~istio-translated-wasmplugin";

const FOUND: (Check, Code) = (Check::Filter, Code::FilterNotInPlace);

/// Whether an extension is the one that the policy compiles to.
pub(super) fn is_ours(name: &str, target: &Target<'_>) -> bool {
    object_of(name) == Some((target.namespace(), target.server()))
}

/// The namespace and the name of the object that an extension was made of.
fn object_of(name: &str) -> Option<(&str, &str)> {
    let (_, name) = name.strip_prefix(PREFIX)?.split_once('/')?;
    // A namespace has no dot in its name; an object may.
    let name = name.strip_suffix(TRANSLATED).unwrap_or(name);
    name.split_once('.')
}

pub(super) fn check(target: &Target<'_>, proxy: &Proxy<'_>, lines: &mut Lines) {
    let mut faults = Vec::new();
    let chains = proxy.chains_of(target.port);
    for chain in &chains {
        let fault = fault(target, proxy, chain);
        faults.extend(fault.map(|(fault, advice)| (format!("{} {fault}", chain.title()), advice)));
    }
    let elsewhere = proxy.other_chains(target.port).into_iter();
    for chain in elsewhere.chain(proxy.dump.outbound()) {
        let is_there = |filter: &Value| is_guard(filter, target, proxy);
        let is_fallback = chains
            .iter()
            .any(|own| std::ptr::eq(own.value(), chain.value()));
        if !is_fallback && chain.http_filters().iter().any(is_there) {
            let fault = format!(
                "{} has the filter, and is not of the MCP port",
                chain.title()
            );
            faults.push((fault, "attach it by what `mcp-guard compile` writes alone"));
        }
    }
    for (fault, advice) in &faults {
        lines.broken(FOUND, proxy.pod(), fault.clone(), advice);
    }
    let mut apart = chains
        .iter()
        .filter(|chain| chain.has_filters_of_upgrades());
    if let Some(chain) = apart.next() {
        let evidence = format!(
            "{} sends requests for an upgrade by other filters",
            chain.title()
        );
        let advice = "remove the EnvoyFilter that gives an upgrade filters of its own";
        lines.unknown(FOUND, proxy.pod(), evidence, advice);
    } else if faults.is_empty() {
        let evidence = format!(
            "is once in each of {} filter chains of port {}, behind RBAC, and in no other",
            chains.len(),
            target.port
        );
        lines.enforced(Check::Filter, proxy.pod(), evidence);
    }
}

/// What is wrong with the filter, and what to do.
type Fault = (String, &'static str);

/// What is wrong with it in a chain of the MCP port.
fn fault(target: &Target<'_>, proxy: &Proxy<'_>, chain: &Chain<'_>) -> Option<Fault> {
    if chain.http().is_none() {
        let advice = "declare the Service's port by `appProtocol: http`: Istio takes it for something else, or guesses";
        return Some((
            "passes bytes, so that calls go past the filter".into(),
            advice,
        ));
    }
    let filters = chain.http_filters();
    let places: Vec<usize> = filters
        .iter()
        .enumerate()
        .filter(|(_, filter)| is_guard(filter, target, proxy))
        .map(|(place, _)| place)
        .collect();
    let [place] = places.as_slice() else {
        return Some(match places.len() {
            0 => (
                "lacks the filter".into(),
                "apply the attachment, and look for an EnvoyFilter that removes it",
            ),
            count => (
                format!("has the filter {count} times"),
                "keep exactly one of WasmPlugin and TrafficExtension",
            ),
        });
    };
    if let Some(fault) = misplaced(filters, *place) {
        return Some(fault);
    }
    let filter = filters.get(*place)?;
    let advice = "remove the EnvoyFilter that does so";
    if filter.get("config_discovery").is_none() {
        return Some(("has something else by the filter's name".into(), advice));
    }
    let is_off = filter.get("disabled") == Some(&Value::Bool(true));
    let is_overridden = routes::override_any(proxy, chain, &[text(filter, "/name")]);
    (is_off || is_overridden).then(|| ("has the filter, switched off".into(), advice))
}

fn misplaced(filters: &[Value], place: usize) -> Option<Fault> {
    let places = |fits: fn(&Value) -> bool| {
        let places = filters.iter().enumerate();
        places
            .filter(move |(_, filter)| fits(filter))
            .map(|(place, _)| place)
    };
    let advice = "remove the EnvoyFilter that moved it; its `phase` is STATS";
    if places(is_rbac).any(|rbac| rbac > place) {
        return Some(("has the filter before RBAC".into(), advice));
    }
    let behind = places(is_last).any(|router| router < place);
    behind.then(|| ("has the filter behind the router".into(), advice))
}

/// A filter of ours, or another with our module in it.
fn is_guard(filter: &Value, target: &Target<'_>, proxy: &Proxy<'_>) -> bool {
    let name = text(filter, "/name");
    let is_plugin = |config: &Value| text(config, "/config/root_id") == PLUGIN_NAME;
    let mut extensions = proxy.dump.extensions();
    is_ours(name, target)
        || filter.get("typed_config").is_some_and(is_plugin)
        || extensions.any(|(extension, config)| extension == name && is_plugin(config))
}

#[cfg(test)]
mod tests {
    use super::object_of;

    #[test]
    fn extensions_are_told_by_whatever_kind_attaches_them() {
        for (name, object) in [
            (
                "extensions.istio.io/trafficextension/a.b~istio-translated-wasmplugin",
                Some(("a", "b")),
            ),
            ("extensions.istio.io/trafficextension/a.b", Some(("a", "b"))),
            ("extensions.istio.io/wasmplugin/a.b.c", Some(("a", "b.c"))),
            ("envoy.filters.http.rbac", None),
            ("a.b", None),
        ] {
            assert_eq!(object_of(name), object, "{name}");
        }
    }
}
