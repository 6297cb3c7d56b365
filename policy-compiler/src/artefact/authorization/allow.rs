//! ALLOW: the declared callers, by the paths and methods of MCP, and further ports by their own.

use super::callers::{Callers, TokenCaller};
use super::operations::Operations;
use super::{rule, token};
use crate::deployment::{Deployment, OtherPort};
use crate::policy::Entry;
use serde_json::{Value, json};

pub(super) fn rules(
    callers: &Callers<'_>,
    operations: &Operations,
    deployment: &Deployment,
) -> Vec<Value> {
    let mut rules = Vec::new();
    if !callers.plain.is_empty() {
        rules.push(plain(&callers.plain, operations));
    }
    rules.extend(
        callers
            .with_token
            .iter()
            .map(|caller| with_token(caller, operations)),
    );
    if !callers.with_token.is_empty() {
        rules.push(without_token(callers, operations));
    }
    rules.extend(operations.discovery().map(|discovery| {
        let source = json!({"principals": callers.peers_with_token()});
        rule(source, vec![discovery], Vec::new())
    }));
    rules.extend(deployment.ports.values().filter_map(other_port));
    rules
}

fn plain(principals: &[String], operations: &Operations) -> Value {
    let source = json!({"principals": principals});
    rule(source, inspected_and_open(operations), Vec::new())
}

fn with_token(caller: &TokenCaller<'_>, operations: &Operations) -> Value {
    let source = json!({
        "principals": caller.peers,
        "requestPrincipals": [caller.request_principal()],
    });
    let conditions = token::conditions(caller.jwt);
    rule(source, inspected_and_open(operations), conditions)
}

/// A request without a token goes on to the filter, which refuses it in the words that MCP
/// prescribes; all that Istio can say is 403, from which no client learns where to get a token. It
/// reaches no open path, since the filter does not look there.
fn without_token(callers: &Callers<'_>, operations: &Operations) -> Value {
    let source = json!({
        "principals": callers.peers_with_token(),
        "notRequestPrincipals": ["*"],
    });
    rule(source, operations.mcp(), Vec::new())
}

fn inspected_and_open(operations: &Operations) -> Vec<Value> {
    operations
        .mcp()
        .into_iter()
        .chain(operations.open())
        .collect()
}

fn other_port(port: &Entry<OtherPort>) -> Option<Value> {
    let principals = principals(&port.value);
    let operation = json!({"ports": [port.value.port.value.to_string()]});
    let rule = || {
        rule(
            json!({"principals": principals}),
            vec![operation],
            Vec::new(),
        )
    };
    (!principals.is_empty()).then(rule)
}

/// Those who may connect to a further port.
pub(super) fn principals(port: &OtherPort) -> Vec<String> {
    let accounts = port.service_accounts.iter();
    accounts.map(|account| account.value.principal()).collect()
}
