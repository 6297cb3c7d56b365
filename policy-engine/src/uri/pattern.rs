//! Patterns over resource URIs.

use super::{ResourceUri, TemplatePrefix, UriFault, grammar, percent};
use crate::glob::{self, Glob, GlobError};
use std::fmt;

/// A pattern over resource URIs: a scheme spelt out, then a glob (see [`Glob::uri`]).
///
/// The scheme is always literal, so the patterns of a policy are its scheme allowlist.
///
/// ```
/// use mcp_guard_engine::uri::{ResourcePattern, ResourceUri};
///
/// let data = ResourcePattern::new("file:///srv/data/**").unwrap();
/// assert!(data.permits(&ResourceUri::parse("file:///srv/data/a/b.txt").unwrap()));
/// assert!(data.may_permit_template("file:///srv/data/{name}"));
/// assert!(ResourcePattern::new("file:///srv/../**").is_err());
/// ```
#[derive(Clone, Debug)]
pub struct ResourcePattern {
    glob: Glob,
    scheme: String,
    /// The pattern with its escapes decoded, if it has any.
    folded: Option<Glob>,
    has_query: bool,
}

/// Why a pattern over URIs was not compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternFault {
    /// The glob is broken.
    Glob(GlobError),
    /// The pattern does not begin with a literal scheme and a colon.
    Scheme,
    /// No acceptable URI fits the pattern, for this reason.
    Unmatchable(UriFault),
}

/// What the runs of a pattern stand for in a URI that shows it can be fitted: the first `*` (a
/// host, it may be), every other `*` (a port), every `**`.
const WITNESSES: [[&str; 3]; 8] = [
    ["x", "x", "x"],
    ["1", "1", "1"],
    ["x", "1", "x"],
    ["", "", ""],
    ["x", "x", "x/"],
    ["x", "x", "/x"],
    ["x", "x", "//x/"],
    ["x", "x", "///x"],
];

impl ResourcePattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// The glob is broken, the scheme is not literal, or no acceptable URI could ever fit.
    pub fn new(pattern: &str) -> Result<Self, PatternFault> {
        let glob = Glob::uri(pattern).map_err(PatternFault::Glob)?;
        let (scheme, _) = grammar::scheme(pattern).map_err(|_| PatternFault::Scheme)?;
        check_matchable(pattern)?;
        Ok(Self {
            scheme: scheme.to_owned(),
            folded: folded(pattern),
            has_query: pattern.contains('?'),
            glob,
        })
    }

    /// Whether the URI fits, in exactly the bytes that were sent. For rules that grant.
    #[must_use]
    pub fn permits(&self, uri: &ResourceUri<'_>) -> bool {
        self.glob.matches(uri.as_str())
    }

    /// Whether the URI fits in any spelling: `%20` for a space, `é` for `%C3%A9`, with a slash at
    /// its end, with parameters in its segments (`admin;x=1`) and, if the pattern has no query,
    /// with any query. For rules that refuse: another way to write a name must not lead round them.
    #[must_use]
    pub fn forbids(&self, uri: &ResourceUri<'_>) -> bool {
        let text = match uri.as_str().split_once('?') {
            Some((text, _)) if !self.has_query => text,
            _ => uri.as_str(),
        };
        if self.forbids_text(text) {
            return true;
        }
        // File systems and servers open the same thing under all of these names.
        let bare = without_parameters(text);
        let trimmed = bare.trim_end_matches('/');
        self.forbids_text(&bare) || self.forbids_text(trimmed)
    }

    /// Whether the text fits, with its escapes as they stand or decoded.
    fn forbids_text(&self, text: &str) -> bool {
        if self.glob.matches(text) {
            return true;
        }
        if self.folded.is_none() && !text.contains('%') {
            return false;
        }
        let folded = self.folded.as_ref().unwrap_or(&self.glob);
        folded.matches_chars(percent::folded(text))
    }

    /// Whether a template may be shown: some URI that begins with its literal text fits.
    #[must_use]
    pub fn may_permit_template(&self, template: &str) -> bool {
        match TemplatePrefix::parse(template) {
            Ok(prefix) if prefix.is_complete() => self.glob.matches(prefix.as_str()),
            Ok(prefix) => self.glob.may_begin_with(prefix.as_str()),
            Err(_) => false,
        }
    }

    /// The scheme of all URIs that fit.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The one URI that fits, if there is only one.
    #[must_use]
    pub fn exact(&self) -> Option<&str> {
        self.glob.exact_text()
    }

    /// The glob that a URI fits as it was sent.
    #[must_use]
    pub fn glob(&self) -> &Glob {
        &self.glob
    }

    /// The glob that [`ResourcePattern::forbids`] holds against a URI with its escapes decoded.
    #[must_use]
    pub fn folded_glob(&self) -> &Glob {
        self.folded.as_ref().unwrap_or(&self.glob)
    }

    /// Whether the pattern speaks of queries; one that refuses and does not holds for any query.
    #[must_use]
    pub fn has_query(&self) -> bool {
        self.has_query
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        self.glob.source()
    }
}

impl fmt::Display for PatternFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Glob(error) => error.fmt(f),
            Self::Scheme => f.write_str("the pattern does not begin with a literal scheme and `:`"),
            Self::Unmatchable(fault) => write!(f, "no accepted URI fits the pattern: {fault}"),
        }
    }
}

impl std::error::Error for PatternFault {}

/// A URI without the parameters of its path's segments (RFC 3986, section 3.3).
fn without_parameters(uri: &str) -> String {
    let (path, query) = match uri.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (uri, None),
    };
    let bare = |segment: &str| segment.split(';').next().unwrap_or_default().to_owned();
    let mut text = path.split('/').map(bare).collect::<Vec<_>>().join("/");
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    text
}

/// Looks for a URI that fits the pattern and would be accepted.
fn check_matchable(pattern: &str) -> Result<(), PatternFault> {
    let mut first = None;
    for runs in WITNESSES {
        let uri = glob::uri_witness(pattern, runs).map_err(PatternFault::Glob)?;
        match ResourceUri::parse(&uri) {
            Ok(_) => return Ok(()),
            Err(fault) => first = first.or(Some(fault)),
        }
    }
    first.map_or(Ok(()), |fault| Err(PatternFault::Unmatchable(fault)))
}

/// Decodes the escapes in a pattern as [`percent::folded`] does in a URI.
fn folded(pattern: &str) -> Option<Glob> {
    if !pattern.contains('%') {
        return None;
    }
    let mut source = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let decoded = percent::escaped(rest)
            .ok()
            .filter(|(c, _)| percent::folds(*c));
        let escape = if decoded.is_some_and(|(c, _)| matches!(c, '*' | '[')) {
            "\\"
        } else {
            ""
        };
        let (c, after) = decoded.or_else(|| Some((c, rest.strip_prefix(c)?)))?;
        source.push_str(escape);
        source.push(c);
        rest = after;
    }
    Glob::uri(&source).ok()
}
