//! The files of the patches: for `kubectl patch --patch-file`, and as a component of Kustomize, which
//! overlays add where they hold the patched objects themselves.

use super::layout::{File, file};
use super::{identity, patch};
use crate::compilation::Compilation;
use crate::deployment::Deployment;
use crate::lower::Stage;
use crate::yaml::write::document;
use serde_json::{Value, json};

pub(super) fn files(folder: &str, compilation: &Compilation, deployment: &Deployment) -> Vec<File> {
    let workload = patch::deployment(compilation, deployment);
    let mut patches = vec![("deployment", DEPLOYMENT, workload)];
    let mut entries = vec![json!({"path": "deployment.yaml"})];
    if let Some(service) = patch::service(compilation, deployment) {
        entries.push(json!({"path": "service.yaml"}));
        entries.push(json!({"patch": document(&with_protocol(&service))}));
        patches.push(("service", SERVICE, service));
    }
    let account = identity::account_patch(deployment);
    if let Some(account) = account.filter(|_| deployment.stage == Stage::Enforce) {
        // With a target, since the account may be made elsewhere: Kustomize passes over it then.
        let target = json!({"kind": "ServiceAccount"});
        entries.push(json!({"path": "service-account.yaml", "target": target}));
        patches.push(("service-account", ACCOUNT, account));
    }
    let component = json!({
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "patches": entries,
    });
    patches.push(("kustomization", COMPONENT, component));
    patches
        .iter()
        .map(|(name, comment, value)| {
            let path = format!("patches/{name}.yaml");
            file(folder, &path, comment, &document(value))
        })
        .collect()
}

/// Kustomize knows a port by number and protocol, and drops a patch of another one without a word;
/// a file may name the protocol or leave it out, so each is patched.
fn with_protocol(service: &Value) -> Value {
    let mut service = service.clone();
    let ports = service.pointer_mut("/spec/ports");
    for port in ports.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(port) = port.as_object_mut() {
            port.insert("protocol".into(), "TCP".into());
        }
    }
    service
}

const COMPONENT: &str = "\
# A component, for overlays that hold the Deployment and the Service: see ../kustomization.yaml
";

const DEPLOYMENT: &str = "\
# kubectl patch --patch-file. An annotation `proxy.istio.io/config` of your own is replaced: add its
# lines to this one.
";

const SERVICE: &str = "\
# kubectl patch --patch-file. A port that is not HTTP to the mesh passes the filter by.
";

const ACCOUNT: &str = "\
# kubectl patch --patch-file, where the account is there already.
";
