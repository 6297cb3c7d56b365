//! Signing.

use super::Arguments;
use super::key::{self, NamedKey};
use super::request::Request;
use crate::output::{print, tell};
use crate::policy::Enforced;
use crate::report::{FINDINGS, could_not_run};
use mcp_guard_engine::approval::{Claims, Fault, Issuers, verify};
use mcp_guard_engine::base64;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds for which an approval is valid, unless more or less is asked for.
const LIFETIME: u32 = 60;

pub(super) fn run(arguments: &Arguments, enforced: Option<&Enforced>) -> ExitCode {
    let signed = match sign(arguments, enforced) {
        Ok(signed) => signed,
        Err(error) => return could_not_run(&error),
    };
    if let Some(fault) = signed.fault {
        tell(&format!("error: the approval {fault}\n"));
        return ExitCode::from(FINDINGS);
    }
    tell(&signed.summary);
    print(&format!("{}\n", signed.token))
}

struct Signed {
    token: String,
    summary: String,
    /// Why the policy would refuse it.
    fault: Option<Fault>,
}

fn sign(arguments: &Arguments, enforced: Option<&Enforced>) -> Result<Signed, String> {
    let path = arguments.key.as_deref().ok_or("`--key` is missing")?;
    let key = key::read(path)?;
    let request = Request::of(arguments, enforced)?;
    let issuers = enforced.map(issuers).transpose()?;
    let issuer = issuer(arguments, issuers)?;
    let kid = key.kid(arguments.kid.as_deref(), &issuer, issuers)?;
    let now = now()?;
    let claims = claims(arguments, &request, issuer, issuers, now)?;
    let NamedKey { key, .. } = key;
    let token = key.approve(&kid, &claims);
    let fault = issuers.and_then(|issuers| {
        let call = request.call();
        verify(token.as_bytes(), issuers, &call, now).err()
    });
    Ok(Signed {
        summary: format!(
            "{}valid      {} s, once\n",
            request.lines(),
            claims.expires.saturating_sub(claims.begins)
        ),
        token,
        fault,
    })
}

fn claims(
    arguments: &Arguments,
    request: &Request,
    issuer: String,
    issuers: Option<&Issuers>,
    now: u64,
) -> Result<Claims, String> {
    let longest = issuers.map(Issuers::max_lifetime).or(request.max_lifetime);
    let default = longest.unwrap_or(LIFETIME).min(LIFETIME);
    let lifetime = arguments.expires.unwrap_or(default);
    Ok(Claims {
        issuer,
        id: id()?,
        issued: now,
        begins: now,
        expires: now.saturating_add(lifetime.into()),
        approver: approver(arguments)?,
        server: request.server.clone(),
        caller: request.caller.clone(),
        user: request.user.clone(),
        tool: request.tool.clone(),
        arguments: request.arguments.to_base64url(),
        policy: request.policy.clone(),
    })
}

/// Who may approve under a policy.
pub(super) fn issuers(enforced: &Enforced) -> Result<&Issuers, String> {
    let approvals = enforced.policy.approvals();
    let issuers = approvals.map(|approvals| &approvals.issuers);
    issuers.ok_or_else(|| "the policy names nobody who approves: it has no `approvals`".to_owned())
}

fn issuer(arguments: &Arguments, issuers: Option<&Issuers>) -> Result<String, String> {
    if let Some(issuer) = &arguments.issuer {
        return Ok(issuer.clone());
    }
    let mut names = issuers.into_iter().flat_map(Issuers::names);
    match (names.next(), names.next()) {
        (Some(only), None) => Ok(only.to_owned()),
        _ => Err("say who issues the approval with `--issuer`".to_owned()),
    }
}

fn approver(arguments: &Arguments) -> Result<String, String> {
    let login = || {
        std::env::var("USER")
            .or_else(|_| std::env::var("LOGNAME"))
            .ok()
    };
    let named = arguments.approver.clone().or_else(login);
    let named = named.filter(|name| !name.is_empty());
    named.ok_or_else(|| "say who approves with `--approver`".to_owned())
}

/// A name that no other approval has.
fn id() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random bytes: {error}"))?;
    Ok(base64::encode_url(&bytes))
}

/// Seconds since 1970.
pub(super) fn now() -> Result<u64, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map(|since| since.as_secs())
        .map_err(|_| "the clock stands before 1970".to_owned())
}

/// Reads `60`, or a time as everywhere else.
pub(super) fn seconds(text: &str) -> Result<u32, String> {
    let is_bare = text.ends_with(|last: char| last.is_ascii_digit());
    let time = if is_bare {
        format!("{text}s")
    } else {
        text.to_owned()
    };
    crate::arguments::seconds(&time)
}
