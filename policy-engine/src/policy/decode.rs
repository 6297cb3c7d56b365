//! From the plugin configuration's JSON to its typed form.

use super::format::{
    AllowlistConfig, Approval, ApprovalsSpec, ArgumentSpec, AuditSpec, CallerSpec, EndpointKind,
    EndpointSpec, JwtSpec, LimitsSpec, PluginConfig, PolicySpec, RangeSpec, RuleSpec, Scalar,
    ServerRequestKind,
};
use super::members::{Members, flag, list, map, number, text, texts, whole, word};
use super::{Detail, PolicyFault};
use crate::approval::Issuer;
use crate::json::{Kind, Value};

pub(super) fn plugin_config(value: Value<'_>) -> Result<PluginConfig, PolicyFault> {
    let mut members = Members::of(value, "")?;
    let config = PluginConfig {
        format: members.required("format", whole)?,
        policy: members.optional("policy", policy)?,
        candidate: members.optional("candidate", policy)?,
    };
    members.end()?;
    Ok(config)
}

pub(super) fn allowlist(value: Value<'_>) -> Result<AllowlistConfig, PolicyFault> {
    let mut members = Members::of(value, "")?;
    let config = AllowlistConfig {
        tool_allowlist: members.required("tool_allowlist", texts)?,
    };
    members.end()?;
    Ok(config)
}

fn policy(value: Value<'_>, at: &str) -> Result<PolicySpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let spec = PolicySpec {
        server: members.or_default("server", text)?,
        endpoints: members.or_default("endpoints", |value, at| list(value, at, endpoint))?,
        open_paths: members.or_default("open_paths", texts)?,
        origins: members.or_default("origins", texts)?,
        authorities: members.or_default("authorities", texts)?,
        trust_domains: members.or_default("trust_domains", texts)?,
        callers: members.or_default("callers", |value, at| map(value, at, caller))?,
        allow: members.or_default("allow", |value, at| map(value, at, rule))?,
        deny: members.or_default("deny", |value, at| map(value, at, rule))?,
        limits: members.or_default("limits", limits)?,
        disclose_reason: members.or_default("disclose_reason", flag)?,
        audit: members.or_default("audit", audit)?,
        approvals: members.optional("approvals", approvals)?,
    };
    members.end()?;
    Ok(spec)
}

fn approvals(value: Value<'_>, at: &str) -> Result<ApprovalsSpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let spec = ApprovalsSpec {
        issuers: members.required("issuers", Issuer::decode)?,
        max_lifetime_seconds: members.optional("max_lifetime_seconds", whole)?,
        url: members.optional("url", text)?,
    };
    members.end()?;
    Ok(spec)
}

fn audit(value: Value<'_>, at: &str) -> Result<AuditSpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let spec = AuditSpec {
        arguments: members.or_default("arguments", detail)?,
        results: members.or_default("results", detail)?,
        value_bytes: members.optional("value_bytes", whole)?,
        redact_keys: members.or_default("redact_keys", texts)?,
        redact_values: members.or_default("redact_values", texts)?,
    };
    members.end()?;
    Ok(spec)
}

fn detail(value: Value<'_>, at: &str) -> Result<Detail, PolicyFault> {
    word(
        value,
        at,
        &[
            ("none", Detail::None),
            ("digest", Detail::Digest),
            ("redacted", Detail::Redacted),
        ],
    )
}

fn endpoint(value: Value<'_>, at: &str) -> Result<EndpointSpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let kinds = |value: Value<'_>, at: &str| {
        word(
            value,
            at,
            &[
                ("streamable", EndpointKind::Streamable),
                ("sse", EndpointKind::Sse),
                ("message", EndpointKind::Message),
            ],
        )
    };
    let spec = EndpointSpec {
        path: members.required("path", text)?,
        kind: members.or_default("kind", kinds)?,
    };
    members.end()?;
    Ok(spec)
}

