//! Whether a policy is really enforced: what a live namespace and its proxies say.
//!
//! ```text
//! compiled policy ─┐
//! objects ─────────┼─▶ judge ─▶ Report: lines of check, subject, state, evidence, what to do
//! proxies, probes ─┘
//! ```
//!
//! The truth is what each proxy runs: status commands say `SYNCED` while a proxy refuses everything,
//! and a proxy's own configuration dump shows an update that its workers rejected. Nothing here
//! touches a cluster; who calls brings the [`Facts`]. What could not be read is unknown, and unknown
//! is never fine.

mod capture;
mod cluster_network;
mod control_plane;
mod facts;
mod image;
mod lines;
mod objects;
mod pods;
mod probe;
mod proxy;
mod reads;
mod recording;
mod report;
mod value;

pub use facts::{Facts, Probe, Replica, Unread};
pub use pods::{pods, replace_pods};
pub use probe::{Request, requests};
pub use reads::{
    AGENT_METRICS, CONFIG_DUMP, Query, Read, SERVER_INFO, STATS, pods_again, reads, roles,
};
pub use report::{Check, Line, Report, State};

pub use crate::review::capture::PROXY_CONTAINER;

use crate::artefact::{self, Object};
use crate::compilation::Compilation;
use crate::deployment::Deployment;
use crate::lower::Stage;
use lines::Lines;

/// The policy whose enforcement is in question, and where.
struct Target<'a> {
    compilation: &'a Compilation,
    deployment: &'a Deployment,
    /// The port of the container.
    port: u16,
    /// What the policy compiles to.
    objects: Vec<Object>,
}

/// Holds a policy against what was read. None: it has no deployment, or no port.
#[must_use]
pub fn judge(compilation: &Compilation, facts: &Facts) -> Option<Report> {
    let target = Target::new(compilation)?;
    let mut lines = Lines::default();
    for unread in &facts.unread {
        lines.unread(unread);
    }
    for read in reads::missing(&target, facts) {
        lines.unread(&Unread {
            what: read.to_string(),
            reason: "it was not asked for".into(),
        });
    }
    control_plane::check(facts, &mut lines);
    objects::check(&target, facts, &mut lines);
    image::check(&target, facts, &mut lines);
    pods::check(&target, facts, &mut lines);
    for replica in &facts.replicas {
        proxy::check(&target, facts, replica, &mut lines);
    }
    cluster_network::check(&target, facts, &mut lines);
    probe::check(&target, facts, &mut lines);
    Some(Report {
        server: target.server().into(),
        namespace: target.namespace().into(),
        stage: target.deployment.stage,
        digest: compilation.digest.clone(),
        lines: lines.into_sorted(),
    })
}

impl<'a> Target<'a> {
    fn new(compilation: &'a Compilation) -> Option<Self> {
        Some(Self {
            compilation,
            deployment: compilation.deployment.as_ref()?,
            port: compilation.policy.endpoints.port.as_ref()?.value,
            objects: artefact::objects(compilation),
        })
    }

    fn enforces(&self) -> bool {
        self.deployment.stage == Stage::Enforce
    }

    fn namespace(&self) -> &str {
        &self.deployment.namespace.value
    }

    fn server(&self) -> &str {
        &self.compilation.policy.server.value
    }

    /// The compiled objects of a kind.
    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Object> {
        self.objects
            .iter()
            .filter(move |object| object.kind() == kind)
    }
}
