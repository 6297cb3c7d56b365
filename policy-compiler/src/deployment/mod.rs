//! The deployment as it is written, version 1: where one policy runs, and how it gets there.
//!
//! Everything that differs between environments stands here, so that the policy's bytes and digest
//! are the same in all of them.

mod identity;
mod image;
mod network;
mod ports;
mod reference;
pub(crate) mod schema;
#[cfg(test)]
mod tests;
mod version;
mod volume;

pub use identity::{Identity, Mode, Role};
pub(crate) use image::PLACEHOLDER;
pub use image::{Image, Location};
pub use network::{Network, Telemetry};
pub use ports::OtherPort;
pub use reference::Reference;
pub use version::{Attachment, IstioVersion};
pub use volume::Volume;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::lower::Stage;
use crate::policy::{Cidr, Named, TRUST_DOMAIN_ALIAS, check_label, check_version, is_subdomain};
use crate::source::{FileId, Sources, Span, Spanned};
use crate::yaml::{
    self, Node,
    fields::{self, Fields},
};
use std::collections::BTreeMap;

/// A deployment file, read.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The file.
    pub file: FileId,
    /// The namespace of the workload.
    pub namespace: Spanned<String>,
    /// Labels of the workload's pods.
    pub selector: BTreeMap<String, String>,
    /// Where the selector stands.
    pub selector_span: Span,
    /// Name of the Deployment, for the patch; absent: the policy's server.
    pub deployment: Option<Spanned<String>>,
    /// The containers that are hardened; none: only what holds for the whole pod.
    pub containers: Vec<Spanned<String>>,
    /// Name of the Service that leads to the MCP port; absent: the policy's server.
    pub service: Option<Spanned<String>>,
    /// The port of that Service; absent: the MCP port.
    pub service_port: Option<Spanned<u16>>,
    /// Further ports of the pod, by name.
    pub ports: Named<OtherPort>,
    /// The mesh's trust domains; `cluster.local` stands for all of them.
    pub trust_domains: Vec<Spanned<String>>,
    /// Whether the policy acts.
    pub stage: Stage,
    /// The Istio that runs there.
    pub istio: IstioVersion,
    /// Which object attaches the filter.
    pub attach: Attachment,
    /// Where the key that asked for the attachment stands.
    pub attach_span: Option<Span>,
    /// The filter.
    pub image: Image,
    /// Who the workload is, to Kubernetes and AWS.
    pub identity: Option<Identity>,
    /// Who scrapes, where the names are resolved, where istiod is.
    pub network: Network,
    /// Who gets the records.
    pub telemetry: Telemetry,
}

impl Deployment {
    /// The agent on the node from which the workload has its credentials, if there is one.
    #[must_use]
    pub fn pod_identity_agent(&self) -> Option<Cidr> {
        self.identity.as_ref()?.mode.as_ref()?.agent()
    }
}

const KEYS: &[&str] = &[
    "version",
    "namespace",
    "selector",
    "deployment",
    "containers",
    "service",
    "service_port",
    "ports",
    "trust_domains",
    "stage",
    "istio",
    "attach",
    "image",
    "identity",
    "network",
    "telemetry",
];

const STAGES: &[(&str, Stage)] = &[("observe", Stage::Observe), ("enforce", Stage::Enforce)];

/// What the command line says instead of the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// Instead of `stage`.
    pub stage: Option<Stage>,
    /// Instead of `istio`.
    pub istio: Option<IstioVersion>,
    /// Instead of `attach`.
    pub attach: Option<Attachment>,
}

/// Reads a deployment file. None: too much is missing; why, `found` says.
pub fn read(
    sources: &Sources,
    file: FileId,
    overrides: Overrides,
    found: &mut Diagnostics,
) -> Option<Deployment> {
    let node = yaml::parse(sources, file, found)?;
    let fields = Fields::read(&node, KEYS, found)?;
    check_version(&fields, found)?;
    let namespace = fields.require("namespace", found);
    let namespace = namespace.and_then(|node| fields::text(node, found));
    if let Some(namespace) = &namespace {
        check_label(namespace, found);
    }
    let selector = fields.require("selector", found);
    let image = fields.require("image", found);
    let image = image.and_then(|node| image::read(node, found));
    let (istio, attach, attach_span) = attachment(&fields, overrides, found);
    let stage = fields.word("stage", STAGES, found).map(|stage| stage.value);
    Some(Deployment {
        file,
        selector_span: selector?.span,
        selector: labels(selector?, found),
        deployment: object_name(&fields, "deployment", found),
        containers: fields.texts("containers", found),
        service: object_name(&fields, "service", found),
        service_port: fields.port("service_port", found),
        ports: ports::read(fields.get("ports"), found),
        trust_domains: trust_domains(&fields, found),
        // Whoever forgets the stage observes: nothing breaks, and nothing is claimed.
        stage: overrides.stage.or(stage).unwrap_or(Stage::Observe),
        istio,
        attach,
        attach_span,
        image: image?,
        identity: fields
            .get("identity")
            .and_then(|node| identity::read(node, found)),
        network: network::read(fields.get("network"), found),
        telemetry: network::read_telemetry(fields.get("telemetry"), found),
        namespace: namespace?,
    })
}

/// The Istio that runs there, the object that attaches the filter to it, and where that is asked for.
fn attachment(
    fields: &Fields<'_>,
    overrides: Overrides,
    found: &mut Diagnostics,
) -> (IstioVersion, Attachment, Option<Span>) {
    let istio = fields
        .get("istio")
        .and_then(|node| version::read(node, found));
    let istio = overrides.istio.or(istio).unwrap_or(IstioVersion::NEWEST);
    let written = fields.word("attach", Attachment::WORDS, found);
    let span = written.as_ref().map(|attach| attach.span);
    let attach = overrides.attach.or(written.map(|attach| attach.value));
    let attach = attach.unwrap_or_default();
    let place = span.or(fields.key("istio").map(|key| key.span));
    version::check(istio, attach, place, found);
    (istio, attach, span)
}

fn object_name(fields: &Fields<'_>, key: &str, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let name = fields.text(key, found)?;
    if !is_subdomain(&name.value) {
        let message = format!("`{}` is not the name of an object", name.value);
        found.push(Diagnostic::new(Code::Malformed, name.span, message));
    }
    Some(name)
}

/// Labels of pods. An empty selector would mean every pod of the namespace.
fn labels(node: &Node, found: &mut Diagnostics) -> BTreeMap<String, String> {
    let Some(fields) = Fields::any_as(node, "{ LABEL: VALUE }", found) else {
        return BTreeMap::new();
    };
    let labels: BTreeMap<_, _> = fields
        .entries()
        .filter_map(|(key, value)| Some((key.value.clone(), fields::text(value, found)?.value)))
        .collect();
    labels
}

fn trust_domains(fields: &Fields<'_>, found: &mut Diagnostics) -> Vec<Spanned<String>> {
    let domains = fields.texts("trust_domains", found);
    for domain in &domains {
        if !is_subdomain(&domain.value) {
            let message = format!("`{}` is not a trust domain", domain.value);
            found.push(Diagnostic::new(Code::PrincipalForm, domain.span, message));
        }
    }
    if !domains.is_empty() {
        return domains;
    }
    vec![Spanned {
        value: TRUST_DOMAIN_ALIAS.into(),
        span: fields.span,
    }]
}
