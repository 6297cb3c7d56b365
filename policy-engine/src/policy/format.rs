//! The compiled policy as it travels: the filter's plugin configuration, `format: 1` or `2`.
//!
//! This is a wire format of its own. The compiler writes it, the filter reads it once (`decode`) and
//! turns it into the internal indexes of [`Policy`](super::Policy). Rules are known by their
//! author's ids; comments and source positions never enter it.

use super::Detail;
use crate::approval::Issuer;
use crate::json::LARGEST_SAFE;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Lowest and highest format that this engine reads. It writes the lowest that can say the policy:
/// [`PolicySpec::format`].
pub const FORMATS: (u32, u32) = (1, 2);

/// What stands in `pluginConfig` when the compiler made it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PluginConfig {
    /// Version of this format, one of [`FORMATS`].
    pub format: u32,
    /// The policy that acts. Absent: nothing is refused (only together with `candidate`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicySpec>,
    /// A policy that only records what it would have done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<PolicySpec>,
}

/// The plugin configuration that a person writes by hand:
/// `{"tool_allowlist": ["search_code", "get_pull_request"]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AllowlistConfig {
    /// Names and globs of the tools that may be called; everything else keeps its default.
    pub tool_allowlist: Vec<String>,
}

/// One policy for one MCP server.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PolicySpec {
    /// Name of the server, for the audit record.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server: String,
    /// The paths that speak MCP. Empty: every path does, as a `streamable` endpoint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<EndpointSpec>,
    /// Paths that pass uninspected (health checks), compared byte for byte up to `?`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_paths: Vec<String>,
    /// Values of `Origin` that are let in; a request with any other is answered 403.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// Values of `:authority` that are let in, where any is listed; any other is answered 421.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorities: Vec<String>,
    /// The mesh's trust domains; `cluster.local` in a principal stands for all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trust_domains: Vec<String>,
    /// Callers by the name that rules use. Empty: rules hold for everyone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub callers: BTreeMap<String, CallerSpec>,
    /// Rules that grant, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub allow: BTreeMap<String, RuleSpec>,
    /// Rules that refuse, by id; they beat every grant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deny: BTreeMap<String, RuleSpec>,
    /// Sizes and depths.
    #[serde(skip_serializing_if = "LimitsSpec::is_default")]
    pub limits: LimitsSpec,
    /// Put the reason of a refusal into the error's `data`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disclose_reason: bool,
    /// How calls are approved. Absent: no call that needs an approval ever gets one. From format 2 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvals: Option<ApprovalsSpec>,
    /// What is recorded of messages. From format 2 on.
    #[serde(skip_serializing_if = "AuditSpec::is_default")]
    pub audit: AuditSpec,
}

impl PolicySpec {
    /// The lowest format that can say this policy: an older filter takes all that it understands.
    #[must_use]
    pub fn format(&self) -> u32 {
        let (lowest, _) = FORMATS;
        match self.approvals.is_none() && self.audit.is_default() {
            false => 2,
            true => lowest,
        }
    }
}

/// How calls that need a human are approved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ApprovalsSpec {
    /// Who may approve, by name.
    pub issuers: BTreeMap<String, Issuer>,
    /// Longest validity of an approval in seconds (default 60).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_lifetime_seconds: Option<u32>,
    /// Where a human approves: a URL with placeholders, to which clients are sent. Absent: clients are
    /// told that an approval is needed, and not where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What is recorded of messages beside the decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditSpec {
    /// Of the arguments of calls.
    #[serde(skip_serializing_if = "is_none")]
    pub arguments: Detail,
    /// Of results.
    #[serde(skip_serializing_if = "is_none")]
    pub results: Detail,
    /// Most bytes of one value (default 4096).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_bytes: Option<u32>,
    /// Parts of keys whose values are secrets, beside those that always are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redact_keys: Vec<String>,
    /// Globs of words that are secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redact_values: Vec<String>,
}

impl AuditSpec {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn is_none(detail: &Detail) -> bool {
    *detail == Detail::None
}

/// A path of this workload that speaks MCP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EndpointSpec {
    /// The path, compared byte for byte up to `?`.
    pub path: String,
    /// The transport spoken there.
    pub kind: EndpointKind,
}

