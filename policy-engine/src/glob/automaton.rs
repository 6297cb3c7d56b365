//! The matcher: all places where a text may stand in its pattern, held as a set of bits.
//!
//! State `i` means that the first `i` characters asked for by the pattern have been read. Per
//! character of the text one table look-up gives two masks: `accept`, the states from which this
//! character leads on to the next, and `stay`, the states whose star holds it. The new set is
//! `(set & accept) << 1 | (set & stay)`: a fixed number of word operations per character whatever
//! the pattern, and the text is never read twice.

use super::parse::{Element, MAX_ELEMENTS, Run};
use std::collections::BinaryHeap;

const WORD_BITS: usize = 64;
const MAX_WORDS: usize = MAX_ELEMENTS / WORD_BITS + 1;

/// The compiled rest of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    /// Words of a set of states.
    width: usize,
    /// First code points of the intervals whose characters act alike, and the row of each.
    intervals: Vec<(u32, usize)>,
    /// Row by row: the masks of an interval, `(accept, stay)` per word.
    rows: Vec<(u64, u64)>,
    /// The bit of the last state, in the last word.
    end: u64,
}

/// The characters that lead from state to state, and the star that stands at each state.
struct Steps<'a> {
    accept: Vec<&'a Element>,
    stay: Vec<Option<Run>>,
}

impl Automaton {
    pub(super) fn new(elements: &[Element]) -> Self {
        let steps = Steps::of(elements);
        let states = steps.stay.len();
        let width = states.div_ceil(WORD_BITS);
        let mut automaton = Self {
            width,
            intervals: Vec::new(),
            rows: Vec::new(),
            end: bit(states.saturating_sub(1)),
        };
        for start in steps.boundaries() {
            let row = steps.row(start, width);
            automaton.push_interval(start, &row);
        }
        automaton
    }

    pub(super) fn matches(&self, text: impl Iterator<Item = char>) -> bool {
        self.run(text, |states| {
            states.last().is_some_and(|last| last & self.end != 0)
        })
    }

    /// Whether a text that matches may begin like this. Every element can be satisfied, so any
    /// state that is still alive leads to the end.
    pub(super) fn may_begin_with(&self, literal: &str) -> bool {
        self.run(literal.chars(), is_alive)
    }

    /// The states in which no character has been read.
    pub(super) fn start(&self) -> Vec<u64> {
        let mut states = vec![0; self.width];
        if let Some(first) = states.first_mut() {
            *first = 1;
        }
        states
    }

    /// The states after one more character; None if there are none.
    pub(super) fn advanced(&self, states: &[u64], c: char) -> Option<Vec<u64>> {
        let mut states = states.to_vec();
        advance(&mut states, self.masks(c));
        is_alive(&states).then_some(states)
    }

    /// Whether a text in these states fits.
    pub(super) fn accepts(&self, states: &[u64]) -> bool {
        states.last().is_some_and(|last| last & self.end != 0)
    }

    /// First code points of the intervals whose characters act alike.
    pub(super) fn boundaries(&self) -> impl Iterator<Item = u32> {
        self.intervals.iter().map(|(start, _)| *start)
    }

    /// Words that one character costs.
    #[cfg(test)]
    pub(super) fn width(&self) -> usize {
        self.width
    }

    fn run(&self, text: impl Iterator<Item = char>, verdict: impl Fn(&[u64]) -> bool) -> bool {
        if self.width == 1 {
            return self.run_in(&mut [0], text, verdict);
        }
        let mut states = [0; MAX_WORDS];
        self.run_in(
            states.get_mut(..self.width).unwrap_or_default(),
            text,
            verdict,
        )
    }

    #[inline]
    fn run_in(
        &self,
        states: &mut [u64],
        text: impl Iterator<Item = char>,
        verdict: impl Fn(&[u64]) -> bool,
    ) -> bool {
        if let Some(first) = states.first_mut() {
            *first = 1;
        }
        for c in text {
            advance(states, self.masks(c));
            if !is_alive(states) {
                return false;
            }
        }
        verdict(states)
    }

