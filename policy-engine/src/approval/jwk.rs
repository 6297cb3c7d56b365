//! Public keys as they are written: JWK (RFC 7517), of the kinds OKP (RFC 8037) and EC (RFC 7518).

use crate::json::Value;
use crate::policy::PolicyFault;
use crate::policy::members::{Members, text, texts};
use core::fmt;
use serde::Serialize;

/// Members of private and symmetric keys (RFC 7518, section 6; RFC 8037, section 2).
pub const PRIVATE_MEMBERS: [&str; 8] = ["d", "dp", "dq", "k", "oth", "p", "q", "qi"];

/// A public key. It is [`PublicKey`](super::PublicKey) that says whether it is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// Its name in its issuer's set.
    pub kid: String,
    /// `OKP` or `EC`.
    pub kty: String,
    /// `Ed25519` or `P-256`.
    pub crv: String,
    /// The point, or its first coordinate.
    pub x: String,
    /// The second coordinate; EC only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// `EdDSA` or `ES256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig`.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// `verify`, perhaps among others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
}

/// Why a JWK cannot verify approvals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// `alg` is not the one that the key is for.
    Algorithm,
    /// `x` or `y` is missing, superfluous, or not 32 bytes in base64url.
    Coordinates,
    /// It is neither OKP with Ed25519 nor EC with P-256.
    Kind,
    /// The coordinates are no point of the curve, or one of small order.
    Point,
    /// It is a private key.
    Private,
    /// It is for something else than verifying.
    Use,
}

impl Jwk {
    /// Reads a key of the plugin configuration; `at` is its path.
    ///
    /// # Errors
    /// It is a private key, or holds what no public key of these kinds does.
    pub fn decode(value: Value<'_>, at: &str) -> Result<Self, PolicyFault> {
        // Before all else: who pasted a private key has to hear just that.
        if PRIVATE_MEMBERS.iter().any(|key| value.get(key).is_some()) {
            return Err(PolicyFault::new(at, KeyFault::Private.to_string()));
        }
        let mut members = Members::of(value, at)?;
        let jwk = Self {
            kid: members.required("kid", text)?,
            kty: members.required("kty", text)?,
            crv: members.required("crv", text)?,
            x: members.required("x", text)?,
            y: members.optional("y", text)?,
            alg: members.optional("alg", text)?,
            usage: members.optional("use", text)?,
            key_ops: members.optional("key_ops", texts)?,
        };
        members.end()?;
        Ok(jwk)
    }

    /// RFC 7517, sections 4.2 and 4.3.
    pub(super) fn check_use(&self) -> Result<(), KeyFault> {
        let is_for_signatures = self.usage.as_ref().is_none_or(|usage| usage == "sig");
        let verifies = |operations: &Vec<String>| operations.iter().any(|name| name == "verify");
        match is_for_signatures && self.key_ops.as_ref().is_none_or(verifies) {
            true => Ok(()),
            false => Err(KeyFault::Use),
        }
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => {
                "has an `alg` that its curve is not for: `EdDSA` is for Ed25519, `ES256` for P-256"
            }
            Self::Coordinates => {
                "needs `x`, and on P-256 `y`, of 32 bytes each in base64url without padding"
            }
            Self::Kind => "is neither `OKP` with `Ed25519` nor `EC` with `P-256`",
            Self::Point => "is no point of its curve that can be a public key",
            Self::Private => {
                "is a private key: it is no secret any more; make another, and list its public half"
            }
            Self::Use => "is not for verifying signatures, by its `use` or `key_ops`",
        })
    }
}

impl core::error::Error for KeyFault {}
