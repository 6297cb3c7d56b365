//! DENY: what holds whatever else the namespace or the mesh allows.
//!
//! Rules are OR-ed and what stands within one is AND-ed, so each of them refuses for one reason
//! alone: the wrong peer, a path or method that nobody is to use, a token of another issuer, a port
//! that is not named.

use super::allow::principals;
use super::callers::Callers;
use super::operations::Operations;
use super::{rule, token};
use crate::deployment::{Deployment, OtherPort};
use serde_json::{Map, Value, json};

/// The agent's own ports: kubelet's probes and the scraper reach them beside the proxy, and where a
/// platform captures them all the same, they must go on answering.
pub(crate) const AGENT_PORTS: [&str; 3] = ["15020", "15021", "15090"];

pub(super) fn rules(
    callers: &Callers<'_>,
    operations: &Operations,
    deployment: &Deployment,
) -> Vec<Value> {
    let anyone = Value::Null;
    let others = |ports: &OtherPort| !ports.service_accounts.is_empty();
    let named = deployment.ports.values().map(|entry| &entry.value);
    let named: Vec<&OtherPort> = named.filter(|port| others(port)).collect();
    let mut rules = vec![
        rule(
            json!({"notPrincipals": callers.peers()}),
            vec![operations.whole_port()],
            Vec::new(),
        ),
        rule(anyone.clone(), operations.everything_else(), Vec::new()),
    ];
    rules.extend(of_tokens(callers, operations));
    rules.extend(named.iter().map(|port| {
        let source = json!({"notPrincipals": principals(port)});
        let operation = json!({"ports": [port.port.value.to_string()]});
        rule(source, vec![operation], Vec::new())
    }));
    rules.push(rule(
        anyone,
        vec![json!({"notPorts": ports(operations, &named)})],
        Vec::new(),
    ));
    rules
}

/// Whoever is no caller without a token needs one of an issuer that is accepted here. Where the
/// filter looks, no token at all is left to it; on open paths nobody else would refuse that.
fn of_tokens(callers: &Callers<'_>, operations: &Operations) -> Vec<Value> {
    if callers.with_token.is_empty() {
        return Vec::new();
    }
    let mut source = Map::new();
    if !callers.plain.is_empty() {
        source.insert("notPrincipals".into(), callers.plain.clone().into());
    }
    let with = |field: &str, values: Value| {
        let mut source = source.clone();
        source.insert(field.into(), values);
        Value::from(source)
    };
    let foreign = rule(
        with("requestPrincipals", json!(["*"])),
        vec![operations.whole_port()],
        vec![json!({"key": token::ISSUER, "notValues": callers.issuers()})],
    );
    let none = with("notRequestPrincipals", callers.request_principals().into());
    let on_open = operations.open();
    let on_open = on_open.map(|open| rule(none, vec![open], Vec::new()));
    core::iter::once(foreign).chain(on_open).collect()
}

fn ports(operations: &Operations, named: &[&OtherPort]) -> Vec<String> {
    let named = named.iter().map(|port| port.port.value.to_string());
    let agent = AGENT_PORTS.into_iter().map(ToOwned::to_owned);
    core::iter::once(operations.port.clone())
        .chain(named)
        .chain(agent)
        .collect()
}
