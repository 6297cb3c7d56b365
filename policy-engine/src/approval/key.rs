//! Public keys and the two signature algorithms.

use super::Fault;
use super::jwk::{Jwk, KeyFault};
use crate::base64;
use p256::ecdsa::signature::Verifier as _;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037, section 3.1).
    EdDsa,
    /// ECDSA with P-256 and SHA-256 (RFC 7518, section 3.4).
    Es256,
}

impl Algorithm {
    /// The algorithm with that `alg`.
    #[must_use]
    pub fn of(alg: &str) -> Option<Self> {
        [Self::EdDsa, Self::Es256]
            .into_iter()
            .find(|algorithm| algorithm.label() == alg)
    }

    /// Its `alg`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }
}

/// A public key that can verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// A point of edwards25519 that is not of small order.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    /// A point of P-256 that is not the identity.
    P256(Box<p256::ecdsa::VerifyingKey>),
}

impl PublicKey {
    /// Reads a key.
    ///
    /// # Errors
    /// It is of another kind, for another use, or no point of its curve.
    pub fn new(jwk: &Jwk) -> Result<Self, KeyFault> {
        jwk.check_use()?;
        let key = match (jwk.kty.as_str(), jwk.crv.as_str()) {
            ("OKP", "Ed25519") => ed25519(jwk)?,
            ("EC", "P-256") => p256(jwk)?,
            _ => return Err(KeyFault::Kind),
        };
        match &jwk.alg {
            Some(alg) if alg != key.algorithm().label() => Err(KeyFault::Algorithm),
            _ => Ok(key),
        }
    }

    /// The one algorithm that it is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::P256(_) => Algorithm::Es256,
        }
    }

    /// Verifies a signature. Nothing in it is secret, so it need not take constant time.
    ///
    /// # Errors
    /// [`Fault::Signature`].
    pub fn verify(&self, signed: &[u8], signature: &[u8; 64]) -> Result<(), Fault> {
        let verified = match self {
            // Strict: no point of small order, so that a signature fits one key and one message only.
            Self::Ed25519(key) => {
                key.verify_strict(signed, &ed25519_dalek::Signature::from_bytes(signature))
            }
            Self::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .and_then(|signature| key.verify(signed, &signature)),
        };
        verified.map_err(|_| Fault::Signature)
    }
}

/// RFC 8037, section 2.
fn ed25519(jwk: &Jwk) -> Result<PublicKey, KeyFault> {
    if jwk.y.is_some() {
        return Err(KeyFault::Coordinates);
    }
    let key = ed25519_dalek::VerifyingKey::from_bytes(&coordinate(&jwk.x)?);
    match key {
        Ok(key) if !key.is_weak() => Ok(PublicKey::Ed25519(Box::new(key))),
        _ => Err(KeyFault::Point),
    }
}

/// RFC 7518, section 6.2.1.
fn p256(jwk: &Jwk) -> Result<PublicKey, KeyFault> {
    let y = jwk.y.as_ref().ok_or(KeyFault::Coordinates)?;
    let (x, y) = (coordinate(&jwk.x)?, coordinate(y)?);
    let point = p256::Sec1Point::from_affine_coordinates(&x.into(), &y.into(), false);
    let key = p256::ecdsa::VerifyingKey::from_sec1_point(&point);
    let key = key.map_err(|_| KeyFault::Point)?;
    Ok(PublicKey::P256(Box::new(key)))
}

fn coordinate(text: &str) -> Result<[u8; 32], KeyFault> {
    let bytes = base64::decode_url(text.as_bytes()).ok_or(KeyFault::Coordinates)?;
    bytes.try_into().map_err(|_| KeyFault::Coordinates)
}
