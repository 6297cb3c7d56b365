//! What a resource pattern refuses: the accepted URIs that fit it in any spelling.
//!
//! It follows `ResourcePattern::forbids` of the engine, which compares five readings of a URI, in
//! one pass: as it was sent and with its escapes decoded; both again without the parameters of its
//! segments; and these once more without the slashes at its end.

use super::Language;
use super::percent::{Decoded, Escape};
use mcp_guard_engine::glob::{Glob, Position};
use mcp_guard_engine::uri::ResourcePattern;

/// The URIs that a pattern refuses. Texts with broken escapes, which are no accepted URIs, belong to
/// it or not as it is asked: so that an inclusion is about accepted URIs only, they belong to the
/// outer set and not to the inner one.
#[derive(Debug)]
pub(crate) struct Forbidden<'p> {
    pattern: &'p ResourcePattern,
    is_outer: bool,
    /// Of the characters that escapes stand for.
    boundaries: Vec<u32>,
}

/// Where a URI stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// It is no URI that would be accepted.
    Refused,
    /// In its path, or in its query where the pattern has one.
    Reading(Box<Readings>),
    /// In a query that does not matter, and this is what the pattern says.
    Decided(bool),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Readings {
    sent: Reading,
    bare: Reading,
    /// `bare`, as it was before the slashes that it now ends in.
    trimmed: Option<Reading>,
    in_parameter: bool,
    in_query: bool,
}

/// A text, with its escapes as they stand and decoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reading {
    raw: Position,
    folded: Position,
    escape: Escape,
}

impl Readings {
    /// Whether no reading can fit any more.
    fn are_dead(&self) -> bool {
        let dead = |reading: &Reading| reading.raw.is_dead() && reading.folded.is_dead();
        dead(&self.sent) && dead(&self.bare) && self.trimmed.as_ref().is_none_or(dead)
    }
}

impl<'p> Forbidden<'p> {
    pub(crate) fn outer(pattern: &'p ResourcePattern) -> Self {
        Self::new(pattern, true)
    }

    pub(crate) fn inner(pattern: &'p ResourcePattern) -> Self {
        Self::new(pattern, false)
    }

    fn new(pattern: &'p ResourcePattern, is_outer: bool) -> Self {
        let mut boundaries = pattern.folded_glob().boundaries();
        // A character of one byte is never in doubt.
        boundaries.extend([0x80, 0xD800, 0xE000]);
        boundaries.sort_unstable();
        boundaries.dedup();
        Self {
            pattern,
            is_outer,
            boundaries,
        }
    }

    fn read(&self, reading: &Reading, c: char) -> Option<Reading> {
        let glob = self.pattern.folded_glob();
        let raw = self.pattern.glob().advance(&reading.raw, c);
        let (folded, escape) = match reading.escape.read(c, &self.boundaries) {
            Decoded::Refused => return None,
            Decoded::Pending(escape) => (reading.folded.clone(), escape),
            Decoded::Raw(c) => (glob.advance(&reading.folded, c), Escape::Idle),
            Decoded::Escaped(c) => (folded(glob, &reading.folded, c), Escape::Idle),
        };
        Some(Reading {
            raw,
            folded,
            escape,
        })
    }

    fn fits(&self, reading: &Reading) -> bool {
        self.pattern.glob().accepts(&reading.raw)
            || self.pattern.folded_glob().accepts(&reading.folded)
    }

    fn refuses(&self, readings: &Readings) -> bool {
        let trimmed = readings.trimmed.as_ref();
        self.fits(&readings.sent)
            || self.fits(&readings.bare)
            || trimmed.is_some_and(|reading| self.fits(reading))
    }

    fn read_all(&self, readings: &Readings, c: char) -> Option<Readings> {
        let mut next = readings.clone();
        next.sent = self.read(&readings.sent, c)?;
        if !readings.in_query {
            next.in_query = c == '?';
            next.in_parameter = match c {
                '/' | '?' => false,
                c => readings.in_parameter || c == ';',
            };
        }
        if next.in_parameter {
            return Some(next);
        }
        if c == '/' {
            next.trimmed = readings
                .trimmed
                .clone()
                .or_else(|| Some(readings.bare.clone()));
        } else {
            next.trimmed = None;
        }
        next.bare = self.read(&readings.bare, c)?;
        Some(next)
    }
}

/// The engine keeps the escapes of what would become structure.
fn folded(glob: &Glob, position: &Position, c: char) -> Position {
    let kept = match c {
        '?' => "%3F",
        '#' => "%23",
        '%' => "%25",
        c => return glob.advance(position, c),
    };
    let advance = |position, c| glob.advance(&position, c);
    kept.chars().fold(position.clone(), advance)
}

impl Language for Forbidden<'_> {
    type State = State;

    fn start(&self) -> State {
        let reading = Reading {
            raw: self.pattern.glob().start(),
            folded: self.pattern.folded_glob().start(),
            escape: Escape::Idle,
        };
        State::Reading(Box::new(Readings {
            sent: reading.clone(),
            bare: reading,
            trimmed: None,
            in_parameter: false,
            in_query: false,
        }))
    }

    fn advance(&self, state: &State, c: char) -> State {
        let State::Reading(readings) = state else {
            return state.clone();
        };
        if c == '?' && !self.pattern.has_query() {
            return match readings.sent.escape {
                Escape::Idle => State::Decided(self.refuses(readings)),
                _ => State::Refused,
            };
        }
        let next = self.read_all(readings, c);
        next.map_or(State::Refused, |next| State::Reading(Box::new(next)))
    }

    fn accepts(&self, state: &State) -> bool {
        match state {
            State::Refused => self.is_outer,
            State::Decided(refused) => *refused,
            State::Reading(readings) => self.refuses(readings),
        }
    }

    fn is_dead(&self, state: &State) -> bool {
        match state {
            State::Refused => !self.is_outer,
            State::Decided(refused) => !refused,
            State::Reading(readings) => !self.is_outer && readings.are_dead(),
        }
    }

    fn boundaries(&self) -> Vec<u32> {
        let mut starts = self.pattern.glob().boundaries();
        starts.extend(self.pattern.folded_glob().boundaries());
        // Each hexadecimal digit means another character.
        let single = |c: char| [u32::from(c), u32::from(c).saturating_add(1)];
        starts.extend("%/?;0123456789ABCDEF".chars().flat_map(single));
        starts
    }
}
