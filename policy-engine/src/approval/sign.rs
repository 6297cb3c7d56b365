//! The other side: signing approvals, for those who give them. The filter is built without it.

use super::{Algorithm, Claims, Jwk, TYPE};
use crate::base64::encode_url;
use crate::json::write_string;
use core::fmt;
use p256::ecdsa::signature::Signer as _;

/// A key that can sign. It is erased from memory when it is dropped.
#[derive(Clone)]
pub enum PrivateKey {
    /// For [`Algorithm::EdDsa`].
    Ed25519(Box<ed25519_dalek::SigningKey>),
    /// For [`Algorithm::Es256`].
    P256(Box<p256::ecdsa::SigningKey>),
}

impl PrivateKey {
    /// The key of 32 secret bytes: a seed (RFC 8032, section 5.1.5), or a big-endian number below the
    /// order of P-256. None: it is not below.
    #[must_use]
    pub fn new(algorithm: Algorithm, secret: &[u8; 32]) -> Option<Self> {
        match algorithm {
            Algorithm::EdDsa => {
                let key = ed25519_dalek::SigningKey::from_bytes(secret);
                Some(Self::Ed25519(Box::new(key)))
            }
            Algorithm::Es256 => {
                let key = p256::ecdsa::SigningKey::from_slice(secret).ok()?;
                Some(Self::P256(Box::new(key)))
            }
        }
    }

    /// The algorithm that it is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::P256(_) => Algorithm::Es256,
        }
    }

    /// Its public half, under that name.
    #[must_use]
    pub fn public(&self, kid: &str) -> Jwk {
        let (kty, crv, x, y) = match self {
            Self::Ed25519(key) => ("OKP", "Ed25519", *key.verifying_key().as_bytes(), None),
            Self::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = (point.x().copied(), point.y().copied());
                let x = x.unwrap_or_default().into();
                ("EC", "P-256", x, y.map(|y| encode_url(&y)))
            }
        };
        Jwk {
            kid: kid.into(),
            kty: kty.into(),
            crv: crv.into(),
            x: encode_url(&x),
            y,
            ..Jwk::default()
        }
    }

    /// Signs. The signature depends on key and message only (RFC 8032; RFC 6979).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        match self {
            Self::Ed25519(key) => ed25519_dalek::Signer::sign(&**key, message).to_bytes(),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().into()
            }
        }
    }

    /// An approval with these claims.
    #[must_use]
    pub fn approve(&self, kid: &str, claims: &Claims) -> String {
        let mut header = br#"{"alg":"#.to_vec();
        write_string(&mut header, self.algorithm().label());
        header.extend_from_slice(br#","kid":"#);
        write_string(&mut header, kid);
        header.extend_from_slice(br#","typ":"#);
        write_string(&mut header, TYPE);
        header.push(b'}');
        self.compact(&header, &claims.to_json())
    }

    /// The compact serialization of any header and payload (RFC 7515, section 3.1), for those who try
    /// what is refused.
    #[must_use]
    pub fn compact(&self, header: &[u8], payload: &[u8]) -> String {
        let signed = format!("{}.{}", encode_url(header), encode_url(payload));
        let signature = encode_url(&self.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

impl fmt::Debug for PrivateKey {
    /// Says nothing of the key but its kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.algorithm().label())
    }
}

impl Claims {
    /// The claims as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::new();
        for (claim, text) in [
            ("iss", &self.issuer),
            ("jti", &self.id),
            ("aud", &self.server),
            ("approver", &self.approver),
            ("caller", &self.caller),
            ("user", &self.user),
            ("tool", &self.tool),
            ("arguments", &self.arguments),
            ("policy", &self.policy),
        ] {
            write_claim(&mut json, claim);
            write_string(&mut json, text);
        }
        for (claim, seconds) in [
            ("iat", self.issued),
            ("nbf", self.begins),
            ("exp", self.expires),
        ] {
            write_claim(&mut json, claim);
            json.extend_from_slice(seconds.to_string().as_bytes());
        }
        json.push(b'}');
        json
    }
}

fn write_claim(json: &mut Vec<u8>, claim: &str) {
    json.push(if json.is_empty() { b'{' } else { b',' });
    write_string(json, claim);
    json.push(b':');
}
