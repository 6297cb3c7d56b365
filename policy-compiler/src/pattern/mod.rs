//! Patterns as sets of texts: whether one is included in others, or fits everything.
//!
//! All is decided by walking the engine's own matchers over classes of characters that act alike,
//! never by comparing the patterns' text. A question that would take too long is left open: whoever
//! asks finds nothing then, and says nothing.

mod budget;
mod forbidden;
mod inclusion;
mod percent;
#[cfg(test)]
mod tests;

pub(crate) use budget::Budget;
pub(crate) use forbidden::Forbidden;
pub(crate) use inclusion::{Alphabet, is_empty, is_included};

use mcp_guard_engine::glob::{Glob, Position};
use std::hash::Hash;

/// A set of texts, recognised character by character.
pub(crate) trait Language {
    /// What is known of a text after its beginning has been read.
    type State: Clone + Eq + Hash;

    /// The state of the empty text.
    fn start(&self) -> Self::State;

    /// The state after one more character.
    fn advance(&self, state: &Self::State, c: char) -> Self::State;

    /// Whether the text is in the set.
    fn accepts(&self, state: &Self::State) -> bool;

    /// Whether no text with this beginning is in the set.
    fn is_dead(&self, state: &Self::State) -> bool;

    /// First code points of runs of characters that act alike.
    fn boundaries(&self) -> Vec<u32>;
}

impl Language for Glob {
    type State = Position;

    fn start(&self) -> Position {
        Glob::start(self)
    }

    fn advance(&self, state: &Position, c: char) -> Position {
        Glob::advance(self, state, c)
    }

    fn accepts(&self, state: &Position) -> bool {
        Glob::accepts(self, state)
    }

    fn is_dead(&self, state: &Position) -> bool {
        state.is_dead()
    }

    fn boundaries(&self) -> Vec<u32> {
        Glob::boundaries(self)
    }
}
