//! Sets of characters, as sorted ranges that do not touch.

use std::collections::BinaryHeap;

/// A set of characters.
#[derive(Clone, Debug)]
pub(super) struct CharacterSet(Vec<(u32, u32)>);

/// One past the last code point. Surrogates are counted but can never be asked for.
const END: u32 = 0x11_0000;

impl CharacterSet {
    pub(super) fn all() -> Self {
        Self(vec![(0, END)])
    }

    /// The characters of inclusive ranges, or all others.
    pub(super) fn new(ranges: Vec<(char, char)>, negated: bool) -> Self {
        let half_open = ranges
            .into_iter()
            .map(|(start, end)| (u32::from(start), u32::from(end).saturating_add(1)));
        let set = Self(merged(half_open.collect()));
        if negated { set.complement() } else { set }
    }

    /// This set less some characters.
    pub(super) fn without(self, removed: &[char]) -> Self {
        if removed.is_empty() {
            return self;
        }
        let removed = removed.iter().map(|c| {
            let code = u32::from(*c);
            (code, code.saturating_add(1))
        });
        let mut outside = self.complement().0;
        outside.extend(removed);
        Self(merged(outside)).complement()
    }

    pub(super) fn is_empty(&self) -> bool {
        // A set of surrogates alone holds no character either.
        self.0
            .iter()
            .all(|(start, end)| *start >= 0xD800 && *end <= 0xE000)
    }

    pub(super) fn contains(&self, code: u32) -> bool {
        let after = self.0.partition_point(|(start, _)| *start <= code);
        after
            .checked_sub(1)
            .and_then(|i| self.0.get(i))
            .is_some_and(|(_, end)| code < *end)
    }

    /// A member, an ordinary one where there is one.
    pub(super) fn sample(&self) -> Option<char> {
        let ordinary = "x1".chars().find(|c| self.contains(u32::from(*c)));
        let starts = || self.0.iter().map(|(start, _)| *start);
        ordinary.or_else(|| starts().find_map(char::from_u32))
    }

    /// Where membership changes.
    pub(super) fn boundaries(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|(start, end)| [*start, *end])
    }

    fn complement(&self) -> Self {
        let starts = std::iter::once(0).chain(self.0.iter().map(|(_, end)| *end));
        let ends = self.0.iter().map(|(start, _)| *start).chain([END]);
        Self(
            starts
                .zip(ends)
                .filter(|(start, end)| start < end)
                .collect(),
        )
    }
}

fn merged(ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let mut out: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    // A heap sorts in a fifth of the code that `sort_unstable` takes in the filter.
    for (start, end) in BinaryHeap::from(ranges).into_sorted_vec() {
        match out.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}
