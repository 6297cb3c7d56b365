//! What can be wrong with a pattern.

use std::fmt;

/// Why a pattern was not compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GlobError {
    /// Nothing in it.
    Empty,
    /// More than 4096 elements.
    TooLong,
    /// A `[` without its `]`.
    UnclosedClass,
    /// A class that no character can fit.
    EmptyClass,
    /// A range whose end comes before its start, `[z-a]`.
    ReversedRange,
    /// A `\` with nothing after it.
    DanglingEscape,
    /// `**` in a pattern over names.
    DoubleStar,
}

impl fmt::Display for GlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the pattern is empty",
            Self::TooLong => "the pattern has more than 4096 elements",
            Self::UnclosedClass => "a `[` has no `]`",
            Self::EmptyClass => "a class matches no character",
            Self::ReversedRange => "a range ends before it starts",
            Self::DanglingEscape => "a `\\` has nothing after it",
            Self::DoubleStar => "`**` has no meaning in names",
        })
    }
}

impl std::error::Error for GlobError {}
