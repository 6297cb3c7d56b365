//! Cursors into a document.

use super::document::{Node, NodeKind};
use super::fold::{equal_ascii, equal_folded, is_ascii_twin, is_twin};
use super::string::{Piece, Text};
use super::{Document, Kind, Surrogates};
use core::ops::Range;
use std::borrow::Cow;

/// One value of a document.
#[derive(Clone, Copy, Debug)]
pub struct Value<'d> {
    document: &'d Document,
    index: usize,
}

impl<'d> Value<'d> {
    pub(super) fn new(document: &'d Document, index: usize) -> Self {
        Self { document, index }
    }

    #[inline]
    fn node(self) -> Option<&'d Node> {
        self.document.nodes.get(self.index)
    }

    /// What kind of value it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.node().map(|node| node.kind) {
            Some(NodeKind::Other(kind)) => kind,
            Some(NodeKind::Text { .. } | NodeKind::Key { .. }) => Kind::String,
            None => Kind::Null,
        }
    }

    /// Where it stands in the text, quotation marks and brackets included.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.node().map_or(0..0, |node| {
            let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
            place(node.start)..place(node.end)
        })
    }

    /// Its bytes on the wire.
    #[must_use]
    pub fn raw(self) -> &'d [u8] {
        self.document.bytes.get(self.span()).unwrap_or_default()
    }

    /// Whether it is an object.
    #[must_use]
    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// Whether it is an array.
    #[must_use]
    pub fn is_array(self) -> bool {
        self.kind() == Kind::Array
    }

    /// The string that it is, decoded. None if it is no string, or holds a lone surrogate.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'d, str>> {
        match self.node()?.kind {
            NodeKind::Text { escaped } | NodeKind::Key { escaped } => unquote(self.raw(), escaped),
            NodeKind::Other(_) => None,
        }
    }

    /// Whether it is the string `text`.
    #[must_use]
    #[inline]
    pub fn is_str(self, text: &str) -> bool {
        // Most members have a name of another length.
        let differs =
            |node: &Node| !node.kind.needs_decoding() && node.len() != text.len().saturating_add(2);
        !self.node().is_some_and(differs) && self.reads_as(text)
    }

    fn reads_as(self, text: &str) -> bool {
        match self.plain() {
            // What equals a text is UTF-8.
            Some(bytes) => bytes == text.as_bytes(),
            None => self.as_str().is_some_and(|value| value == text),
        }
    }

    /// Whether it is a string that a reader that folds case takes for `text`.
    #[must_use]
    pub fn is_folded(self, text: &str) -> bool {
        let same = |bytes| equal_ascii(bytes, text.as_bytes());
        self.plain().and_then(same).unwrap_or_else(|| {
            self.as_str()
                .is_some_and(|value| equal_folded(&value, text))
        })
    }

    /// The bytes of a string in which nothing is escaped.
    fn plain(self) -> Option<&'d [u8]> {
        match self.node()?.kind {
            NodeKind::Text { escaped: false } | NodeKind::Key { escaped: false } => {
                inside(self.raw())
            }
            _ => None,
        }
    }

    /// Whether it is a string that is none of `known`, but is taken for one of them by a reader that
    /// folds case, or one that has no text. All `known` are ASCII.
    #[must_use]
    pub fn is_twin(self, known: &[&str]) -> bool {
        match self.plain().and_then(|bytes| is_ascii_twin(bytes, known)) {
            Some(is_twin) => is_twin,
            None => self.as_str().is_none_or(|text| is_twin(&text, known)),
        }
    }

    /// The number that it is, as it is written.
    #[must_use]
    pub fn as_number(self) -> Option<&'d str> {
        match self.kind() {
            Kind::Number => core::str::from_utf8(self.raw()).ok(),
            _ => None,
        }
    }

    /// The member of this object with that key. Keys are unique, so there is one or none.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'d>> {
        self.entries()
            .find(|(name, _)| name.is_str(key))
            .map(|(_, value)| value)
    }

    /// The members of this object; nothing if it is none. Keys come as values of kind string.
    #[must_use]
    pub fn entries(self) -> Entries<'d> {
        Entries(self.children(Kind::Object))
    }

    /// The elements of this array; nothing if it is none.
    #[must_use]
    pub fn items(self) -> Items<'d> {
        self.children(Kind::Array)
    }

    fn children(self, kind: Kind) -> Items<'d> {
        let first = self.index.saturating_add(1);
        let end = if self.kind() == kind {
            self.next()
        } else {
            first
        };
        Items {
            document: self.document,
            index: first,
            end,
        }
    }

    #[inline]
    fn next(self) -> usize {
        let next = self.node().and_then(|node| usize::try_from(node.next).ok());
        next.unwrap_or(usize::MAX)
    }
}

/// The elements of an array.
#[derive(Clone, Debug)]
pub struct Items<'d> {
    document: &'d Document,
    index: usize,
    end: usize,
}

impl<'d> Iterator for Items<'d> {
    type Item = Value<'d>;

    #[inline]
    fn next(&mut self) -> Option<Value<'d>> {
        if self.index >= self.end {
            return None;
        }
        let value = Value::new(self.document, self.index);
        self.index = value.next();
        Some(value)
    }
}

/// The members of an object: key, value.
#[derive(Clone, Debug)]
pub struct Entries<'d>(Items<'d>);

impl<'d> Iterator for Entries<'d> {
    type Item = (Value<'d>, Value<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.0.next()?, self.0.next()?))
    }
}

/// What stands between the quotation marks of a string.
fn inside(raw: &[u8]) -> Option<&[u8]> {
    raw.get(1..raw.len().checked_sub(1)?)
}

/// Decodes a string that the tokenizer accepted, through the same reader.
fn unquote(raw: &[u8], escaped: bool) -> Option<Cow<'_, str>> {
    let inner = inside(raw)?;
    if !escaped {
        return core::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    let mut rest = raw.get(1..)?;
    let mut text = Text::new(Surrogates::Refuse);
    let mut decoded = Vec::with_capacity(inner.len());
    while !rest.is_empty() {
        let (piece, taken) = text.step(rest).ok()?;
        match piece {
            Piece::Plain(bytes) => decoded.extend_from_slice(bytes),
            Piece::Decoded(bytes) => decoded.extend_from_slice(bytes.as_bytes()),
            Piece::Nothing => {}
            Piece::End => break,
        }
        rest = rest.get(taken..)?;
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}
