//! The routes of a chain: each may switch a filter off, or give it another configuration.

use super::{Chain, Proxy};
use crate::doctor::value::{any, text};
use serde_json::Value;

/// Where a route says what a filter is to do for it.
const OVERRIDES: &str = "typed_per_filter_config";

/// Routes that are asked for apart, when a request comes.
const ON_DEMAND: [&str; 2] = ["scoped_routes", "vhds"];

/// What routes a chain. None: it is not in the dump.
pub(super) fn of<'f>(proxy: &Proxy<'f>, chain: &Chain<'f>) -> Option<Vec<&'f Value>> {
    let inline = chain.value();
    let mut all = vec![inline];
    let discovered = chain.http().and_then(|http| http.get("rds"));
    if let Some(discovered) = discovered {
        let name = text(discovered, "/route_config_name");
        let mut known = proxy.dump.routes()?.iter();
        all.push(known.find(|routes| text(routes, "/route_config/name") == name)?);
    }
    let is_on_demand = |routes: &&Value| any(routes, &|key, _| ON_DEMAND.contains(&key));
    (!all.iter().any(is_on_demand)).then_some(all)
}

/// Whether a route of a chain overrides one of these filters.
pub(super) fn override_any(proxy: &Proxy<'_>, chain: &Chain<'_>, filters: &[&str]) -> bool {
    let overrides = |routes: &Value| {
        any(routes, &|key, value| {
            key == OVERRIDES && filters.iter().any(|filter| value.get(filter).is_some())
        })
    };
    of(proxy, chain).is_some_and(|all| all.into_iter().any(overrides))
}
