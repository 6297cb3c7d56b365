//! From a pattern's text to its elements.
//!
//! ```text
//! pattern = 1*element
//! element = "**" / "*" / "?" / class / escape / char     ; "**" in URIs only, "?" in names only
//! class   = "[" [ "!" / "^" ] 1*( member [ "-" member ] ) "]"
//! member  = escape / char                                ; "]" must be escaped unless it is first
//! escape  = "\" char
//! ```

use super::GlobError;
use super::character_set::CharacterSet;
use std::iter::Peekable;
use std::str::Chars;

/// More elements than any name or URI needs; bounds the memory of an automaton.
pub(super) const MAX_ELEMENTS: usize = 4096;

/// What a pattern is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Name,
    Uri,
}

/// One step of a pattern.
#[derive(Clone, Debug)]
pub(super) enum Element {
    Char(char),
    Set(CharacterSet),
    Run(Run),
}

/// What a star repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// `*` in a URI: what is neither `/` nor structure.
    Segment,
    /// `**` in a URI: also `/`.
    Path,
    /// `*` in a name: everything.
    Name,
}

impl Element {
    pub(super) fn literal(&self) -> Option<char> {
        match self {
            Self::Char(c) => Some(*c),
            Self::Set(_) | Self::Run(_) => None,
        }
    }
}

impl Run {
    /// All characters that end a run of some kind.
    pub(super) const STOPS: [char; 3] = ['/', '?', '#'];

    pub(super) fn holds(self, c: char) -> bool {
        !self.stops().contains(&c)
    }

    pub(super) fn holds_all(self, text: &str) -> bool {
        !text.contains(self.stops())
    }

    /// The characters that end the run. A query or a fragment is always spelt out in a pattern.
    fn stops(self) -> &'static [char] {
        match self {
            Self::Segment => &Self::STOPS,
            Self::Path => &['?', '#'],
            Self::Name => &[],
        }
    }
}

pub(super) fn parse(pattern: &str, dialect: Dialect) -> Result<Vec<Element>, GlobError> {
    if pattern.is_empty() {
        return Err(GlobError::Empty);
    }
    let mut chars = pattern.chars().peekable();
    let mut elements = Vec::new();
    while let Some(c) = chars.next() {
        let element = match (c, dialect) {
            ('*', _) => Element::Run(stars(&mut chars, dialect)?),
            ('?', Dialect::Name) => Element::Set(CharacterSet::all()),
            ('[', _) => Element::Set(class(&mut chars, dialect)?),
            ('\\', _) => Element::Char(escaped(&mut chars)?),
            (c, _) => Element::Char(c),
        };
        elements.push(element);
        if elements.len() > MAX_ELEMENTS {
            return Err(GlobError::TooLong);
        }
    }
    Ok(elements)
}

/// Reads the stars after the first one.
fn stars(chars: &mut Peekable<Chars<'_>>, dialect: Dialect) -> Result<Run, GlobError> {
    let mut more = false;
    while chars.next_if_eq(&'*').is_some() {
        more = true;
    }
    match (dialect, more) {
        (Dialect::Name, true) => Err(GlobError::DoubleStar),
        (Dialect::Name, false) => Ok(Run::Name),
        (Dialect::Uri, true) => Ok(Run::Path),
        (Dialect::Uri, false) => Ok(Run::Segment),
    }
}

fn escaped(chars: &mut Peekable<Chars<'_>>) -> Result<char, GlobError> {
    chars.next().ok_or(GlobError::DanglingEscape)
}

/// Reads a class after its `[`.
fn class(chars: &mut Peekable<Chars<'_>>, dialect: Dialect) -> Result<CharacterSet, GlobError> {
    let negated = chars.next_if(|c| matches!(c, '!' | '^')).is_some();
    let mut ranges = Vec::new();
    loop {
        let start = match chars.next().ok_or(GlobError::UnclosedClass)? {
            ']' if !ranges.is_empty() => break,
            '\\' => escaped(chars)?,
            c => c,
        };
        let end = range_end(chars)?.unwrap_or(start);
        if end < start {
            return Err(GlobError::ReversedRange);
        }
        ranges.push((start, end));
        if ranges.len() > MAX_ELEMENTS {
            return Err(GlobError::TooLong);
        }
    }
    let structure: &[char] = match dialect {
        Dialect::Name => &[],
        Dialect::Uri => &Run::STOPS,
    };
    let set = CharacterSet::new(ranges, negated).without(structure);
    if set.is_empty() {
        return Err(GlobError::EmptyClass);
    }
    Ok(set)
}

/// Reads `-z`, but leaves a `-` that stands at the end of its class.
fn range_end(chars: &mut Peekable<Chars<'_>>) -> Result<Option<char>, GlobError> {
    let mut ahead = chars.clone();
    if ahead.next() != Some('-') || ahead.peek() == Some(&']') {
        return Ok(None);
    }
    *chars = ahead;
    match chars.next().ok_or(GlobError::UnclosedClass)? {
        '\\' => escaped(chars).map(Some),
        c => Ok(Some(c)),
    }
}
