//! Globs: what they match is what a table of all possibilities says.

use mcp_guard_engine::glob::Glob;
use std::iter::Peekable;
use std::ops::RangeInclusive;
use std::str::Chars;

/// Reads a pattern, a line break, and a text to match.
pub fn glob(input: &[u8]) {
    let Some((pattern, text)) = str::from_utf8(input)
        .ok()
        .and_then(|input| input.split_once('\n'))
    else {
        return;
    };
    if let Ok(glob) = Glob::name(pattern) {
        check(&glob, &steps(pattern, false), text);
    }
    if let Ok(glob) = Glob::uri(pattern) {
        check(&glob, &steps(pattern, true), text);
    }
}

fn check(glob: &Glob, steps: &[Step], text: &str) {
    let reached = reached(steps, text);
    let matches = reached.last() == Some(&true);
    assert_eq!(glob.matches(text), matches);
    assert_eq!(glob.matches_chars(text.chars()), matches);
    assert_eq!(glob.may_begin_with(text), reached.contains(&true));
    if let Some(exact) = glob.exact_text() {
        assert_eq!(exact == text, matches);
    }
}

/// One step of a pattern.
enum Step {
    /// A character of these ranges, or of none of them; never one of `but`.
    One {
        ranges: Vec<RangeInclusive<char>>,
        negated: bool,
        but: &'static str,
    },
    /// Any characters but these.
    Run { but: &'static str },
}

impl Step {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::One {
                ranges,
                negated,
                but,
            } => ranges.iter().any(|range| range.contains(&c)) != *negated && !but.contains(c),
            Self::Run { but } => !but.contains(c),
        }
    }
}

/// For each number of steps, whether exactly these can take the whole text.
fn reached(steps: &[Step], text: &str) -> Vec<bool> {
    let mut reached = vec![true];
    for step in steps {
        let before = reached.last() == Some(&true);
        reached.push(before && matches!(step, Step::Run { .. }));
    }
    for c in text.chars() {
        let mut next = vec![false];
        for (step, pair) in steps.iter().zip(reached.windows(2)) {
            let (before, here) = (pair.first() == Some(&true), pair.last() == Some(&true));
            let taken = step.takes(c);
            next.push(match step {
                Step::One { .. } => before && taken,
                Step::Run { .. } => (here && taken) || next.last() == Some(&true),
            });
        }
        reached = next;
    }
    reached
}

/// Reads a pattern that is known to be in order.
fn steps(pattern: &str, uri: bool) -> Vec<Step> {
    let mut chars = pattern.chars().peekable();
    let mut steps = Vec::new();
    while let Some(c) = chars.next() {
        steps.push(match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                while chars.next_if_eq(&'*').is_some() {}
                Step::Run { but: "?#" }
            }
            '*' if uri => Step::Run { but: "/?#" },
            '*' => Step::Run { but: "" },
            '?' if !uri => one('\0'..=char::MAX, ""),
            '[' => class(&mut chars, if uri { "/?#" } else { "" }),
            '\\' => chars.next().map_or(one(c..=c, ""), |c| one(c..=c, "")),
            c => one(c..=c, ""),
        });
    }
    steps
}

fn one(range: RangeInclusive<char>, but: &'static str) -> Step {
    Step::One {
        ranges: vec![range],
        negated: false,
        but,
    }
}

fn class(chars: &mut Peekable<Chars<'_>>, but: &'static str) -> Step {
    let negated = chars.next_if(|c| "!^".contains(*c)).is_some();
    let mut ranges = Vec::new();
    while ranges.is_empty() || chars.peek().is_some_and(|c| *c != ']') {
        let Some(start) = member(chars) else { break };
        let mut ahead = chars.clone();
        let range = ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']');
        if range {
            *chars = ahead;
        }
        let end = if range { member(chars) } else { None };
        ranges.push(start..=end.unwrap_or(start));
    }
    chars.next();
    Step::One {
        ranges,
        negated,
        but,
    }
}

fn member(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    chars.next_if_eq(&'\\');
    chars.next()
}
