//! The policy as it is written: version 1, the words of MCP and Istio.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A policy file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    pub(crate) version: u32,
    #[serde(default)]
    pub(crate) server: String,
    #[serde(default)]
    pub(crate) endpoints: Endpoints,
    #[serde(default)]
    pub(crate) callers: BTreeMap<String, Caller>,
    #[serde(default)]
    pub(crate) allow: BTreeMap<String, Rule>,
    #[serde(default)]
    pub(crate) deny: BTreeMap<String, Rule>,
}

/// Where the server speaks what.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Endpoints {
    /// Paths of Streamable HTTP.
    pub(crate) mcp: Vec<String>,
    /// Paths of the event stream of HTTP+SSE.
    pub(crate) sse: Vec<String>,
    /// Paths of its messages.
    pub(crate) message: Vec<String>,
    /// Paths that pass uninspected.
    pub(crate) open: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) authorities: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Caller {
    /// `NAMESPACE/SERVICE-ACCOUNT`, in the mesh's own trust domain.
    pub(crate) service_accounts: Vec<String>,
    pub(crate) namespaces: Vec<String>,
    pub(crate) user: Option<User>,
}

/// How a caller names the human behind a call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    pub(crate) header: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rule {
    pub(crate) callers: Vec<String>,
    pub(crate) tools: Vec<String>,
    pub(crate) prompts: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) methods: Vec<String>,
    /// By path: keys with dots between them.
    pub(crate) arguments: BTreeMap<String, Condition>,
    pub(crate) approval: Option<Approval>,
    pub(crate) dry_run: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Approval {
    None,
    Notify,
    Required,
}

/// What an argument must be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(crate) enum Condition {
    Equals(serde_json::Value),
    OneOf(Vec<serde_json::Value>),
    Glob(String),
    Range(Range),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Range {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}
