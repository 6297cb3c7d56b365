//! The compiled policy: what it looks like on the wire ([`mod@format`]), and the indexes that
//! decisions are made with ([`Policy`]).

mod approvals;
mod arguments;
mod audit;
mod callers;
mod configuration;
mod decode;
mod digest;
mod fault;
pub mod format;
mod index;
mod limits;
pub(crate) mod members;
mod rule;

pub use approvals::{Approvals, LONGEST_LIFETIME, Placeholder, UrlTemplate};
pub use arguments::{ArgumentFault, Condition, Fit};
pub use audit::{Audit, Detail};
pub(crate) use callers::Challenge;
pub use callers::{Caller, Callers, Peer};
pub use configuration::Guard;
pub use fault::PolicyFault;
pub use index::{NameIndex, ResourceIndex};
pub use limits::Limits;
pub(crate) use limits::{REQUEST_DEPTH, REQUEST_VALUES, RESPONSE_DEPTH, RESPONSE_VALUES};
pub use rule::{Effect, Rule, RuleIndex};

use format::{EndpointKind, EndpointSpec, PolicySpec, RuleSpec};
use std::collections::BTreeMap;

/// One policy, ready to decide with.
///
/// INVARIANT: nothing in it grants anything but its `allow` rules and the housekeeping methods of
/// [`mcp`](crate::mcp); the empty policy permits no tool, prompt, resource or server request.
#[derive(Debug)]
pub struct Policy {
    /// Name of the server, empty if unnamed.
    pub server: String,
    /// SHA-256 of the policy in canonical form, in hexadecimal.
    pub digest: String,
    /// Sizes and depths.
    pub limits: Limits,
    /// Whether refusals say why.
    pub disclose_reason: bool,
    /// What is recorded of messages.
    pub audit: Audit,
    endpoints: Vec<EndpointSpec>,
    open_paths: Vec<String>,
    origins: Vec<String>,
    authorities: Vec<String>,
    callers: Vec<Caller>,
    rules: Vec<Rule>,
    tools: NameIndex,
    prompts: NameIndex,
    methods: NameIndex,
    resources: ResourceIndex,
    has_dry_run: bool,
    approvals: Option<Approvals>,
}

impl Policy {
    /// Builds the indexes of a policy.
    ///
    /// # Errors
    /// The first thing in it that cannot be enforced, by its path.
    pub fn new(spec: &PolicySpec, digest: String) -> Result<Self, PolicyFault> {
        let mut policy = Self {
            server: spec.server.clone(),
            digest,
            limits: Limits::new(&spec.limits),
            disclose_reason: spec.disclose_reason,
            audit: Audit::new(&spec.audit)?,
            endpoints: spec.endpoints.clone(),
            open_paths: spec.open_paths.clone(),
            origins: spec.origins.clone(),
            authorities: spec.authorities.clone(),
            callers: callers::build(spec)?,
            rules: Vec::new(),
            tools: NameIndex::default(),
            prompts: NameIndex::default(),
            methods: NameIndex::default(),
            resources: ResourceIndex::default(),
            has_dry_run: false,
            approvals: approvals(spec)?,
        };
        check_paths(spec)?;
        policy.add_rules(Effect::Deny, &spec.deny)?;
        policy.add_rules(Effect::Allow, &spec.allow)?;
        Ok(policy)
    }

    fn add_rules(
        &mut self,
        effect: Effect,
        specs: &BTreeMap<String, RuleSpec>,
    ) -> Result<(), PolicyFault> {
        for (id, spec) in specs {
            let at = format!("{}.{id}", effect.label());
            let index = RuleIndex(self.rules.len());
            self.rules
                .push(Rule::new(effect, id, spec, &self.callers, &at)?);
            self.has_dry_run |= spec.dry_run;
            self.tools.add(&spec.tools, index, &format!("{at}.tools"))?;
            self.prompts
                .add(&spec.prompts, index, &format!("{at}.prompts"))?;
            self.methods
                .add_exact(&spec.methods, index, &format!("{at}.methods"))?;
            self.resources
                .add(&spec.resources, index, effect, &format!("{at}.resources"))?;
        }
        Ok(())
    }

    /// The rule of that index.
    #[must_use]
    pub fn rule(&self, index: RuleIndex) -> Option<&Rule> {
        self.rules.get(index.0)
    }

