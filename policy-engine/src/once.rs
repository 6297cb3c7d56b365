//! Single use: what a proxy remembers of the approvals and states that were used.
//!
//! The host keeps some cells of bytes that all workers of a proxy share; an id has its place in one of
//! them. A cell holds what is used and not yet expired, so that its size is bounded by what can be
//! valid at one time. Little is remembered beyond its expiry, as it is refused for that.
//!
//! ```text
//! cell    = highest *entry
//! highest = the latest time at which it was written
//! entry   = id expires       id: 16 bytes of SHA-256; all times: seconds since 1970, 64 bits
//! ```

use crate::parts;

/// Cells, so that workers seldom meet in one.
const CELLS: u8 = 16;

/// Most entries of a cell: 24 KiB. Only who holds an issuer's key can fill it.
const MOST: usize = 1024;

const ID: usize = 16;
const ENTRY: usize = 24;

const TIME: usize = 8;

/// Seconds that an entry is kept beyond its expiry, in case the clock is set back.
const GRACE: u64 = 60;

/// Something that may be used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    id: [u8; ID],
    expires: u64,
    now: u64,
}

/// What a cell says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It was not used before. It counts as used once this is in the cell.
    First(Vec<u8>),
    /// It was used before.
    Again,
    /// There is no room to remember it, the cell cannot be read, or the clock was set back too far.
    Unknown,
}

/// What came of an attempt to claim it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody used it before, and nobody will again.
    First,
    /// It was used before.
    Again,
    /// That could not be found out.
    Unknown,
}

impl Once {
    /// Something that is known by `parts` and expires at `expires`, in seconds since 1970.
    pub(crate) fn new(parts: &[&[u8]], expires: u64, now: u64) -> Self {
        let digest = parts::digest(parts);
        let id = digest.first_chunk().copied().unwrap_or_default();
        Self { id, expires, now }
    }

    /// The number of its cell.
    #[must_use]
    pub fn cell(&self) -> u8 {
        let [first, ..] = self.id;
        first % CELLS
    }

    /// Holds it against what its cell holds; None is an empty one.
    #[must_use]
    pub fn claim(&self, cell: Option<&[u8]>) -> Claim {
        let cell = cell.filter(|cell| !cell.is_empty());
        let cell = cell.unwrap_or(&[0; TIME]);
        let Some((highest, entries)) = cell.split_first_chunk::<TIME>() else {
            return Claim::Unknown;
        };
        let highest = u64::from_be_bytes(*highest);
        let (entries, rest) = entries.as_chunks::<ENTRY>();
        // Set back further, the clock would hold what was forgotten as expired for valid again.
        if !rest.is_empty() || self.now.saturating_add(GRACE) < highest {
            return Claim::Unknown;
        }
        let mut kept = Vec::with_capacity(cell.len().saturating_add(ENTRY).saturating_add(TIME));
        kept.extend_from_slice(&highest.max(self.now).to_be_bytes());
        for entry in entries {
            let (id, expires) = read(entry);
            if id == self.id {
                return Claim::Again;
            }
            if expires.saturating_add(GRACE) > self.now {
                kept.extend_from_slice(entry);
            }
        }
        if kept.len() >= MOST.saturating_mul(ENTRY).saturating_add(TIME) {
            return Claim::Unknown;
        }
        kept.extend_from_slice(&self.id);
        kept.extend_from_slice(&self.expires.to_be_bytes());
        Claim::First(kept)
    }
}

fn read(entry: &[u8; ENTRY]) -> ([u8; ID], u64) {
    let (id, expires) = entry.split_first_chunk::<ID>().unwrap_or((&[0; ID], &[]));
    let expires = expires.first_chunk::<8>().copied().unwrap_or_default();
    (*id, u64::from_be_bytes(expires))
}

#[cfg(test)]
mod tests {
    use super::{Claim, MOST, Once};

    fn cell(claim: Claim) -> Vec<u8> {
        match claim {
            Claim::First(cell) => cell,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_used_is_not_used_again() {
        let once = Once::new(&[b"desk", b"1"], 160, 100);
        let used = cell(once.claim(None));
        assert_eq!(once.claim(Some(&used)), Claim::Again);
        let later = Once::new(&[b"desk", b"1"], 160, 159);
        assert_eq!(later.claim(Some(&used)), Claim::Again);
    }

    #[test]
    fn what_expired_is_forgotten() {
        let mut held = Vec::new();
        for number in 0..1000u32 {
            let now = u64::from(number);
            let once = Once::new(&[&number.to_be_bytes()], now + 60, now);
            held = cell(once.claim(Some(&held)));
            assert!(held.len() <= 8 + 120 * 24, "{}", held.len());
        }
    }

    #[test]
    fn a_clock_that_goes_forward_and_back_brings_nothing_back() {
        let at = |id: &[u8], now| Once::new(&[id], 160, now);
        // All in one cell, as the worst case.
        let used = cell(at(b"1", 100).claim(None));
        let forgotten = cell(at(b"2", 1000).claim(Some(&used)));
        assert_eq!(at(b"1", 101).claim(Some(&forgotten)), Claim::Unknown);
        assert!(matches!(
            at(b"1", 940).claim(Some(&forgotten)),
            Claim::First(_)
        ));
    }

    #[test]
    fn a_full_or_broken_cell_refuses() {
        let mut held = Vec::new();
        for number in 0..MOST {
            let once = Once::new(&[&number.to_be_bytes()], 160, 100);
            held = cell(once.claim(Some(&held)));
        }
        let once = Once::new(&[b"one more"], 160, 100);
        assert_eq!(once.claim(Some(&held)), Claim::Unknown);
        let known = Once::new(&[&0usize.to_be_bytes()], 160, 100);
        assert_eq!(known.claim(Some(&held)), Claim::Again);
        assert_eq!(once.claim(Some(&held[1..])), Claim::Unknown);
        let later = Once::new(&[b"one more"], 280, 220);
        assert_eq!(cell(later.claim(Some(&held))).len(), 32);
    }
}
