//! Where a request and an answer are cut on their way; no cut may change an outcome.

/// Bodies up to this length are cut at every byte, longer ones at random places.
const EVERY_BYTE_UP_TO: usize = 4096;

/// Runs with random cuts of a body that is too long to be cut at every byte.
const RANDOM_RUNS: u64 = 8;

/// Runs with random cuts where a single run is slow.
const RANDOM_RUNS_OF_LARGE: u64 = 1;

/// A body above this is a slow one.
const LARGE: usize = 1 << 20;

/// Offsets, in ascending order, at which the two bodies of an exchange are cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Offsets in the request's body.
    pub request: Vec<usize>,
    /// Offsets in the answer's body.
    pub answer: Vec<usize>,
}

impl Cuts {
    /// No cut at all.
    #[must_use]
    pub fn whole() -> Self {
        Self::default()
    }

    /// Every way in which a case is cut, beside not at all.
    #[must_use]
    pub fn plans(request_len: usize, answer_len: usize) -> Vec<Self> {
        let requests = plans_of(request_len);
        let answers = plans_of(answer_len);
        let runs = requests.len().max(answers.len());
        let plan = |run: usize| Self {
            request: requests.get(run).cloned().unwrap_or_default(),
            answer: answers.get(run).cloned().unwrap_or_default(),
        };
        (0..runs).map(plan).collect()
    }
}

/// The ways in which one body is cut: once between all bytes, then at each byte alone.
fn plans_of(len: usize) -> Vec<Vec<usize>> {
    if len < 2 {
        return Vec::new();
    }
    if len > EVERY_BYTE_UP_TO {
        let runs = if len > LARGE {
            RANDOM_RUNS_OF_LARGE
        } else {
            RANDOM_RUNS
        };
        return (1..=runs).map(|seed| random_cuts(len, seed)).collect();
    }
    let single = (1..len).map(|offset| vec![offset]);
    std::iter::once((1..len).collect()).chain(single).collect()
}

/// Up to sixteen offsets, the same for the same length and seed.
fn random_cuts(len: usize, seed: u64) -> Vec<usize> {
    let mut state = seed ^ (len as u64);
    let count = split_mix(&mut state).rem_euclid(16).saturating_add(1);
    let inner = (len as u64).saturating_sub(1).max(1);
    let mut offsets: Vec<usize> = (0..count)
        .filter_map(|_| usize::try_from(split_mix(&mut state).rem_euclid(inner)).ok())
        .map(|offset| offset.saturating_add(1))
        .collect();
    offsets.sort_unstable();
    offsets.dedup();
    offsets
}

/// SplitMix64 (Steele, Lea, Flood 2014): a fixed, portable sequence.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// `bytes` cut at `offsets`.
#[must_use]
pub fn pieces<'a>(bytes: &'a [u8], offsets: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in offsets.iter().copied().chain([bytes.len()]) {
        pieces.extend(bytes.get(start..end));
        start = end;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_bytes() {
        for len in [0, 1, 2, 5, 5000] {
            let bytes = vec![7; len];
            for cuts in Cuts::plans(len, 3).into_iter().chain([Cuts::whole()]) {
                assert_eq!(pieces(&bytes, &cuts.request).concat(), bytes);
            }
        }
    }

    #[test]
    fn a_short_body_is_cut_at_every_byte() {
        let cut: Vec<_> = Cuts::plans(4, 0)
            .into_iter()
            .map(|cuts| cuts.request)
            .collect();
        assert_eq!(cut, [vec![1, 2, 3], vec![1], vec![2], vec![3]]);
    }

    #[test]
    fn random_cuts_are_repeatable_and_inside() {
        let cuts = random_cuts(10_000, 3);
        assert_eq!(cuts, random_cuts(10_000, 3));
        assert!(cuts.iter().all(|offset| (1..10_000).contains(offset)));
    }
}
