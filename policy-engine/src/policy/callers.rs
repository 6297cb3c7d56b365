//! Who calls.
//!
//! A caller is a verified peer or a verified token, never a header. A SPIFFE identity in a mesh is
//! `spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`; `cluster.local` in a principal stands for
//! any of the mesh's trust domains, as it does in Istio's AuthorizationPolicy.

use super::PolicyFault;
use super::format::{CallerSpec, JwtSpec, PolicySpec};
use std::collections::BTreeMap;

/// The trust domain that stands for all of the mesh's.
const ALIAS: &str = "cluster.local";

/// What the host verified about the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// URI SAN of the peer's certificate, `spiffe://…`.
    pub spiffe: Option<String>,
    /// Claims of a token that jwt_authn verified, each with its values.
    pub claims: BTreeMap<String, Vec<String>>,
}

impl Peer {
    /// The principal: the SPIFFE identity without its scheme.
    #[must_use]
    pub fn principal(&self) -> Option<&str> {
        self.spiffe.as_deref()?.strip_prefix("spiffe://")
    }
}

/// A declared caller.
#[derive(Debug)]
pub struct Caller {
    name: String,
    spec: CallerSpec,
    trust_domains: Vec<String>,
}

/// The callers that a peer is, of those that the policy declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callers {
    /// Indexes, sorted.
    are: Vec<usize>,
    /// The policy declares none: its rules hold for everyone.
    everyone: bool,
    /// Where the first of them that may name a user names it.
    user_header: Option<String>,
    /// What a peer that would be a caller, if only it had brought a token, is told about tokens.
    challenge: Option<Challenge>,
}

/// The `WWW-Authenticate` of a request without a token (RFC 6750, section 3; RFC 9728, section 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge(String);

impl Challenge {
    fn of(jwt: &JwtSpec) -> Self {
        let url = jwt.resource_metadata.as_ref();
        Self(url.map_or_else(
            || "Bearer".into(),
            |url| format!("Bearer resource_metadata=\"{url}\""),
        ))
    }

    /// The header's value.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

pub(super) fn build(spec: &PolicySpec) -> Result<Vec<Caller>, PolicyFault> {
    let trust_domains = match spec.trust_domains.is_empty() {
        true => vec![ALIAS.into()],
        false => spec.trust_domains.clone(),
    };
    let callers = spec.callers.iter().map(|(name, caller)| {
        check(caller).map_err(|problem| PolicyFault::new(format!("callers.{name}"), problem))?;
        Ok(Caller {
            name: name.clone(),
            spec: CallerSpec {
                user_header: caller
                    .user_header
                    .as_ref()
                    .map(|name| name.to_ascii_lowercase()),
                ..caller.clone()
            },
            trust_domains: trust_domains.clone(),
        })
    });
    callers.collect()
}

fn check(caller: &CallerSpec) -> Result<(), String> {
    let metadata = caller
        .jwt
        .as_ref()
        .and_then(|jwt| jwt.resource_metadata.as_ref());
    // It is copied into a quoted string of a header.
    let quotable = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
    if let Some(url) = metadata.filter(|url| !url.chars().all(quotable)) {
        return Err(format!("`{url}` is no URL"));
    }
    if caller.principals.is_empty() && caller.namespaces.is_empty() && caller.jwt.is_none() {
        return Err("names neither `principals`, `namespaces` nor `jwt`".into());
    }
    let is_principal = |text: &&String| {
        let mut parts = text.split('/');
        let known = [None, Some("ns"), None, Some("sa"), None];
        let fits = known.iter().all(|expected| match (parts.next(), expected) {
            (Some(part), Some(word)) => part == *word,
            (Some(part), None) => !part.is_empty() && !part.contains('*'),
            (None, _) => false,
        });
        fits && parts.next().is_none()
    };
    match caller.principals.iter().find(|text| !is_principal(text)) {
        Some(text) => Err(format!(
            "`{text}` is not `TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`"
        )),
        None => Ok(()),
    }
}

/// Indexes of the callers that a rule names.
pub(super) fn resolve(
    names: &[String],
    declared: &[Caller],
    at: &str,
) -> Result<Vec<usize>, PolicyFault> {
    let mut indexes = Vec::with_capacity(names.len());
    for name in names {
        let index = declared.iter().position(|caller| caller.name == *name);
        indexes.push(index.ok_or_else(|| {
            PolicyFault::new(
                format!("{at}.callers"),
                format!("no caller is named `{name}`"),
            )
        })?);
    }
    Ok(indexes)
}

impl Caller {
    /// The claims that must be known to recognise this caller.
    pub(super) fn claims(&self) -> impl Iterator<Item = &str> {
        let jwt = self.spec.jwt.iter();
        jwt.flat_map(|jwt| {
            // The subject is not asked for; it is recorded.
            ["iss", "sub", "aud"]
                .into_iter()
                .chain(jwt.claims.keys().map(String::as_str))
        })
    }

