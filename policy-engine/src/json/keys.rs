//! Uniqueness of keys in every open object.
//!
//! Small objects compare each new key with the ones before it. Larger ones are sorted by hash and
//! then by bytes when they close, which stays O(n log n) for keys chosen to collide.

use super::JsonFault;
use core::cmp::Ordering;

/// Up to this many keys are compared one by one, as they come.
const FEW: usize = 16;

/// The keys of all open objects, innermost last.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The decoded bytes of all keys.
    bytes: Vec<u8>,
    keys: Vec<Key>,
    /// For every open container, where its keys begin.
    open: Vec<Start>,
    /// All keys so far, of closed objects too.
    total: usize,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    hash: u64,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, Debug)]
struct Start {
    keys: usize,
    bytes: usize,
}

impl Keys {
    /// A container opens.
    pub(super) fn open(&mut self) {
        self.open.push(Start {
            keys: self.keys.len(),
            bytes: self.bytes.len(),
        });
    }

    /// How many keys there were.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        let keys = self.keys.capacity().saturating_mul(size_of::<Key>());
        self.bytes.capacity().saturating_add(keys)
    }

    /// A decoded piece of the key that is being read.
    pub(super) fn piece(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The key ends.
    pub(super) fn end_key(&mut self, most: usize) -> Result<(), JsonFault> {
        self.total = self.total.saturating_add(1);
        if self.total > most {
            return Err(JsonFault::TooManyKeys);
        }
        let first = self
            .open
            .last()
            .copied()
            .unwrap_or(Start { keys: 0, bytes: 0 });
        let siblings = self.keys.get(first.keys..).unwrap_or_default();
        let start = siblings.last().map_or(first.bytes, |key| key.end);
        let end = self.bytes.len();
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        let hash = hash(bytes);
        let key = Key { hash, start, end };
        if siblings.len() <= FEW {
            let twice = |other: &Key| other.hash == hash && text(&self.bytes, other) == bytes;
            if siblings.iter().any(twice) {
                return Err(JsonFault::DuplicateKey);
            }
        }
        self.keys.push(key);
        Ok(())
    }

    /// The innermost container closes.
    pub(super) fn close(&mut self) -> Result<(), JsonFault> {
        let Some(start) = self.open.pop() else {
            return Ok(());
        };
        let bytes = &self.bytes;
        let siblings = self.keys.get_mut(start.keys..).unwrap_or_default();
        if siblings.len() > FEW {
            siblings.sort_unstable_by(|a, b| by_hash(bytes, a, b));
            let mut pairs = siblings.iter().zip(siblings.iter().skip(1));
            if pairs.any(|(a, b)| a.hash == b.hash && text(bytes, a) == text(bytes, b)) {
                return Err(JsonFault::DuplicateKey);
            }
        }
        self.keys.truncate(start.keys);
        self.bytes.truncate(start.bytes);
        Ok(())
    }
}

/// Not inlined: sorting compares in many places, and the filter is to stay small.
#[inline(never)]
fn by_hash(bytes: &[u8], a: &Key, b: &Key) -> Ordering {
    let texts = || text(bytes, a).cmp(text(bytes, b));
    a.hash.cmp(&b.hash).then_with(texts)
}

fn text<'a>(bytes: &'a [u8], key: &Key) -> &'a [u8] {
    bytes.get(key.start..key.end).unwrap_or_default()
}

/// A quick hash. Keys chosen to collide cost a comparison each, no more: see [`Keys::close`].
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let hash = words
        .iter()
        .fold(FACTOR, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    rest.iter()
        .fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}
