//! The claims of an approval (RFC 7519, section 4), every one of which is required.

use super::Fault;
use crate::json::Value;

/// Longest `jti` in bytes: it is remembered until the token expires.
const LONGEST_ID: usize = 128;

/// Longest `approver` in bytes: it stands in every record.
const LONGEST_APPROVER: usize = 256;

/// What an approval says. Claims that are not listed are ignored (RFC 7519, section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `iss`: who issued it.
    pub issuer: String,
    /// `jti`: its name, used once.
    pub id: String,
    /// `iat`: when it was issued, in seconds since 1970.
    pub issued: u64,
    /// `nbf`: from when it is valid.
    pub begins: u64,
    /// `exp`: from when it is not.
    pub expires: u64,
    /// `approver`: the human who approved.
    pub approver: String,
    /// `aud`: the server.
    pub server: String,
    /// `caller`: the peer's principal, empty if it has none.
    pub caller: String,
    /// `user`: the human whom the caller names, empty if none.
    pub user: String,
    /// `tool`: the tool's name.
    pub tool: String,
    /// `arguments`: the digest of the arguments.
    pub arguments: String,
    /// `policy`: the policy's digest.
    pub policy: String,
}

impl Claims {
    /// Reads the claims of a token.
    ///
    /// # Errors
    /// [`Fault::Claims`].
    pub fn read(payload: Value<'_>) -> Result<Self, Fault> {
        let claims = Self {
            issuer: text(payload, "iss")?,
            id: text(payload, "jti")?,
            issued: seconds(payload, "iat")?,
            begins: seconds(payload, "nbf")?,
            expires: seconds(payload, "exp")?,
            approver: text(payload, "approver")?,
            server: text(payload, "aud")?,
            caller: text(payload, "caller")?,
            user: text(payload, "user")?,
            tool: text(payload, "tool")?,
            arguments: text(payload, "arguments")?,
            policy: text(payload, "policy")?,
        };
        match is_id(&claims.id) && is_name(&claims.approver) {
            true => Ok(claims),
            false => Err(Fault::Claims),
        }
    }
}

fn text(payload: Value<'_>, claim: &str) -> Result<String, Fault> {
    let text = payload.get(claim).and_then(|value| value.as_str());
    text.map(Into::into).ok_or(Fault::Claims)
}

/// A NumericDate (RFC 7519, section 2) without a fraction.
fn seconds(payload: Value<'_>, claim: &str) -> Result<u64, Fault> {
    let number = payload.get(claim).and_then(|value| value.as_number());
    number
        .and_then(|text| text.parse().ok())
        .ok_or(Fault::Claims)
}

fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_name(approver: &str) -> bool {
    (1..=LONGEST_APPROVER).contains(&approver.len()) && !approver.chars().any(char::is_control)
}