/// The transport that an endpoint speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointKind {
    /// Streamable HTTP (2025-03-26 and later).
    #[default]
    Streamable,
    /// The event stream of HTTP+SSE (2024-11-05).
    Sse,
    /// The message endpoint of HTTP+SSE (2024-11-05), whose answers travel on the event stream.
    Message,
}

/// How a caller is recognised. Peer and token must both fit where both are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallerSpec {
    /// SPIFFE identities without the scheme: `cluster.local/ns/gateway/sa/ai-gateway`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub principals: Vec<String>,
    /// Kubernetes namespaces, any service account in them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Claims verified by jwt_authn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt: Option<JwtSpec>,
    /// The header in which this caller names the human user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_header: Option<String>,
}

/// What a verified token must say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JwtSpec {
    /// The exact `iss`.
    pub issuer: String,
    /// One of these is in `aud`. Empty: any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// For every claim named here, one of the values is the claim or is in it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Vec<String>>,
    /// Where a client that brought no token learns how to get one (RFC 9728): an absolute URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_metadata: Option<String>,
}

/// One rule. In `allow` it grants what it lists, in `deny` it refuses it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RuleSpec {
    /// Names of callers. Empty: every declared caller.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<String>,
    /// Tools by name or glob.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Prompts by name or glob.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<String>,
    /// Resources by URI or URI glob.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Methods and notifications by exact name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// What the server may ask of the client.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub server_requests: Vec<ServerRequestKind>,
    /// `tasks/*` and `params.task`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tasks: bool,
    /// Conditions on the arguments of the tools in this rule; all must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<ArgumentSpec>,
    /// Whether a human is asked. Absent: decided by the tool's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// Recorded, but without effect.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

/// What a server may ask of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerRequestKind {
    /// `elicitation/create`.
    Elicitation,
    /// `roots/list`.
    Roots,
    /// `sampling/createMessage` without tools and without other servers' context.
    Sampling,
    /// `sampling/createMessage` with `includeContext` other than `none`.
    SamplingContext,
    /// `sampling/createMessage` with `tools`.
    SamplingTools,
}

/// A condition on one argument. Exactly one of the tests is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ArgumentSpec {
    /// Keys from `params.arguments` down to the value.
    pub path: Vec<String>,
    /// The value equals this scalar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<Scalar>,
    /// The value equals one of these scalars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<Scalar>>,
    /// The value is a string that fits this glob.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub glob: Option<String>,
    /// The value is a number within these bounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<RangeSpec>,
}

/// A value that an argument is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A string.
    Text(String),
    /// A number within ±(2^53 − 1).
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => number_as_written(*number, serializer),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Null => serializer.serialize_unit(),
        }
    }
}

/// Writes a whole number without a fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    reason = "whole numbers within ±2^53 are exact in both types"
)]
fn number_as_written<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.fract() == 0.0 && number.abs() <= LARGEST_SAFE {
        return serializer.serialize_i64(number as i64);
    }
    serializer.serialize_f64(number)
}

/// Inclusive bounds of a number.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RangeSpec {
    /// Lowest permitted value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Highest permitted value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// Whether a human is asked before a tool runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Nobody is asked.
    #[default]
    None,
    /// The call passes and is marked for a human.
    Notify,
    /// The call needs a human's approval.
    Required,
}

impl Approval {
    /// All levels, from the mildest to the strictest.
    pub(super) const ALL: [Self; 3] = [Self::None, Self::Notify, Self::Required];

    /// Its name in policies, records and lists.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Notify => "notify",
            Self::Required => "required",
        }
    }
}

/// Sizes and depths. Absent fields keep their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LimitsSpec {
    /// Bytes of a request body (default 1 MiB).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_bytes: Option<u32>,
    /// Bytes of one server message, an answer or an event (default 16 MiB).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_bytes: Option<u32>,
    /// Bytes that one worker holds at once for all streams (default 64 MiB).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_bytes: Option<u32>,
    /// Levels of nesting inside `params.arguments` (default 10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument_depth: Option<u32>,
    /// Number of arguments of a call (default 100).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<u32>,
    /// Keys in a whole request (default 10 000).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<u32>,
    /// Longest `ttlMs` that a governed list keeps, in milliseconds (default 60 000).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_ttl_ms: Option<u32>,
}

impl LimitsSpec {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
