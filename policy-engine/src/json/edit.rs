//! Changes of a text that leave the rest of it as it is, byte for byte.

use core::ops::Range;

/// Replacements of spans of one text.
#[derive(Debug, Default)]
pub struct Edits {
    /// INVARIANT: no two spans overlap; those who add edits own disjoint values.
    list: Vec<(Range<usize>, Vec<u8>)>,
}

impl Edits {
    /// Replaces a span.
    pub fn replace(&mut self, span: Range<usize>, with: impl Into<Vec<u8>>) {
        self.list.push((span, with.into()));
    }

    /// Inserts before a place.
    pub fn insert(&mut self, at: usize, text: impl Into<Vec<u8>>) {
        self.replace(at..at, text);
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The changed text within `span`, which holds every edit whole.
    #[must_use]
    pub fn apply(mut self, text: &[u8], span: Range<usize>) -> Vec<u8> {
        // Stable: insertions at one place keep their order.
        self.list.sort_by_key(|(span, _)| span.start);
        let mut changed = Vec::with_capacity(span.len());
        let mut at = span.start;
        for (edit, with) in self.list {
            changed.extend_from_slice(text.get(at..edit.start).unwrap_or_default());
            changed.extend_from_slice(&with);
            at = edit.end;
        }
        changed.extend_from_slice(text.get(at..span.end).unwrap_or_default());
        changed
    }
}