    fn is(&self, peer: &Peer) -> bool {
        self.is_peer(peer) && self.spec.jwt.as_ref().is_none_or(|jwt| fits(jwt, peer))
    }

    /// Whether the peer's certificate fits, where the caller is known by one.
    pub(super) fn is_peer(&self, peer: &Peer) -> bool {
        let names_peer = !self.spec.principals.is_empty() || !self.spec.namespaces.is_empty();
        let fits = |principal| self.is_principal(principal);
        !names_peer || peer.principal().is_some_and(fits)
    }

    fn is_principal(&self, principal: &str) -> bool {
        let Some((domain, workload)) = principal.split_once('/') else {
            return false;
        };
        let in_mesh = self.trust_domains.iter().any(|listed| listed == domain);
        let aliased =
            |listed: &'_ str| Some(listed.strip_prefix(ALIAS)?.strip_prefix('/')? == workload);
        let same = |listed: &String| match aliased(listed) {
            Some(same) => in_mesh && same,
            None => listed == principal,
        };
        self.spec.principals.iter().any(same)
            || (in_mesh
                && self
                    .spec
                    .namespaces
                    .iter()
                    .any(|ns| is_in_namespace(workload, ns)))
    }
}

fn is_in_namespace(workload: &str, namespace: &str) -> bool {
    let rest = workload
        .strip_prefix("ns/")
        .and_then(|rest| rest.strip_prefix(namespace));
    rest.is_some_and(|rest| rest.starts_with("/sa/"))
}

fn fits(jwt: &JwtSpec, peer: &Peer) -> bool {
    let values = |claim: &str| {
        peer.claims
            .get(claim)
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    let [issuer] = values("iss") else {
        return false;
    };
    let audience = jwt.audiences.is_empty()
        || jwt
            .audiences
            .iter()
            .any(|wanted| values("aud").contains(wanted));
    let claims = jwt
        .claims
        .iter()
        .all(|(claim, wanted)| wanted.iter().any(|wanted| values(claim).contains(wanted)));
    *issuer == jwt.issuer && audience && claims
}

impl Callers {
    pub(super) fn of(declared: &[Caller], peer: &Peer) -> Self {
        let mut callers = Self {
            everyone: declared.is_empty(),
            ..Self::default()
        };
        for (index, caller) in declared.iter().enumerate() {
            if caller.is(peer) {
                callers.are.push(index);
                let header = || caller.spec.user_header.clone();
                callers.user_header = callers.user_header.or_else(header);
            }
        }
        if callers.are_unidentified() && !peer.claims.contains_key("iss") {
            let awaited = declared.iter().filter(|caller| caller.is_peer(peer));
            let mut tokens = awaited.filter_map(|caller| caller.spec.jwt.as_ref());
            callers.challenge = tokens.next().map(Challenge::of);
        }
        callers
    }

    /// Their names in the policy.
    pub(super) fn names(&self, declared: &[Caller]) -> Vec<String> {
        let known = self.are.iter().filter_map(|index| declared.get(*index));
        known.map(|caller| caller.name.clone()).collect()
    }

    /// Whether nobody that the policy declares is calling.
    #[must_use]
    pub fn are_unidentified(&self) -> bool {
        !self.everyone && self.are.is_empty()
    }

    /// What to tell a peer that brought no token, where a token is all that it lacks.
    pub(crate) fn challenge(&self) -> Option<&Challenge> {
        self.challenge.as_ref()
    }

    /// The header in which this caller is believed when it names a user.
    #[must_use]
    pub fn user_header(&self) -> Option<&str> {
        self.user_header.as_deref()
    }

    fn is_any(&self, wanted: &[usize]) -> bool {
        self.are.iter().any(|index| wanted.contains(index))
    }

    /// Whether one of them is in `wanted`; an empty list stands for every declared caller.
    pub(super) fn are_any_of(&self, wanted: &[usize]) -> bool {
        match wanted.is_empty() {
            true => !self.are_unidentified(),
            false => self.is_any(wanted),
        }
    }
}