    /// All rules: first those that deny, then those that allow, each by id.
    pub fn rules(&self) -> impl Iterator<Item = (RuleIndex, &Rule)> {
        self.rules
            .iter()
            .enumerate()
            .map(|(index, rule)| (RuleIndex(index), rule))
    }

    /// Rules by tool.
    #[must_use]
    pub fn tools(&self) -> &NameIndex {
        &self.tools
    }

    /// Rules by prompt.
    #[must_use]
    pub fn prompts(&self) -> &NameIndex {
        &self.prompts
    }

    /// Rules by method.
    #[must_use]
    pub fn methods(&self) -> &NameIndex {
        &self.methods
    }

    /// Rules by resource.
    #[must_use]
    pub fn resources(&self) -> &ResourceIndex {
        &self.resources
    }

    /// Whether any rule is only recorded.
    #[must_use]
    pub fn has_dry_run(&self) -> bool {
        self.has_dry_run
    }

    /// How calls are approved. None: those that need it never are.
    #[must_use]
    pub fn approvals(&self) -> Option<&Approvals> {
        self.approvals.as_ref()
    }

    /// What is spoken at `path` (without its query), if MCP is.
    #[must_use]
    pub fn endpoint(&self, path: &[u8]) -> Option<EndpointKind> {
        if self.endpoints.is_empty() {
            return Some(EndpointKind::Streamable);
        }
        let here = |endpoint: &&EndpointSpec| endpoint.path.as_bytes() == path;
        self.endpoints
            .iter()
            .find(here)
            .map(|endpoint| endpoint.kind)
    }

    /// Whether `path` (without its query) passes uninspected.
    #[must_use]
    pub fn is_open(&self, path: &[u8]) -> bool {
        self.open_paths.iter().any(|open| open.as_bytes() == path)
    }

    /// Whether a request with that `Origin` is let in.
    #[must_use]
    pub fn permits_origin(&self, origin: &[u8]) -> bool {
        self.origins
            .iter()
            .any(|listed| listed.as_bytes() == origin)
    }

    /// Whether a request to that authority is let in. Host names are compared without regard to
    /// case (RFC 3986, section 3.2.2).
    #[must_use]
    pub fn permits_authority(&self, authority: &[u8]) -> bool {
        let same = |listed: &String| listed.as_bytes().eq_ignore_ascii_case(authority);
        self.authorities.is_empty() || self.authorities.iter().any(same)
    }

    /// The declared callers that `peer` is.
    #[must_use]
    pub fn callers_of(&self, peer: &Peer) -> Callers {
        Callers::of(&self.callers, peer)
    }

    /// The names of those callers.
    #[must_use]
    pub fn names_of(&self, callers: &Callers) -> Vec<String> {
        callers.names(&self.callers)
    }

    /// The claims that must be known to tell callers apart, of which nothing but the certificate is
    /// known yet. Those of callers that it rules out are not asked for.
    pub fn claims<'a>(&'a self, peer: &'a Peer) -> impl Iterator<Item = &'a str> {
        let possible = self.callers.iter().filter(|caller| caller.is_peer(peer));
        possible.flat_map(Caller::claims)
    }
}

fn approvals(spec: &PolicySpec) -> Result<Option<Approvals>, PolicyFault> {
    let approvals = spec.approvals.as_ref().map(Approvals::new).transpose();
    let approvals = approvals.map_err(|fault| fault.within("approvals"))?;
    match approvals {
        // An approval names its server, so that it is none for another.
        Some(_) if spec.server.is_empty() => Err(PolicyFault::new(
            "server",
            "is missing: approvals are bound to it",
        )),
        approvals => Ok(approvals),
    }
}

/// Paths are compared as they stand, so those that cannot stand in a request are faults.
fn check_paths(spec: &PolicySpec) -> Result<(), PolicyFault> {
    let endpoints = spec
        .endpoints
        .iter()
        .map(|endpoint| ("endpoints", &endpoint.path));
    let open = spec.open_paths.iter().map(|path| ("open_paths", path));
    for (at, path) in endpoints.chain(open) {
        if !path.starts_with('/') || path.contains(['?', '#', '%', '\\', ';', ' ']) {
            return Err(PolicyFault::new(
                at,
                format!("`{path}` is no plain absolute path"),
            ));
        }
    }
    let overlap = |path: &&String| {
        spec.endpoints
            .iter()
            .any(|endpoint| endpoint.path == **path)
    };
    match spec.open_paths.iter().find(overlap) {
        Some(path) => Err(PolicyFault::new(
            "open_paths",
            format!("`{path}` is an endpoint as well"),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
