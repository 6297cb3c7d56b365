use super::JsonFault;

/// What kind of JSON value something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// `12.5`
    Number,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
}

/// One event of the tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `{` or `[`.
    Open(Kind),
    /// `}` or `]`, of the container opened last.
    Close,
    /// A whole key or string that needs no decoding, in one piece.
    Plain {
        /// Whether it is a key.
        key: bool,
        /// Its bytes, UTF-8.
        bytes: &'a [u8],
    },
    /// The opening quotation mark of any other key or string.
    TextStart {
        /// Whether it is a key.
        key: bool,
    },
    /// A decoded piece of the text. UTF-8, but for lone surrogates where they are kept, which come
    /// as three bytes each (WTF-8).
    Text {
        /// The decoded bytes.
        bytes: &'a [u8],
        /// Whether they differ from the bytes on the wire.
        escaped: bool,
    },
    /// A piece of a string of which a sink wants no text.
    Skipped {
        /// Whether it holds escapes.
        escaped: bool,
    },
    /// The closing quotation mark.
    TextEnd {
        /// Whether it was a key.
        key: bool,
    },
    /// A whole number lexeme.
    Number(&'a [u8]),
    /// `true`, `false` or `null`.
    Literal(Kind),
}

/// Where tokens go.
pub trait Sink {
    /// Whether it wants the decoded text of strings that come in several pieces. That of keys always
    /// comes, and every string is checked either way.
    const WANTS_TEXT: bool;

    /// Takes one token, whose bytes are `start..end` of the whole text. Pieces of text have no
    /// span of their own: both are the place where the piece ends.
    ///
    /// # Errors
    /// Whatever the sink cannot take; it ends the reading.
    fn token(&mut self, token: Token<'_>, start: usize, end: usize) -> Result<(), JsonFault>;
}

/// What becomes of `\ud800`–`\udfff` without its other half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surrogates {
    /// It is a fault: servers read it differently.
    Refuse,
    /// It is passed on as WTF-8, which is no valid UTF-8 and equals no name.
    Keep,
}

/// Bounds of the reading.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Longest text in bytes.
    pub bytes: usize,
    /// Deepest nesting of containers.
    pub depth: usize,
    /// Most keys in all objects together.
    pub keys: usize,
    /// Most values that a document holds (16 bytes each).
    pub values: usize,
    /// What lone surrogates mean.
    pub surrogates: Surrogates,
}
