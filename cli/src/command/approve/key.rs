//! Private keys in files: JWK (RFC 7517), or PEM with PKCS #8 (RFC 5958) or SEC1 (RFC 5915).

use crate::files;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use mcp_guard_engine::approval::{Algorithm, Issuers, PrivateKey, PublicKey};
use mcp_guard_engine::base64;
use serde_json::Value;
use std::path::Path;

/// A key that can sign, and its name if the file tells it.
pub(super) struct NamedKey {
    pub(super) key: PrivateKey,
    pub(super) kid: Option<String>,
}

/// Reads a key. What is wrong with it is said without a byte of it.
pub(super) fn read(path: &Path) -> Result<NamedKey, String> {
    let text = files::text(path).map_err(|error| error.to_string())?;
    let read = match text.contains("-----BEGIN") {
        true => of_pem(&text).map(|key| NamedKey { key, kid: None }),
        false => of_jwk(&text),
    };
    read.map_err(|problem| format!("`{}` {problem}", path.display()))
}

fn of_pem(text: &str) -> Result<PrivateKey, String> {
    let ed25519 = ed25519_dalek::SigningKey::from_pkcs8_pem(text);
    if let Ok(key) = ed25519 {
        let key = PrivateKey::new(Algorithm::EdDsa, &key.to_bytes());
        return key.ok_or_else(|| "holds no key".to_owned());
    }
    let p256 = p256::SecretKey::from_pkcs8_pem(text);
    let p256 = p256.or_else(|_| p256::SecretKey::from_sec1_pem(text));
    let key = p256.map_err(|_| "holds no private key of Ed25519 or P-256".to_owned())?;
    let key = PrivateKey::new(Algorithm::Es256, &key.to_bytes().into());
    key.ok_or_else(|| "holds no key".to_owned())
}

fn of_jwk(text: &str) -> Result<NamedKey, String> {
    let jwk: Value = serde_json::from_str(text).map_err(|_| "is neither JWK nor PEM".to_owned())?;
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let algorithm = match (member("kty"), member("crv")) {
        (Some("OKP"), Some("Ed25519")) => Algorithm::EdDsa,
        (Some("EC"), Some("P-256")) => Algorithm::Es256,
        _ => return Err("is neither `OKP` with `Ed25519` nor `EC` with `P-256`".to_owned()),
    };
    let secret = member("d").ok_or_else(|| "has no `d`: it is no private key".to_owned())?;
    let secret = base64::decode_url(secret.as_bytes()).and_then(|bytes| bytes.try_into().ok());
    let key = secret.and_then(|secret| PrivateKey::new(algorithm, &secret));
    let key = key.ok_or_else(|| "has a `d` that is no key of its curve".to_owned())?;
    let public = key.public("");
    let differs =
        |name: &str, own: Option<&str>| member(name).is_some_and(|text| own != Some(text));
    if differs("x", Some(&public.x)) || differs("y", public.y.as_deref()) {
        return Err("has a public half that is not that of its `d`".to_owned());
    }
    Ok(NamedKey {
        kid: member("kid").map(str::to_owned),
        key,
    })
}

impl NamedKey {
    /// The name of the key: the one that is asked for, the one that the policy has for it, or the
    /// one in its file.
    pub(super) fn kid(
        &self,
        asked: Option<&str>,
        issuer: &str,
        issuers: Option<&Issuers>,
    ) -> Result<String, String> {
        if let Some(kid) = asked {
            return Ok(kid.to_owned());
        }
        if let Some(kid) = issuers.and_then(|issuers| self.listed(issuers, issuer)) {
            return Ok(kid);
        }
        let own = self.kid.clone();
        own.ok_or_else(|| "the key has no name: give it with `--kid`".to_owned())
    }

    /// The name under which the policy lists its public half.
    fn listed(&self, issuers: &Issuers, issuer: &str) -> Option<String> {
        let own = PublicKey::new(&self.key.public("")).ok()?;
        let keys = issuers.keys(issuer)?.iter();
        let mut fitting = keys.filter(|(_, key)| **key == own);
        let own_name = fitting
            .clone()
            .find(|(kid, _)| self.kid.as_ref() == Some(kid));
        own_name
            .or_else(|| fitting.next())
            .map(|(kid, _)| kid.clone())
    }
}
