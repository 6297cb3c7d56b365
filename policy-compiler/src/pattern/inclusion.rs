//! Inclusion and emptiness, by a search through all pairs of states that some text reaches.

use super::{Budget, Language};
use std::collections::HashSet;

/// The characters that texts are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// Every character.
    All,
    /// None that controls: names and URIs with one are refused before any rule is asked.
    Identifier,
}

/// Whether every text of one set is in one of the others. None: it would take too long to say.
pub(crate) fn is_included<A: Language, B: Language>(
    inner: &A,
    outer: &[B],
    alphabet: Alphabet,
    budget: &mut Budget,
) -> Option<bool> {
    let mut own = budget.question();
    let answer = search(inner, outer, alphabet, &mut own);
    budget.give_back(&own);
    answer
}

/// Whether no text is in the set. None: it would take too long to say.
pub(crate) fn is_empty<A: Language>(
    language: &A,
    alphabet: Alphabet,
    budget: &mut Budget,
) -> Option<bool> {
    is_included::<A, A>(language, &[], alphabet, budget)
}

fn search<A: Language, B: Language>(
    inner: &A,
    outer: &[B],
    alphabet: Alphabet,
    budget: &mut Budget,
) -> Option<bool> {
    let letters = representatives(inner, outer, alphabet);
    let cost = u32::try_from(outer.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let start = (
        inner.start(),
        outer.iter().map(B::start).collect::<Vec<_>>(),
    );
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![start];
    while let Some((state, states)) = open.pop() {
        let mut pairs = outer.iter().zip(&states);
        if inner.accepts(&state) && !pairs.any(|(outer, state)| outer.accepts(state)) {
            return Some(false);
        }
        for letter in &letters {
            if !budget.take(cost) {
                return None;
            }
            let next = inner.advance(&state, *letter);
            if inner.is_dead(&next) {
                continue;
            }
            let pairs = outer.iter().zip(&states);
            let nexts = pairs.map(|(outer, state)| outer.advance(state, *letter));
            let pair = (next, nexts.collect());
            if seen.insert(pair.clone()) {
                open.push(pair);
            }
        }
    }
    Some(true)
}

/// One character of each run of characters that all patterns treat alike.
fn representatives<A: Language, B: Language>(
    inner: &A,
    outer: &[B],
    alphabet: Alphabet,
) -> Vec<char> {
    // `char::is_control`: the general category Cc, which Unicode has closed.
    let mut starts = vec![0, 0x20, 0x7F, 0xA0];
    starts.extend(inner.boundaries());
    starts.extend(outer.iter().flat_map(Language::boundaries));
    starts.sort_unstable();
    starts.dedup();
    let mut letters: Vec<char> = starts
        .into_iter()
        // A run that begins among the surrogates has its first character behind them.
        .filter_map(|code| char::from_u32(code).or_else(|| surrogate(code).then_some('\u{E000}')))
        .filter(|c| alphabet == Alphabet::All || !c.is_control())
        .collect();
    letters.dedup();
    letters
}

fn surrogate(code: u32) -> bool {
    (0xD800..0xE000).contains(&code)
}
