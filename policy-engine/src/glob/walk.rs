//! Walking through a pattern character by character, for those who ask about all texts at once: is
//! one pattern included in another, do two overlap, does a pattern fit everything?
//!
//! The walk is over the matcher's own states, so what it says is what matching says.

use super::{Form, Glob};

/// Where the beginning of a text stands in a pattern. Two beginnings with the same position are
/// continued by the same texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position(At);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum At {
    /// So many bytes of the literal beginning have been read.
    Literal(usize),
    /// A set of the matcher's states, none of them empty.
    States(Vec<u64>),
    /// No text that begins like this fits.
    Nowhere,
}

impl Position {
    /// Whether no text that begins like this fits.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.0 == At::Nowhere
    }
}

impl Glob {
    /// The position of the empty text.
    #[must_use]
    pub fn start(&self) -> Position {
        Position(self.after_literal(0))
    }

    /// The position after one more character.
    #[must_use]
    pub fn advance(&self, position: &Position, c: char) -> Position {
        Position(match (&position.0, &self.form) {
            (At::Literal(read), form) => {
                let literal = match form {
                    Form::Exact(text) => text,
                    Form::Open { prefix, .. } => prefix,
                };
                let expected = literal.get(*read..).and_then(|rest| rest.chars().next());
                match expected == Some(c) {
                    true => self.after_literal(read.saturating_add(c.len_utf8())),
                    false => At::Nowhere,
                }
            }
            (At::States(states), Form::Open { rest, .. }) => {
                rest.advanced(states, c).map_or(At::Nowhere, At::States)
            }
            _ => At::Nowhere,
        })
    }

    /// Whether a text at that position fits the pattern.
    #[must_use]
    pub fn accepts(&self, position: &Position) -> bool {
        match (&position.0, &self.form) {
            (At::Literal(read), Form::Exact(text)) => *read == text.len(),
            (At::States(states), Form::Open { rest, .. }) => rest.accepts(states),
            _ => false,
        }
    }

    /// First code points of runs of characters that act alike wherever they stand, in order.
    #[must_use]
    pub fn boundaries(&self) -> Vec<u32> {
        let (literal, mut starts) = match &self.form {
            Form::Exact(text) => (text, Vec::new()),
            Form::Open { prefix, rest, .. } => (prefix, rest.boundaries().collect()),
        };
        let single = |c: char| [u32::from(c), u32::from(c).saturating_add(1)];
        starts.push(0);
        starts.extend(literal.chars().flat_map(single));
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// The text that everything that fits begins with.
    #[must_use]
    pub fn literal_beginning(&self) -> &str {
        match &self.form {
            Form::Exact(text) => text,
            Form::Open { prefix, .. } => prefix,
        }
    }

    fn after_literal(&self, read: usize) -> At {
        match &self.form {
            Form::Open { prefix, rest, .. } if read == prefix.len() => At::States(rest.start()),
            _ => At::Literal(read),
        }
    }
}
