//! Explaining an approval.

use super::Arguments;
use super::named::{digest, principal};
use super::token::{issuers, now};
use crate::arguments::Format;
use crate::files;
use crate::output::{answer, show};
use crate::policy::Enforced;
use crate::report::{could_not_run, status};
use mcp_guard_engine::approval::{Call, Claims, Digest, Fault, Jws, verify};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(arguments: &Arguments, token: &str, enforced: Option<&Enforced>) -> ExitCode {
    match explain(arguments, token, enforced) {
        Ok(explained) => {
            let status = status(explained.fault.is_some());
            match arguments.format {
                Format::Human => answer(&explained.human(), status),
                Format::Json => show(&format!("{}\n", explained.json()), status),
            }
        }
        Err(error) => could_not_run(&error),
    }
}

struct Explained {
    /// Algorithm and name of the key, if the header can be read.
    header: Option<(&'static str, String)>,
    claims: Option<Claims>,
    now: u64,
    /// Whether it was held against a policy.
    judged: bool,
    fault: Option<Fault>,
}

fn explain(
    arguments: &Arguments,
    token: &str,
    enforced: Option<&Enforced>,
) -> Result<Explained, String> {
    let token = match token {
        "-" => files::text(Path::new("-")).map_err(|error| error.to_string())?,
        token => token.to_owned(),
    };
    let token = token.trim().as_bytes();
    let now = now()?;
    let jws = match Jws::read(token) {
        Ok(jws) => jws,
        Err(fault) => return Ok(Explained::unreadable(fault, now)),
    };
    let claims = Claims::read(jws.payload.root());
    let fault = match (&claims, enforced) {
        (Err(fault), None) => Some(*fault),
        (Ok(_), None) => None,
        (claims, Some(enforced)) => judge(arguments, token, claims.as_ref().ok(), enforced, now)?,
    };
    Ok(Explained {
        header: Some((jws.algorithm.label(), jws.kid)),
        claims: claims.ok(),
        now,
        judged: enforced.is_some(),
        fault,
    })
}

/// What the policy says of it, for the call that is given; what is not given is as in the token.
fn judge(
    arguments: &Arguments,
    token: &[u8],
    claims: Option<&Claims>,
    enforced: &Enforced,
    now: u64,
) -> Result<Option<Fault>, String> {
    let caller = arguments.caller.as_deref();
    let caller = caller.map(|name| principal(name, enforced)).transpose()?;
    let claimed = |claim: fn(&Claims) -> &String| claims.map(claim).cloned().unwrap_or_default();
    let named = digest(arguments)?;
    let digest = named.or_else(|| Digest::from_base64url(&claims?.arguments));
    let call = Call {
        server: &enforced.policy.server,
        caller: &caller.unwrap_or_else(|| claimed(|claims| &claims.caller)),
        user: &arguments
            .user
            .clone()
            .unwrap_or_else(|| claimed(|claims| &claims.user)),
        tool: &arguments
            .tool
            .clone()
            .unwrap_or_else(|| claimed(|claims| &claims.tool)),
        arguments: &digest.unwrap_or_else(Digest::of_nothing),
        policy: &enforced.policy.digest,
    };
    Ok(verify(token, issuers(enforced)?, &call, now).err())
}

impl Explained {
    fn unreadable(fault: Fault, now: u64) -> Self {
        Self {
            header: None,
            claims: None,
            now,
            judged: false,
            fault: Some(fault),
        }
    }

    fn human(&self) -> String {
        let mut lines = Vec::new();
        if let Some((algorithm, kid)) = &self.header {
            lines.push(format!("key        {kid:?}, {algorithm}"));
        }
        if let Some(claims) = &self.claims {
            lines.extend(describe(claims, self.now));
        }
        lines.push(match (self.fault, self.judged) {
            (Some(fault), _) => format!("refused: the approval {fault} ({})", fault.label()),
            (None, true) => "holds, if it was not used yet".to_owned(),
            (None, false) => "not verified: name the policy to know whether it holds".to_owned(),
        });
        lines.join("\n") + "\n"
    }

    fn json(&self) -> Value {
        let header = self.header.as_ref();
        let header = header.map(|(alg, kid)| json!({ "alg": alg, "kid": kid }));
        let claims = self.claims.as_ref();
        let claims =
            claims.and_then(|claims| serde_json::from_slice::<Value>(&claims.to_json()).ok());
        let holds = match (self.fault, self.judged) {
            (Some(_), _) => Some(false),
            (None, true) => Some(true),
            (None, false) => None,
        };
        json!({
            "header": header,
            "claims": claims,
            "holds": holds,
            "reason": self.fault.map(Fault::label),
        })
    }
}

/// A line for each claim. Nobody vouches for what a token says before it is verified, so texts are
/// shown with their control characters escaped.
fn describe(claims: &Claims, now: u64) -> Vec<String> {
    let texts = [
        ("issuer", &claims.issuer),
        ("approver", &claims.approver),
        ("server", &claims.server),
        ("caller", &claims.caller),
        ("user", &claims.user),
        ("tool", &claims.tool),
        ("arguments", &claims.arguments),
        ("policy", &claims.policy),
        ("id", &claims.id),
    ];
    let lines = texts
        .iter()
        .map(|(name, text)| format!("{name:<10} {text:?}"));
    lines.chain([times(claims, now)]).collect()
}

fn times(claims: &Claims, now: u64) -> String {
    let lifetime = claims.expires.saturating_sub(claims.begins);
    let state = if now < claims.begins {
        format!("begins in {} s", claims.begins.saturating_sub(now))
    } else if now < claims.expires {
        format!("ends in {} s", claims.expires.saturating_sub(now))
    } else {
        format!("ended {} s ago", now.saturating_sub(claims.expires))
    };
    format!(
        "valid      {lifetime} s, from {} to {} (Unix time); {state}",
        claims.begins, claims.expires
    )
}
