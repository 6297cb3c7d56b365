//! What a request is compared with: names of what is compared, and texts as Istio writes patterns.

use super::condition::Condition;
use crate::policy::TRUST_DOMAIN_ALIAS;
use crate::source::Spanned;
use std::net::IpAddr;

/// The peer, by its certificate.
pub(super) const PEER: &str = "peer";
/// The port.
pub(super) const PORT: &str = "port";
/// The name that a client asks for when it begins TLS.
pub(super) const SERVER_NAME: &str = "server name";
/// The address that connects.
pub(super) const PEER_ADDRESS: &str = "address of the peer";
/// The address of the client, as whoever stands before the proxy says it.
pub(super) const CLIENT_ADDRESS: &str = "address of the client";
/// The address that is connected to.
pub(super) const ADDRESS: &str = "address";
/// The path.
pub(super) const PATH: &str = "path";
/// The method, a header in HTTP/2.
pub(super) const METHOD: &str = ":method";
/// The host, likewise.
pub(super) const HOST: &str = ":authority";

/// What precedes the identity of a peer.
pub(super) const SPIFFE: &str = "spiffe://";

/// How a text is compared.
pub(super) enum Text<'t> {
    /// As a whole.
    Exact(&'t str),
    /// By its beginning.
    Prefix(&'t str),
    /// By its end.
    Suffix(&'t str),
    /// By a regular expression.
    Regex(&'t str),
}

impl Text<'_> {
    /// The fact that something compares so. Each text stands for one fact, and each fact for one text.
    pub(super) fn fact(&self, what: &str) -> Condition {
        Condition::Fact(match self {
            Self::Exact(text) => format!("{what} is `{text}`"),
            Self::Prefix(text) => format!("{what} begins with `{text}`"),
            Self::Suffix(text) => format!("{what} ends with `{text}`"),
            Self::Regex(text) => format!("{what} fits `{text}`"),
        })
    }

    /// The same of a peer. Istio writes a principal of the mesh's trust domain once for each name that
    /// the domain has: here they are one.
    pub(super) fn peer(&self, trust_domains: &[Spanned<String>]) -> Condition {
        let alias = |text: &str| {
            let (domain, rest) = text.strip_prefix(SPIFFE)?.split_once('/')?;
            let mut own = trust_domains.iter().map(|domain| domain.value.as_str());
            let is_own = domain == TRUST_DOMAIN_ALIAS || own.any(|own| own == domain);
            is_own.then(|| format!("{SPIFFE}{TRUST_DOMAIN_ALIAS}/{rest}"))
        };
        match *self {
            Self::Exact(text) => Text::Exact(alias(text).as_deref().unwrap_or(text)).fact(PEER),
            Self::Prefix(text) => Text::Prefix(alias(text).as_deref().unwrap_or(text)).fact(PEER),
            _ => self.fact(PEER),
        }
    }
}

/// If a fact is about the port: whether it is so with this one.
pub(super) fn is_port(fact: &str, port: u16) -> Option<bool> {
    let is_about = fact.starts_with(&format!("{PORT} "));
    is_about.then(|| Text::Exact(&port.to_string()).fact(PORT) == Condition::Fact(fact.into()))
}

/// How a header is compared.
#[derive(Clone, Copy)]
pub(super) enum Case {
    /// As it is.
    Kept,
    /// Without looking whether letters are capitals.
    Ignored,
}

/// The fact that a header compares so.
pub(super) fn header(name: &str, case: Case, text: &Text<'_>) -> Condition {
    text.fact(&match case {
        Case::Kept => format!("header {name}"),
        Case::Ignored => format!("header {name}, in any case,"),
    })
}

/// The fact that a header is there.
pub(super) fn has_header(name: &str) -> Condition {
    Condition::Fact(format!("header {name} is there"))
}

/// The fact that an address is in a block. None: it is none.
pub(super) fn block(what: &str, address: &str, bits: Option<u64>) -> Option<Condition> {
    let address: IpAddr = address.parse().ok()?;
    let bits = bits.unwrap_or(match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    });
    Some(Condition::Fact(format!("{what} is in `{address}/{bits}`")))
}

/// The name of a token's claim, by its path in the token.
pub(super) fn claim<'t>(path: impl IntoIterator<Item = &'t str>) -> String {
    let keys: Vec<String> = path.into_iter().map(|key| format!("[{key}]")).collect();
    format!("token {}", keys.concat())
}
