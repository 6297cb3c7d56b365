//! What cases are played against: a configuration, and what it tells of requests.

use crate::case::Caller;
use crate::header_text::HeaderValue;
use crate::scenario::Headers;
use mcp_guard_engine::policy::format::{CallerSpec, EndpointKind, PolicySpec};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The trust domain that stands for all of the mesh's.
const ALIAS: &str = "cluster.local";

/// The time at which cases are played unless somebody says otherwise: 2026-07-28, midnight UTC.
pub const NOW: u64 = 1_785_196_800;

/// The configuration of the engine, and what requests look like unless a case says otherwise.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The plugin configuration, JSON text.
    pub config: String,
    /// Path of a request.
    pub path: String,
    /// Host of a request.
    pub authority: String,
    /// The time at which cases are played, in seconds since 1970.
    pub now: u64,
    /// The callers that the policy declares.
    pub callers: BTreeMap<String, Identity>,
}

/// By what a caller is recognised, and the header in which it names its user.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// What the host verified.
    pub caller: Caller,
    /// Headers that this caller sends.
    pub headers: Headers,
}

impl Setting {
    /// A configuration of which nothing else is known.
    #[must_use]
    pub fn of_config(config: String) -> Self {
        Self {
            config,
            path: "/mcp".to_owned(),
            authority: "mcp.example".to_owned(),
            now: NOW,
            callers: BTreeMap::new(),
        }
    }

    /// The configuration of a policy.
    #[must_use]
    pub fn of_policy(spec: &PolicySpec, config: String) -> Self {
        let takes_messages = |kind| kind != EndpointKind::Sse;
        let mut endpoints = spec.endpoints.iter();
        let endpoint = endpoints.find(|endpoint| takes_messages(endpoint.kind));
        let domain = spec.trust_domains.first().map_or(ALIAS, String::as_str);
        let default = Self::of_config(config);
        let callers = spec.callers.iter();
        Self {
            path: endpoint.map_or(default.path, |endpoint| endpoint.path.clone()),
            authority: spec
                .authorities
                .first()
                .cloned()
                .unwrap_or(default.authority),
            callers: callers
                .map(|(name, caller)| (name.clone(), Identity::of(caller, domain)))
                .collect(),
            ..default
        }
    }

    /// The caller of that name.
    ///
    /// # Errors
    /// The names that there are.
    pub fn caller(&self, name: &str) -> Result<&Identity, String> {
        self.callers.get(name).ok_or_else(|| {
            let names: Vec<_> = self
                .callers
                .keys()
                .map(|name| format!("`{name}`"))
                .collect();
            match names.is_empty() {
                true => format!("no caller is called `{name}`: the policy declares none"),
                false => format!("no caller is called `{name}`, only {}", names.join(", ")),
            }
        })
    }
}

impl Identity {
    /// The plainest identity by which a caller is recognised.
    fn of(caller: &CallerSpec, domain: &str) -> Self {
        let namespaces = caller.namespaces.iter();
        let spiffe = caller
            .principals
            .iter()
            .map(|principal| in_domain(principal, domain))
            .chain(namespaces.map(|name| format!("{domain}/ns/{name}/sa/default")))
            .next();
        Self {
            caller: Caller {
                spiffe: spiffe.map(|principal| format!("spiffe://{principal}")),
                jwt: caller.jwt.as_ref().map(claims),
            },
            headers: caller
                .user_header
                .iter()
                .map(|name| (name.clone(), HeaderValue::from_text("user@example.com")))
                .collect(),
        }
    }
}

/// A principal with the trust domain that its alias stands for.
fn in_domain(principal: &str, domain: &str) -> String {
    match principal.split_once('/') {
        Some((ALIAS, workload)) => format!("{domain}/{workload}"),
        _ => principal.to_owned(),
    }
}

fn claims(jwt: &mcp_guard_engine::policy::format::JwtSpec) -> Map<String, Value> {
    let first = |values: &[String]| values.first().map(|value| Value::from(value.as_str()));
    let audience = first(&jwt.audiences).map(|audience| ("aud".to_owned(), audience));
    let claims = jwt.claims.iter();
    let claims = claims.filter_map(|(name, values)| Some((name.clone(), first(values)?)));
    let issuer = ("iss".to_owned(), Value::from(jwt.issuer.as_str()));
    [issuer].into_iter().chain(audience).chain(claims).collect()
}