fn caller(value: Value<'_>, at: &str) -> Result<CallerSpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let spec = CallerSpec {
        principals: members.or_default("principals", texts)?,
        namespaces: members.or_default("namespaces", texts)?,
        jwt: members.optional("jwt", jwt)?,
        user_header: members.optional("user_header", text)?,
    };
    members.end()?;
    Ok(spec)
}

fn jwt(value: Value<'_>, at: &str) -> Result<JwtSpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let spec = JwtSpec {
        issuer: members.required("issuer", text)?,
        audiences: members.or_default("audiences", texts)?,
        claims: members.or_default("claims", |value, at| map(value, at, texts))?,
        resource_metadata: members.optional("resource_metadata", text)?,
    };
    members.end()?;
    Ok(spec)
}

fn rule(value: Value<'_>, at: &str) -> Result<RuleSpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let spec = RuleSpec {
        callers: members.or_default("callers", texts)?,
        tools: members.or_default("tools", texts)?,
        prompts: members.or_default("prompts", texts)?,
        resources: members.or_default("resources", texts)?,
        methods: members.or_default("methods", texts)?,
        server_requests: members.or_default("server_requests", |value, at| {
            list(value, at, server_request)
        })?,
        tasks: members.or_default("tasks", flag)?,
        arguments: members.or_default("arguments", |value, at| list(value, at, argument))?,
        approval: members.optional("approval", approval)?,
        dry_run: members.or_default("dry_run", flag)?,
    };
    members.end()?;
    Ok(spec)
}

fn server_request(value: Value<'_>, at: &str) -> Result<ServerRequestKind, PolicyFault> {
    word(
        value,
        at,
        &[
            ("elicitation", ServerRequestKind::Elicitation),
            ("roots", ServerRequestKind::Roots),
            ("sampling", ServerRequestKind::Sampling),
            ("sampling_context", ServerRequestKind::SamplingContext),
            ("sampling_tools", ServerRequestKind::SamplingTools),
        ],
    )
}

fn approval(value: Value<'_>, at: &str) -> Result<Approval, PolicyFault> {
    word(
        value,
        at,
        &Approval::ALL.map(|level| (level.label(), level)),
    )
}

fn argument(value: Value<'_>, at: &str) -> Result<ArgumentSpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let spec = ArgumentSpec {
        path: members.required("path", texts)?,
        equals: members.optional("equals", scalar)?,
        one_of: members.optional("one_of", |value, at| list(value, at, scalar))?,
        glob: members.optional("glob", text)?,
        range: members.optional("range", range)?,
    };
    members.end()?;
    Ok(spec)
}

fn scalar(value: Value<'_>, at: &str) -> Result<Scalar, PolicyFault> {
    match value.kind() {
        Kind::String => text(value, at).map(Scalar::Text),
        Kind::Number => number(value, at).map(Scalar::Number),
        Kind::True => Ok(Scalar::Bool(true)),
        Kind::False => Ok(Scalar::Bool(false)),
        Kind::Null => Ok(Scalar::Null),
        Kind::Object | Kind::Array => Err(PolicyFault::new(
            at,
            "must be a string, a number, `true`, `false` or `null`",
        )),
    }
}

fn range(value: Value<'_>, at: &str) -> Result<RangeSpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let spec = RangeSpec {
        min: members.optional("min", number)?,
        max: members.optional("max", number)?,
    };
    members.end()?;
    Ok(spec)
}

fn limits(value: Value<'_>, at: &str) -> Result<LimitsSpec, PolicyFault> {
    let mut members = Members::of(value, at)?;
    let spec = LimitsSpec {
        request_bytes: members.optional("request_bytes", whole)?,
        response_bytes: members.optional("response_bytes", whole)?,
        held_bytes: members.optional("held_bytes", whole)?,
        argument_depth: members.optional("argument_depth", whole)?,
        arguments: members.optional("arguments", whole)?,
        keys: members.optional("keys", whole)?,
        list_ttl_ms: members.optional("list_ttl_ms", whole)?,
    };
    members.end()?;
    Ok(spec)
}
