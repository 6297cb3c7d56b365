//! The policy that is reviewed, as the other manifests see it.

use super::selector::Labels;
use super::{Manifest, mesh_config, own};
use crate::artefact::{self, Object};
use crate::compilation::Compilation;
use crate::deployment::Deployment;
use crate::lower::{self, Stage};
use crate::policy::Policy;
use crate::yaml::Node;
use std::collections::{BTreeMap, BTreeSet};

/// The label by which every namespace bears its own name.
pub(super) const NAME_OF_NAMESPACE: &str = "kubernetes.io/metadata.name";

/// A policy with its workload.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// Where it runs.
    pub deployment: &'a Deployment,
    /// The port of the container.
    pub port: u16,
    /// Identities that the policy lets in, as Istio writes principals.
    pub principals: BTreeSet<String>,
    /// Namespaces that the policy lets in whole.
    pub namespaces: BTreeSet<String>,
    /// Labels of the pods, one for each object that makes some: those of the selector, and of the
    /// pod's template where it is known.
    pods: Vec<Labels>,
    /// Labels of the workload's namespace.
    home: Labels,
    /// The root namespaces of the mesh: one, but where an istiod is being replaced by another.
    roots: BTreeSet<String>,
    /// What the policy compiles to.
    own: Vec<Object>,
    /// Numbers of the container's ports that have a name.
    ports: BTreeMap<String, u16>,
}

impl<'a> Subject<'a> {
    /// None: the policy has no deployment, or no port.
    #[must_use]
    pub fn new(compilation: &'a Compilation, manifests: &[Manifest]) -> Option<Self> {
        let deployment = compilation.deployment.as_ref()?;
        let policy = &compilation.policy;
        let callers = || policy.callers.values().map(|entry| &entry.value);
        let mut subject = Self {
            policy,
            deployment,
            port: policy.endpoints.port.as_ref()?.value,
            principals: callers().flat_map(lower::principals).collect(),
            namespaces: callers()
                .flat_map(|caller| &caller.namespaces)
                .map(|name| name.value.clone())
                .collect(),
            pods: Vec::new(),
            home: home(deployment, manifests),
            roots: roots(deployment, manifests),
            own: artefact::objects(compilation),
            ports: BTreeMap::new(),
        };
        for manifest in manifests {
            if subject.is_workload(manifest) {
                subject.learn(manifest);
            }
        }
        if subject.pods.is_empty() {
            subject.pods.push(Labels::some(deployment.selector.clone()));
        }
        Some(subject)
    }

    /// Whether the policy acts.
    #[must_use]
    pub fn enforces(&self) -> bool {
        self.deployment.stage == Stage::Enforce
    }

    /// Whether an object may reach the workload by its namespace: in the workload's own, in the
    /// mesh's root namespace, or in one that is chosen when it is applied.
    #[must_use]
    pub fn may_concern(&self, manifest: &Manifest) -> bool {
        if manifest.kind() == "Namespace" {
            return manifest.name() == self.deployment.namespace.value;
        }
        match manifest.namespace() {
            None => true,
            Some(_) => self.is_beside(manifest) || self.is_in_root(manifest),
        }
    }

    /// Whether an object lies in the workload's namespace, or may.
    #[must_use]
    pub fn is_beside(&self, manifest: &Manifest) -> bool {
        manifest
            .namespace()
            .is_none_or(|namespace| namespace == self.deployment.namespace.value)
    }

    /// Whether an object lies in the mesh's root namespace, from which it reaches all others.
    #[must_use]
    pub fn is_in_root(&self, manifest: &Manifest) -> bool {
        let namespace = manifest.namespace();
        namespace.is_some_and(|namespace| self.roots.contains(namespace))
    }

    /// Whether labels may select the workload; no labels, or no node, select every pod. While no
    /// manifest makes the pods, they may have every label that does not contradict the selector.
    #[must_use]
    pub fn is_selected(&self, labels: Option<&Node>) -> bool {
        labels.is_none_or(|labels| self.pods.iter().any(|pod| pod.may_have(labels)))
    }

    /// The same for a selector of Kubernetes, which has expressions, too.
    #[must_use]
    pub fn is_chosen(&self, selector: Option<&Node>) -> bool {
        selector.is_none_or(|selector| self.pods.iter().any(|pod| pod.may_be_chosen(selector)))
    }

    /// Whether a selector of namespaces may choose the workload's.
    #[must_use]
    pub fn is_at_home(&self, selector: Option<&Node>) -> bool {
        selector.is_none_or(|selector| self.home.may_be_chosen(selector))
    }

