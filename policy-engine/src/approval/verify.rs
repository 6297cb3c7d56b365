//! Whether a token approves a call.

use super::{Claims, Digest, Fault, Issuers, Jws};

/// By how many seconds an issuer's clock may be ahead of ours. A token's end is not moved by it.
pub(crate) const SKEW: u64 = 5;

/// What a token has to name: one call, as it stands in the record.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Name of the server in the policy. The empty name is no server's, and approves nothing.
    pub server: &'a str,
    /// The peer's principal, empty if it has none.
    pub caller: &'a str,
    /// The human whom a trusted caller names, empty if none.
    pub user: &'a str,
    /// The tool's name.
    pub tool: &'a str,
    /// Digest of the arguments.
    pub arguments: &'a Digest,
    /// Digest of the policy, in hexadecimal.
    pub policy: &'a str,
}

/// A human's consent to a call. It holds once: what was used is known by issuer and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The token's `jti`; two issuers may use the same.
    pub id: String,
    /// Who issued it, as the policy names them.
    pub issuer: String,
    /// The human who approved, as the issuer names them.
    pub approver: String,
    /// When it was issued, in seconds since 1970, by the issuer's clock.
    pub issued: u64,
    /// From when the token is expired and need not be remembered, in seconds since 1970.
    pub expires: u64,
}

/// Verifies that a token of one of the issuers approves the call at the time `now`, in seconds since
/// 1970.
///
/// # Errors
/// Why it does not. The signature comes before all claims but `iss`, which only picks the keys.
pub fn verify(
    token: &[u8],
    issuers: &Issuers,
    call: &Call<'_>,
    now: u64,
) -> Result<Approval, Fault> {
    let jws = Jws::read(token)?;
    check_signature(&jws, issuers)?;
    let claims = Claims::read(jws.payload.root())?;
    check_times(&claims, issuers.max_lifetime().into(), now)?;
    check_call(&claims, call)?;
    Ok(Approval {
        id: claims.id,
        issuer: claims.issuer,
        approver: claims.approver,
        issued: claims.issued,
        expires: claims.expires,
    })
}

fn check_signature(jws: &Jws<'_>, issuers: &Issuers) -> Result<(), Fault> {
    let issuer = jws.payload.root().get("iss");
    let issuer = issuer.and_then(|issuer| issuer.as_str());
    let keys = issuer.and_then(|issuer| issuers.keys(&issuer));
    let keys = keys.ok_or(Fault::UnknownIssuer)?;
    let key = keys.get(&jws.kid).ok_or(Fault::UnknownKey)?;
    if key.algorithm() != jws.algorithm {
        return Err(Fault::Algorithm);
    }
    key.verify(jws.signed, &jws.signature)
}

fn check_times(claims: &Claims, longest: u64, now: u64) -> Result<(), Fault> {
    let lifetime = claims.expires.checked_sub(claims.begins);
    if !lifetime.is_some_and(|lifetime| (1..=longest).contains(&lifetime)) {
        return Err(Fault::Lifetime);
    }
    let latest = now.saturating_add(SKEW);
    if claims.begins > latest || claims.issued > latest {
        return Err(Fault::NotYetValid);
    }
    match now < claims.expires {
        true => Ok(()),
        false => Err(Fault::Expired),
    }
}

fn check_call(claims: &Claims, call: &Call<'_>) -> Result<(), Fault> {
    let fits = |claim: &String, fact: &str| claim == fact;
    if call.server.is_empty() || !fits(&claims.server, call.server) {
        return Err(Fault::WrongServer);
    }
    if !fits(&claims.caller, call.caller) {
        return Err(Fault::WrongCaller);
    }
    if !fits(&claims.user, call.user) {
        return Err(Fault::WrongUser);
    }
    if !fits(&claims.tool, call.tool) {
        return Err(Fault::WrongTool);
    }
    if !fits(&claims.policy, call.policy) {
        return Err(Fault::WrongPolicy);
    }
    match fits(&claims.arguments, &call.arguments.to_base64url()) {
        true => Ok(()),
        false => Err(Fault::WrongArguments),
    }
}
