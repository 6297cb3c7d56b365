//! Layer 2: who reaches the pod, decided by Istio before the filter sees a byte.
//!
//! ALLOW alone closes little: any ALLOW of the namespace or of the mesh adds to it. What must hold
//! whatever else is applied is said by a DENY, which beats them all. Both name ports, paths and
//! methods: where a port is taken for TCP, Istio drops a DENY's HTTP fields and so widens it to the
//! whole port, and drops an ALLOW with HTTP fields altogether. Bytes that the filter cannot read
//! are refused.

mod allow;
mod callers;
mod deny;
mod operations;
mod token;

pub(crate) use deny::AGENT_PORTS;

use super::{ANNOTATION_NOTE, Object, part, selector};
use crate::compilation::Compilation;
use crate::deployment::Deployment;
use crate::lower::Stage;
use callers::Callers;
use operations::Operations;
use serde_json::{Value, json};

const API_VERSION: &str = "security.istio.io/v1";

/// Annotation by which Istio only records what a policy would have done.
const DRY_RUN: &str = "istio.io/dry-run";

const NOTE_ON_PORTS: &str = "15020, 15021 and 15090 belong to the mesh's agent and bypass this policy; the NetworkPolicy closes them";

pub(super) fn objects(compilation: &Compilation, deployment: &Deployment) -> Vec<Object> {
    let policy = &compilation.policy;
    let callers = Callers::of(policy);
    let operations = Operations::of(compilation, !callers.with_token.is_empty());
    let rules = [
        (
            "allow",
            "ALLOW",
            allow::rules(&callers, &operations, deployment),
        ),
        (
            "deny",
            "DENY",
            deny::rules(&callers, &operations, deployment),
        ),
    ];
    let mut objects: Vec<Object> = rules
        .into_iter()
        .map(|(suffix, action, rules)| {
            let name = format!("{}-{suffix}", policy.server.value);
            let spec = json!({"selector": selector(deployment), "action": action, "rules": rules});
            let object = object("AuthorizationPolicy", &name, deployment);
            staged(object.with("spec", spec), deployment.stage)
        })
        .collect();
    if deployment.stage == Stage::Observe {
        // Neither of the others has a dry run: each would refuse what passed before.
        return objects;
    }
    objects.push(strict_mutual_tls(compilation, deployment));
    objects.extend(token::request_authentication(
        compilation,
        deployment,
        &callers,
    ));
    objects
}

fn staged(object: Object, stage: Stage) -> Object {
    let object = object.annotate(ANNOTATION_NOTE, NOTE_ON_PORTS);
    match stage {
        Stage::Observe => object.annotate(DRY_RUN, "true"),
        Stage::Enforce => object,
    }
}

/// Without mutual TLS there is no peer to tell apart.
fn strict_mutual_tls(compilation: &Compilation, deployment: &Deployment) -> Object {
    let name = &compilation.policy.server.value;
    let spec = json!({"selector": selector(deployment), "mtls": {"mode": "STRICT"}});
    object("PeerAuthentication", name, deployment).with("spec", spec)
}

fn object(kind: &str, name: &str, deployment: &Deployment) -> Object {
    let namespace = &deployment.namespace.value;
    Object::new(API_VERSION, kind, namespace, name, &part("callers"))
}

/// One rule of an AuthorizationPolicy: any of the operations, by a source, under all conditions.
fn rule(source: Value, operations: Vec<Value>, when: Vec<Value>) -> Value {
    let mut rule = serde_json::Map::new();
    if !source.is_null() {
        rule.insert("from".into(), json!([{"source": source}]));
    }
    let to: Vec<Value> = operations
        .into_iter()
        .map(|operation| json!({"operation": operation}))
        .collect();
    rule.insert("to".into(), to.into());
    if !when.is_empty() {
        rule.insert("when".into(), when.into());
    }
    rule.into()
}

#[cfg(test)]
mod tests;