    /// Whether an object is one that the policy compiles to: its kind, namespace, name and spec.
    #[must_use]
    pub fn is_own(&self, manifest: &Manifest) -> bool {
        let is_equal = |own| own::is_named(manifest, own) && own::is_equal(manifest, own);
        self.is_beside(manifest) && self.own.iter().any(is_equal)
    }

    /// Whether an object is in the place of one that the policy compiles to, whatever it says.
    #[must_use]
    pub fn is_ours(&self, manifest: &Manifest) -> bool {
        let is_named = |own| own::is_named(manifest, own);
        self.is_beside(manifest) && self.own.iter().any(is_named)
    }

    /// The labels of the pods that an object makes, and the object's pod: its `spec`.
    fn pod(manifest: &Manifest) -> Option<(Option<&Node>, &Node)> {
        let path: &[&str] = match manifest.kind() {
            "Pod" => &[],
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "Rollout" => {
                &["spec", "template"]
            }
            "CronJob" => &["spec", "jobTemplate", "spec", "template"],
            _ => return None,
        };
        let pod = manifest.at(path)?;
        Some((pod.at(&["metadata", "labels"]), pod))
    }

    /// Whether an object makes the workload's pods.
    #[must_use]
    pub fn is_workload(&self, manifest: &Manifest) -> bool {
        let Some((Some(labels), _)) = Self::pod(manifest) else {
            return false;
        };
        let has = |(key, value): (&String, &String)| {
            labels.get(key).and_then(Node::scalar) == Some(value.as_str())
        };
        self.is_beside(manifest) && self.deployment.selector.iter().all(has)
    }

    /// The template of the workload's pods, where an object makes them.
    #[must_use]
    pub fn template<'m>(&self, manifest: &'m Manifest) -> Option<&'m Node> {
        let (_, pod) = Self::pod(manifest)?;
        self.is_workload(manifest).then_some(pod)
    }

    /// Whether a Service's `targetPort` is the MCP port. A name that is not known may be.
    #[must_use]
    pub fn is_port(&self, target: &str) -> bool {
        match target.parse::<u16>() {
            Ok(number) => number == self.port,
            Err(_) => self.ports.get(target).is_none_or(|port| *port == self.port),
        }
    }

    fn learn(&mut self, manifest: &Manifest) {
        let Some((labels, pod)) = Self::pod(manifest) else {
            return;
        };
        self.pods.push(Labels::whole(map(labels)));
        let containers = pod.at(&["spec", "containers"]).map(Node::items);
        let ports = containers
            .unwrap_or_default()
            .iter()
            .filter_map(|container| container.get("ports"))
            .flat_map(Node::items);
        for port in ports {
            let number = port.get("containerPort").and_then(Node::scalar);
            let number = number.and_then(|number| number.parse().ok());
            if let (Some(name), Some(number)) = (port.get("name").and_then(Node::scalar), number) {
                self.ports.insert(name.into(), number);
            }
        }
    }
}

/// Labels as they are written.
fn map(labels: Option<&Node>) -> BTreeMap<String, String> {
    let entries = labels.into_iter().flat_map(Node::entries);
    let text = |value: &Node| value.scalar().unwrap_or_default().to_owned();
    entries
        .map(|(key, value)| (key.value.clone(), text(value)))
        .collect()
}

/// The labels of the workload's namespace. Kubernetes itself gives it its name.
fn home(deployment: &Deployment, manifests: &[Manifest]) -> Labels {
    let name = &deployment.namespace.value;
    let named = (NAME_OF_NAMESPACE.to_owned(), name.clone());
    let mut manifests = manifests.iter();
    let namespace =
        manifests.find(|manifest| manifest.kind() == "Namespace" && manifest.name() == name);
    match namespace {
        Some(namespace) => {
            let mut labels = map(namespace.at(&["metadata", "labels"]));
            labels.extend([named]);
            Labels::whole(labels)
        }
        None => Labels::some(BTreeMap::from([named])),
    }
}

/// What the mesh's configuration says goes before what the deployment says of it.
fn roots(deployment: &Deployment, manifests: &[Manifest]) -> BTreeSet<String> {
    let said = manifests.iter().filter_map(mesh_config::root_namespace);
    let said: BTreeSet<String> = said.collect();
    match said.is_empty() {
        true => BTreeSet::from([deployment.network.root_namespace.clone()]),
        false => said,
    }
}
