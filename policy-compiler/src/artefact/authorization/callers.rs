//! The callers as Istio tells them apart: by peer, and by token where one is asked for.

use crate::lower;
use crate::policy::{Caller, Jwt, Policy, TRUST_DOMAIN_ALIAS};
use std::collections::BTreeSet;

/// Any peer with a certificate of the mesh.
const ANY_PEER: &str = "*";

/// Who may reach the pod.
pub(super) struct Callers<'p> {
    /// Principals that need no token.
    pub(super) plain: Vec<String>,
    /// Callers that bring a token.
    pub(super) with_token: Vec<TokenCaller<'p>>,
}

/// A caller that brings a token.
pub(super) struct TokenCaller<'p> {
    /// The principals that may bring it.
    pub(super) peers: Vec<String>,
    /// The token.
    pub(super) jwt: &'p Jwt,
}

impl<'p> Callers<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        let (with_token, plain): (Vec<_>, Vec<_>) = policy
            .reaching_callers()
            .partition(|caller| caller.jwt.is_some());
        Self {
            plain: united(plain.into_iter().flat_map(peers)),
            with_token: with_token
                .into_iter()
                .filter_map(|caller| {
                    let jwt = caller.jwt.as_ref()?;
                    let peers = united(peers(caller));
                    Some(TokenCaller { peers, jwt })
                })
                .collect(),
        }
    }

    /// The peers of those who bring a token.
    pub(super) fn peers_with_token(&self) -> Vec<String> {
        united(
            self.with_token
                .iter()
                .flat_map(|caller| &caller.peers)
                .cloned(),
        )
    }

    /// The peers of all.
    pub(super) fn peers(&self) -> Vec<String> {
        united(self.plain.iter().cloned().chain(self.peers_with_token()))
    }

    /// The issuers of all tokens that are accepted.
    pub(super) fn issuers(&self) -> Vec<String> {
        let issuers = self.with_token.iter().map(|caller| &caller.jwt.issuer);
        united(issuers.map(|issuer| issuer.value.clone()))
    }

    /// The request principals of all tokens that are accepted: `ISSUER/SUBJECT`, any subject.
    pub(super) fn request_principals(&self) -> Vec<String> {
        united(self.with_token.iter().map(TokenCaller::request_principal))
    }
}

impl TokenCaller<'_> {
    /// `ISSUER/SUBJECT`, any subject.
    pub(super) fn request_principal(&self) -> String {
        format!("{}/*", self.jwt.issuer.value)
    }
}

/// The principals of a caller. A namespace is one of the mesh's own trust domains here, as it is in
/// the filter; Istio's `namespaces` would take it from any that the certificates are trusted of.
fn peers(caller: &Caller) -> Vec<String> {
    let of_namespace = |namespace: &crate::source::Spanned<String>| {
        format!("{TRUST_DOMAIN_ALIAS}/ns/{}/sa/*", namespace.value)
    };
    let mut peers = lower::principals(caller);
    peers.extend(caller.namespaces.iter().map(of_namespace));
    if peers.is_empty() {
        peers.push(ANY_PEER.into());
    }
    peers
}

/// Each once, in order; whoever is anyone makes the others superfluous.
fn united(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let texts: BTreeSet<String> = texts.into_iter().collect();
    match texts.contains(ANY_PEER) {
        true => vec![ANY_PEER.into()],
        false => texts.into_iter().collect(),
    }
}
