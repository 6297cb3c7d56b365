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

pub use parse::{parse, parse_documents};

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
    /// A value that was not read from YAML, as a tree that stands at one place.
    #[must_use]
    pub fn from_json(value: &serde_json::Value, span: Span) -> Self {
        use serde_json::Value;
        let scalar = |text: String, plain| Kind::Scalar { text, plain };
        let node = |value| Self::from_json(value, span);
        let kind = match value {
            Value::String(text) => scalar(text.clone(), false),
            Value::Array(items) => Kind::Sequence(items.iter().map(node).collect()),
            Value::Object(map) => {
                let entry = |(key, value): (&String, _)| {
                    let key = Spanned {
                        value: key.clone(),
                        span,
                    };
                    (key, node(value))
                };
                Kind::Mapping(map.iter().map(entry).collect())
            }
            other => scalar(other.to_string(), true),
        };
        Self { span, kind }
    }

    /// The value of a key; none where this is no map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key as it was written, and its value.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Spanned<String>, &Self)> {
        self.entries().find(|(name, _)| name.value == key)
    }

    /// The value at the end of a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Keys and values; none where this is no map.
    pub fn entries(&self) -> impl Iterator<Item = (&Spanned<String>, &Self)> {
        let entries: &[_] = match &self.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        };
        entries.iter().map(|(key, value)| (key, value))
    }

    /// The items; none where this is no list.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// What a scalar says, whatever its type.
    #[must_use]
    pub fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is `null`, or nothing at all.
    #[must_use]
    pub fn is_null(&self) -> bool {
        fields::plain(self) == Some(scalar::Scalar::Null)
    }

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
