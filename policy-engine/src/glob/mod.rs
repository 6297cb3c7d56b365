//! Globs: patterns over names and over resource URIs, compiled once, matched in linear time.
//!
//! Matching reads every character of the text once and never goes back, so no pattern can make a
//! text expensive. It is anchored at both ends and case-sensitive, and counts characters, not bytes.

mod automaton;
mod character_set;
mod error;
mod letters;
mod parse;
#[cfg(test)]
mod tests;
mod walk;

pub use error::GlobError;
pub use letters::Letters;

use automaton::Automaton;
use parse::{Dialect, Element, Run};
pub use walk::Position;

/// A compiled pattern.
///
/// ```
/// use mcp_guard_engine::glob::Glob;
///
/// let reads = Glob::name("get_*").unwrap();
/// assert!(reads.matches("get_issue"));
/// assert!(!reads.matches("forget_issue"));
///
/// let sources = Glob::uri("repo://acme/*/src/**").unwrap();
/// assert!(sources.matches("repo://acme/site/src/main/app.rs"));
/// assert!(!sources.matches("repo://acme/site/src/app.rs?ref=main"));
/// ```
#[derive(Clone, Debug)]
pub struct Glob {
    source: String,
    letters: Letters,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Exact(String),
    /// A literal beginning, then everything else.
    Open {
        prefix: String,
        rest: Automaton,
        affix: Option<Affix>,
    },
}

/// The commonest patterns are a prefix, one run and a suffix; these need no automaton.
#[derive(Clone, Debug)]
struct Affix {
    run: Run,
    suffix: String,
}

impl Glob {
    /// Compiles a pattern over names and argument values: `*` is any run of characters, also an
    /// empty one; `?` one character; `[a-z]` one of a class, `[!a-z]` or `[^a-z]` one outside it;
    /// `\` takes the next character as it stands.
    ///
    /// # Errors
    /// The pattern is empty, too long, cut off, has an unusable class, or holds `**`.
    pub fn name(pattern: &str) -> Result<Self, GlobError> {
        Self::compile(pattern, Dialect::Name)
    }

    /// Compiles a pattern over URIs: `*` is any run of characters without `/`, `**` any run; `[...]`
    /// and `\` as in [`Glob::name`]. `?` is the question mark itself. No wildcard and no class ever
    /// matches `?` or `#`, and a class never matches `/`.
    ///
    /// # Errors
    /// The pattern is empty, too long, cut off, or has an unusable class.
    pub fn uri(pattern: &str) -> Result<Self, GlobError> {
        Self::compile(pattern, Dialect::Uri)
    }

    /// A pattern of either kind that matches this text and nothing else.
    #[must_use]
    pub fn escape(text: &str) -> String {
        let mut pattern = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, '*' | '?' | '[' | ']' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern
    }

    /// The only text that the pattern matches, if there is only one.
    #[must_use]
    pub fn exact_text(&self) -> Option<&str> {
        match &self.form {
            Form::Exact(text) => Some(text),
            Form::Open { .. } => None,
        }
    }

    /// Whether the whole text fits the pattern.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &self.form {
            Form::Exact(exact) => exact == text,
            Form::Open {
                prefix,
                rest,
                affix,
            } => {
                let Some(text) = text.strip_prefix(prefix.as_str()) else {
                    return false;
                };
                affix
                    .as_ref()
                    .map_or_else(|| rest.matches(text.chars()), |affix| affix.matches(text))
            }
        }
    }

    /// Whether a text of these letters may fit the pattern: rules most patterns out where a name is
    /// held against many. Wrong only in saying yes.
    #[must_use]
    pub fn may_match(&self, letters: Letters) -> bool {
        letters.may_hold(self.letters)
    }

    /// Whether a text, given character by character, fits the pattern.
    #[must_use]
    pub fn matches_chars(&self, text: impl IntoIterator<Item = char>) -> bool {
        let mut text = text.into_iter();
        match &self.form {
            Form::Exact(exact) => text.eq(exact.chars()),
            Form::Open { prefix, rest, .. } => {
                prefix.chars().all(|c| text.next() == Some(c)) && rest.matches(text)
            }
        }
    }

    /// Whether some text that fits the pattern begins with `literal`.
    #[must_use]
    pub fn may_begin_with(&self, literal: &str) -> bool {
        match &self.form {
            Form::Exact(exact) => exact.starts_with(literal),
            Form::Open { prefix, rest, .. } => literal.strip_prefix(prefix.as_str()).map_or_else(
                || prefix.starts_with(literal),
                |tail| rest.may_begin_with(tail),
            ),
        }
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    fn compile(pattern: &str, dialect: Dialect) -> Result<Self, GlobError> {
        let elements = parse::parse(pattern, dialect)?;
        Ok(Self {
            source: pattern.to_owned(),
            letters: Letters::asked_for(&elements),
            form: Form::of(&elements),
        })
    }
}

impl Form {
    fn of(elements: &[Element]) -> Self {
        let prefix: String = elements.iter().map_while(Element::literal).collect();
        let rest = elements.get(prefix.chars().count()..).unwrap_or_default();
        if rest.is_empty() {
            return Self::Exact(prefix);
        }
        Self::Open {
            prefix,
            rest: Automaton::new(rest),
            affix: Affix::of(rest),
        }
    }
}

impl Affix {
    fn of(rest: &[Element]) -> Option<Self> {
        let (Element::Run(run), suffix) = rest.split_first()? else {
            return None;
        };
        let suffix = suffix.iter().map(Element::literal).collect::<Option<_>>()?;
        Some(Self { run: *run, suffix })
    }

    fn matches(&self, text: &str) -> bool {
        text.strip_suffix(self.suffix.as_str())
            .is_some_and(|middle| self.run.holds_all(middle))
    }
}

/// A text that fits a pattern over URIs, given what its first `*`, every other `*` and every `**`
/// stand for.
pub(crate) fn uri_witness(pattern: &str, runs: [&str; 3]) -> Result<String, GlobError> {
    let [mut segment, other_segments, path] = runs;
    let mut text = String::new();
    for element in &parse::parse(pattern, Dialect::Uri)? {
        match element {
            Element::Char(c) => text.push(*c),
            Element::Set(set) => text.extend(set.sample()),
            Element::Run(Run::Segment) => {
                text.push_str(segment);
                segment = other_segments;
            }
            Element::Run(_) => text.push_str(path),
        }
    }
    Ok(text)
}
