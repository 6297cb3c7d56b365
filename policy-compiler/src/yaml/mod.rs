//! YAML as a tree whose every node knows its place, read so that mistakes do not hide each other.
//!
//! Only what a policy needs is accepted: one document, no aliases, anchors or tags, no key twice, and
//! keys that are plain text. What a scalar means is decided by who reads it ([`fields`]).

pub mod fields;
mod parse;
pub mod scalar;
#[cfg(test)]
mod tests;

pub mod write;

pub use parse::parse;

use crate::source::{Span, Spanned};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// The three shapes of YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; `plain` if it stands without quotes, so that it may mean a number, say.
    Scalar {
        /// The text, escapes decoded.
        text: String,
        /// Without quotes.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the order of the text, each key once.
    Mapping(Vec<(Spanned<String>, Node)>),
}

impl Node {
    /// What it is, in a word for messages.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar { text, plain: true } => match scalar::resolve(text) {
                scalar::Scalar::Null => "nothing",
                scalar::Scalar::Bool(_) => "a truth value",
                scalar::Scalar::Number(_) => "a number",
                scalar::Scalar::Text => "text",
            },
            Kind::Scalar { .. } => "text",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a map",
        }
    }
}
