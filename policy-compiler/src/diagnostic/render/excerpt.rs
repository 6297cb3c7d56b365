//! The part of a file that a finding is about: what is shown does not grow with the file.

use crate::source::{Sources, Span};
use std::borrow::Cow;
use std::ops::Range;

/// Most bytes of whole lines that are shown at once; the renderer folds what lies between labels.
const MOST: usize = 4096;

/// Most bytes of a place in a line that is longer.
const LEAST: usize = 60;

/// A piece of a file.
#[derive(Debug)]
pub(super) struct Excerpt<'a> {
    /// What stands there, without what would act on a terminal, and as long.
    pub(super) text: Cow<'a, str>,
    /// The number of its first line.
    pub(super) line: usize,
    /// Whether it is the beginning of the place alone.
    pub(super) is_cut: bool,
    start: usize,
}

impl<'a> Excerpt<'a> {
    /// The lines of a place; if they are too long, its beginning.
    pub(super) fn of(sources: &'a Sources, place: Span) -> Self {
        let whole = sources.text(place.file);
        let (line, _) = sources.line_column(place);
        let start = floor(whole, place.start);
        let end = floor(whole, place.end).max(start);
        let first = line_start(whole, start);
        let last = line_end(whole, end);
        let (from, to, is_cut) = match last.saturating_sub(first) > MOST {
            false => (first, last, false),
            true => {
                let to = floor(whole, start.saturating_add(LEAST));
                (start, to.min(line_end(whole, start)), true)
            }
        };
        Self {
            text: harmless(whole.get(from..to).unwrap_or_default()),
            line,
            is_cut,
            start: from,
        }
    }

    /// Where a place is within it.
    pub(super) fn range(&self, place: Span) -> Range<usize> {
        let within = |byte: usize| byte.saturating_sub(self.start).min(self.text.len());
        within(place.start)..within(place.end)
    }
}

/// The byte, or the nearest before it, at which a character begins.
fn floor(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte = byte.saturating_sub(1);
    }
    byte
}

fn line_start(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).unwrap_or_default();
    before.rfind('\n').map_or(0, |end| end.saturating_add(1))
}

fn line_end(text: &str, byte: usize) -> usize {
    let behind = text.get(byte..).unwrap_or_default();
    let length = behind.find('\n').unwrap_or(behind.len());
    byte.saturating_add(length)
}

/// The renderer replaces what acts on a terminal, but for the controls of ISO 6429's second set: they
/// take two bytes in UTF-8, as `·` does.
fn harmless(text: &str) -> Cow<'_, str> {
    let acts = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
    match text.contains(acts) {
        true => text.replace(acts, "·").into(),
        false => text.into(),
    }
}
