//! What a request is compared with: names of what is compared, and texts as Istio writes patterns.

use super::condition::Condition;
use crate::policy::TRUST_DOMAIN_ALIAS;
use crate::source::Spanned;

/// The peer, by its certificate.
pub(super) const PEER: &str = "peer";
/// The port.
pub(super) const PORT: &str = "port";
/// The path.
pub(super) const PATH: &str = "path";
/// The method, a header in HTTP/2.
pub(super) const METHOD: &str = "header :method";

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

/// The name of a token's claim, by its path in the token.
pub(super) fn claim<'t>(path: impl IntoIterator<Item = &'t str>) -> String {
    let keys: Vec<String> = path.into_iter().map(|key| format!("[{key}]")).collect();
    format!("token {}", keys.concat())
}
