//! Which characters a text consists of, at a glance.

use super::parse::Element;

/// A set of bytes in 64 buckets: bytes that differ may share one, equal ones always do.
#[derive(Clone, Copy, Debug)]
pub struct Letters(u64);

impl Letters {
    /// The bytes of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |set, byte| set | bucket(byte)))
    }

    /// The bytes that every text has which fits a pattern.
    pub(super) fn asked_for(elements: &[Element]) -> Self {
        let literals = elements.iter().filter_map(Element::literal);
        Self(literals.fold(0, |set, c| set | Self::of(c.encode_utf8(&mut [0; 4])).0))
    }

    /// Whether all of `others` are among these. Wrong only in saying yes.
    pub(super) fn may_hold(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }
}

/// Only the low six bits of the byte count.
fn bucket(byte: u8) -> u64 {
    1_u64.wrapping_shl(u32::from(byte))
}
