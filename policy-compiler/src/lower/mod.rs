//! From the written policy to the compiled one, the engine's wire format.

mod rules;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{ApprovalIssuer, Approvals, Caller, Entry, LIMITS, Policy, spellings};
use crate::source::Spanned;
use mcp_guard_engine::approval::Issuer;
use mcp_guard_engine::policy::Guard;
use mcp_guard_engine::policy::format::{
    ApprovalsSpec, AuditSpec, CallerSpec, EndpointKind, EndpointSpec, JwtSpec, LimitsSpec,
    PluginConfig, PolicySpec,
};

pub use mcp_guard_engine::policy::format::FORMATS;

/// Whether a policy acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It only records what it would have done.
    Observe,
    /// It acts.
    Enforce,
}

/// Lowers a policy. `trust_domains` are the mesh's; none: the alias is the only one.
///
/// References to callers and groups that do not exist are said, and left out.
#[must_use]
pub fn policy(policy: &Policy, trust_domains: &[String], found: &mut Diagnostics) -> PolicySpec {
    let texts =
        |spanned: &[Spanned<String>]| spanned.iter().map(|text| text.value.clone()).collect();
    let mut limits = LimitsSpec::default();
    for (key, place) in LIMITS {
        *place(&mut limits) = policy.limits.get(key).map(|limit| limit.value);
    }
    let callers = &policy.callers;
    PolicySpec {
        server: policy.server.value.clone(),
        endpoints: endpoints(policy),
        open_paths: texts(&policy.endpoints.open),
        origins: texts(&policy.endpoints.origins),
        authorities: texts(&policy.endpoints.authorities),
        trust_domains: trust_domains.to_vec(),
        callers: callers
            .iter()
            .map(|(name, entry)| (name.clone(), caller(&entry.value)))
            .collect(),
        allow: rules::lower(policy, &policy.allow, found),
        deny: rules::lower(policy, &policy.deny, found),
        limits,
        disclose_reason: policy.audit.disclose_reason,
        audit: AuditSpec {
            redact_values: rules::globs(&policy.audit.redact_values, found),
            ..policy.audit.record.clone()
        },
        approvals: policy.approvals.as_ref().map(approvals),
    }
}

fn approvals(approvals: &Approvals) -> ApprovalsSpec {
    let issuer = |(name, entry): (&String, &Entry<ApprovalIssuer>)| {
        let keys = entry.value.keys.iter().map(|key| key.value.clone());
        let keys = keys.collect();
        (name.clone(), Issuer { keys })
    };
    ApprovalsSpec {
        issuers: approvals.issuers.iter().map(issuer).collect(),
        max_lifetime_seconds: approvals.max_lifetime.as_ref().map(|given| given.value),
        url: approvals.url.as_ref().map(|url| url.value.clone()),
    }
}

/// The plugin configuration of a lowered policy. None: the engine does not take it, and that is said.
pub fn plugin_config(policy: PolicySpec, stage: Stage, found: &mut Diagnostics) -> Option<String> {
    let format = policy.format();
    let (policy, candidate) = match stage {
        Stage::Enforce => (Some(policy), None),
        Stage::Observe => (None, Some(policy)),
    };
    let config = PluginConfig {
        format,
        policy,
        candidate,
    };
    let json = serde_json::to_string(&config).unwrap_or_default();
    // What the filter would refuse is refused here, by the filter's own reader.
    match Guard::from_json(json.as_bytes()) {
        Ok(_) => Some(json),
        // A consequence of what was said before.
        Err(_) if found.has_errors() => None,
        Err(fault) => {
            let message = format!("the filter does not take the compiled policy: {fault}");
            found.push(Diagnostic::unplaced(Code::Internal, message));
            None
        }
    }
}

/// Every path in both spellings: the filter compares bytes. Open paths stay as they are written.
fn endpoints(policy: &Policy) -> Vec<EndpointSpec> {
    let spelt = |(path, kind): &(Spanned<String>, EndpointKind)| {
        let kind = *kind;
        let spellings = spellings(&path.value).into_iter();
        spellings.map(move |path| EndpointSpec { path, kind })
    };
    policy.endpoints.mcp.iter().flat_map(spelt).collect()
}

fn caller(caller: &Caller) -> CallerSpec {
    let values = |texts: &[Spanned<String>]| -> Vec<String> {
        texts.iter().map(|text| text.value.clone()).collect()
    };
    CallerSpec {
        principals: principals(caller),
        namespaces: values(&caller.namespaces),
        jwt: caller.jwt.as_ref().map(|jwt| JwtSpec {
            issuer: jwt.issuer.value.clone(),
            audiences: values(&jwt.audiences),
            claims: jwt
                .claims
                .iter()
                .map(|(name, accepted)| (name.value.clone(), values(accepted)))
                .collect(),
            resource_metadata: jwt.resource_metadata.as_ref().map(|url| url.value.clone()),
        }),
        user_header: caller
            .user_header
            .as_ref()
            .map(|header| header.value.clone()),
    }
}

/// The identities of a caller, as Istio writes principals.
#[must_use]
pub fn principals(caller: &Caller) -> Vec<String> {
    let accounts = caller.service_accounts.iter();
    let accounts = accounts.map(|account| account.value.principal());
    let written = caller.principals.iter().map(|text| text.value.clone());
    accounts.chain(written).collect()
}