    fn masks(&self, c: char) -> &[(u64, u64)] {
        let code = u32::from(c);
        let after = self.intervals.partition_point(|(start, _)| *start <= code);
        after
            .checked_sub(1)
            .and_then(|i| self.intervals.get(i))
            .and_then(|(_, row)| self.rows.get(*row..)?.get(..self.width))
            .unwrap_or_default()
    }

    /// Adds an interval; the one before last often has the same row, as gaps between literals do.
    fn push_interval(&mut self, start: u32, row: &[(u64, u64)]) {
        let known = self.intervals.iter().rev().take(2).map(|(_, at)| *at);
        let same = |at: &usize| {
            self.rows
                .get(*at..)
                .is_some_and(|tail| tail.starts_with(row))
        };
        if let Some(at) = known.into_iter().find(same) {
            self.intervals.push((start, at));
            return;
        }
        self.intervals.push((start, self.rows.len()));
        self.rows.extend_from_slice(row);
    }
}

impl<'a> Steps<'a> {
    fn of(elements: &'a [Element]) -> Self {
        let mut steps = Self {
            accept: Vec::new(),
            stay: vec![None],
        };
        for element in elements {
            match element {
                Element::Run(run) => {
                    if let Some(last) = steps.stay.last_mut() {
                        *last = Some(*run);
                    }
                }
                Element::Char(_) | Element::Set(_) => {
                    steps.accept.push(element);
                    steps.stay.push(None);
                }
            }
        }
        steps
    }

    /// First code points of all intervals, in order.
    fn boundaries(&self) -> Vec<u32> {
        let mut starts = vec![0];
        let single = |c: char| [u32::from(c), u32::from(c).saturating_add(1)];
        starts.extend(Run::STOPS.into_iter().flat_map(single));
        for element in &self.accept {
            match element {
                Element::Char(c) => starts.extend(single(*c)),
                Element::Set(set) => starts.extend(set.boundaries()),
                Element::Run(_) => {}
            }
        }
        // A heap sorts in a fifth of the code that `sort_unstable` takes in the filter.
        let mut starts = BinaryHeap::from(starts).into_sorted_vec();
        starts.dedup();
        starts
    }

    fn row(&self, code: u32, width: usize) -> Vec<(u64, u64)> {
        let mut row = vec![(0, 0); width];
        // An interval that starts among the surrogates has its first character after them.
        let code = if (0xD800..0xE000).contains(&code) {
            0xE000
        } else {
            code
        };
        let Some(c) = char::from_u32(code) else {
            return row;
        };
        for (i, element) in self.accept.iter().enumerate() {
            let accepts = match element {
                Element::Char(literal) => *literal == c,
                Element::Set(set) => set.contains(code),
                Element::Run(_) => false,
            };
            if let Some(word) = row.get_mut(i / WORD_BITS).filter(|_| accepts) {
                word.0 |= bit(i);
            }
        }
        for (i, run) in self.stay.iter().enumerate() {
            let holds = run.is_some_and(|run| run.holds(c));
            if let Some(word) = row.get_mut(i / WORD_BITS).filter(|_| holds) {
                word.1 |= bit(i);
            }
        }
        row
    }
}

fn advance(states: &mut [u64], masks: &[(u64, u64)]) {
    let mut carry = 0;
    for (word, (accept, stay)) in states.iter_mut().zip(masks) {
        let moved = *word & accept;
        *word = moved << 1 | carry | *word & stay;
        carry = moved >> 63;
    }
}

fn is_alive(states: &[u64]) -> bool {
    states.iter().any(|word| *word != 0)
}

fn bit(state: usize) -> u64 {
    1_u64.rotate_left(u32::try_from(state % WORD_BITS).unwrap_or_default())
}
