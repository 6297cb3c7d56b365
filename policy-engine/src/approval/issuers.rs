//! Who may approve, and with which keys.

use super::jwk::Jwk;
use super::key::PublicKey;
use crate::json::Value;
use crate::policy::PolicyFault;
use crate::policy::members::{Members, list, map};
use serde::Serialize;
use std::collections::BTreeMap;

/// One issuer of approvals, as it stands in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Issuer {
    /// Its public keys. While keys are rotated there are two.
    pub keys: Vec<Jwk>,
}

impl Issuer {
    /// Reads the `issuers` of the plugin configuration, by name; `at` is their path.
    ///
    /// # Errors
    /// The first member that is not as it should be.
    pub fn decode(value: Value<'_>, at: &str) -> Result<BTreeMap<String, Self>, PolicyFault> {
        map(value, at, |value, at| {
            let mut members = Members::of(value, at)?;
            let issuer = Self {
                keys: members.required("keys", |value, at| list(value, at, Jwk::decode))?,
            };
            members.end()?;
            Ok(issuer)
        })
    }
}

/// The issuers of a policy, ready to verify with.
#[derive(Clone, Debug, Default)]
pub struct Issuers {
    /// Keys by issuer and `kid`.
    keys: BTreeMap<String, BTreeMap<String, PublicKey>>,
    max_lifetime: u32,
}

impl Issuers {
    /// Reads the keys of all issuers. Tokens are valid for at most `max_lifetime` seconds.
    ///
    /// # Errors
    /// The first key that cannot verify approvals; its path begins at the issuer's name.
    pub fn new(issuers: &BTreeMap<String, Issuer>, max_lifetime: u32) -> Result<Self, PolicyFault> {
        let mut keys = BTreeMap::new();
        for (name, issuer) in issuers {
            let read = read_keys(issuer).map_err(|fault| fault.within(name))?;
            keys.insert(name.clone(), read);
        }
        Ok(Self { keys, max_lifetime })
    }

    /// Whether nobody may approve anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// The keys of the issuer of that name, by `kid`.
    #[must_use]
    pub fn keys(&self, issuer: &str) -> Option<&BTreeMap<String, PublicKey>> {
        self.keys.get(issuer)
    }

    /// For how many seconds a token may be valid.
    #[must_use]
    pub fn max_lifetime(&self) -> u32 {
        self.max_lifetime
    }
}

fn read_keys(issuer: &Issuer) -> Result<BTreeMap<String, PublicKey>, PolicyFault> {
    let mut keys = BTreeMap::new();
    for (index, jwk) in issuer.keys.iter().enumerate() {
        let at = format!("keys[{index}]");
        let key = PublicKey::new(jwk).map_err(|fault| PolicyFault::new(&at, fault.to_string()))?;
        if jwk.kid.is_empty() {
            return Err(PolicyFault::new(format!("{at}.kid"), "is empty"));
        }
        if keys.insert(jwk.kid.clone(), key).is_some() {
            let problem = format!("`{}` is another key's name as well", jwk.kid);
            return Err(PolicyFault::new(format!("{at}.kid"), problem));
        }
    }
    match keys.is_empty() {
        true => Err(PolicyFault::new("keys", "lists none")),
        false => Ok(keys),
    }
}
