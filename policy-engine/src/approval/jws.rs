//! The compact serialization of a JWS (RFC 7515, section 7.1), narrower than the RFC permits.
//!
//! ```text
//! BASE64URL(UTF8(header)) "." BASE64URL(payload) "." BASE64URL(signature)
//! ```
//!
//! The header is exactly `alg`, `kid` and `typ`: whatever else it may hold (`crit`, `b64`, `jwk`, `jku`,
//! `x5c`, `x5u`, `zip`, `enc`) changes what is signed or who signs.

use super::{Algorithm, Fault};
use crate::base64;
use crate::json::{Document, Options, Surrogates};

/// The `typ` of an approval, so that no other token of the same issuer is one (RFC 8725, section 3.11).
pub const TYPE: &str = "mcp-approval+jwt";

/// Longest token in bytes.
const LONGEST: usize = 4096;

const OPTIONS: Options = Options {
    bytes: LONGEST,
    depth: 8,
    keys: 64,
    values: 256,
    surrogates: Surrogates::Refuse,
};

/// A token that is read, but not believed.
#[derive(Debug)]
pub struct Jws<'t> {
    /// What the signature covers: header, point and payload as they are written.
    pub signed: &'t [u8],
    /// How it says that it is signed.
    pub algorithm: Algorithm,
    /// Which key it says it is signed with.
    pub kid: String,
    /// The claims.
    pub payload: Document,
    /// The signature.
    pub signature: [u8; 64],
}

impl<'t> Jws<'t> {
    /// Reads a token.
    ///
    /// # Errors
    /// [`Fault::Malformed`], [`Fault::Header`], [`Fault::Algorithm`].
    pub fn read(token: &'t [u8]) -> Result<Self, Fault> {
        if token.len() > LONGEST {
            return Err(Fault::Malformed);
        }
        let (signed, signature) = split_last(token).ok_or(Fault::Malformed)?;
        let (header, payload) = split_last(signed).ok_or(Fault::Malformed)?;
        // A point is no digit of base64url, so a fourth part makes the header unreadable.
        let (algorithm, kid) = read_header(&json(header)?)?;
        let payload = json(payload)?;
        let signature = base64::decode_url(signature).ok_or(Fault::Malformed)?;
        Ok(Self {
            signed,
            algorithm,
            kid,
            payload,
            // Both algorithms make signatures of this length (RFC 8037, section 3.1; RFC 7518, section 3.4).
            signature: signature.try_into().map_err(|_| Fault::Signature)?,
        })
    }
}

fn split_last(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().rposition(|&byte| byte == b'.')?;
    let (head, tail) = text.split_at_checked(at)?;
    Some((head, tail.get(1..)?))
}

fn json(part: &[u8]) -> Result<Document, Fault> {
    let bytes = base64::decode_url(part).ok_or(Fault::Malformed)?;
    Document::parse(bytes, OPTIONS).map_err(|_| Fault::Malformed)
}

fn read_header(header: &Document) -> Result<(Algorithm, String), Fault> {
    let root = header.root();
    let member = |key| root.get(key).and_then(|value| value.as_str());
    let algorithm = member("alg").ok_or(Fault::Header)?;
    let algorithm = Algorithm::of(&algorithm).ok_or(Fault::Algorithm)?;
    let is_approval = member("typ").is_some_and(|typ| typ == TYPE);
    match member("kid") {
        Some(kid) if is_approval && root.entries().count() == 3 => {
            Ok((algorithm, kid.into_owned()))
        }
        _ => Err(Fault::Header),
    }
}
