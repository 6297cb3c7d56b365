//! A grammar of ways out of a root.
//!
//! ```text
//! uri     = beginning *( segment separator ) segment [ ending ]     ; then sometimes damaged
//! segment = name / name-like / dots / strange
//! dots    = 1*( dot [ glue ] ) [ cut ]                              ; "." in every known encoding
//! ```

use crate::random::Random;
use crate::words::{CUTS, DOTS, ENDINGS, GLUES, NAME_LIKES, NAMES, Root, SEPARATORS, STRANGE};

pub(crate) fn uri(root: &Root, random: &mut Random) -> String {
    let mut uri = beginning(root, random).to_owned();
    for _ in 0..random.below(5) {
        uri.push_str(&segment(random));
        uri.push_str(separator(random));
    }
    uri.push_str(&segment(random));
    if random.once_in(3) {
        uri.push_str(random.text(ENDINGS));
    }
    if random.once_in(6) {
        uri = damaged(&uri, random);
    }
    uri
}

fn beginning(root: &Root, random: &mut Random) -> &'static str {
    if random.once_in(12) {
        random.text(root.beginnings)
    } else {
        root.uri
    }
}

fn segment(random: &mut Random) -> String {
    match random.below(20) {
        0..=8 => random.text(NAMES).to_owned(),
        9..=12 => random.text(NAME_LIKES).to_owned(),
        13 => random.text(STRANGE).to_owned(),
        14 => mixed(random),
        _ => dots(random),
    }
}

/// One to three dots with what may be glued to them.
fn dots(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(3).saturating_add(1) {
        text.push_str(random.text(DOTS));
        text.push_str(random.text(GLUES));
    }
    text.push_str(random.text(CUTS));
    text
}

/// Two halves of different kinds.
fn mixed(random: &mut Random) -> String {
    let first = random.text(&[NAMES, NAME_LIKES, STRANGE].concat());
    let second = random.text(&[NAME_LIKES, DOTS, CUTS].concat());
    format!("{first}{second}")
}

fn separator(random: &mut Random) -> &'static str {
    if random.once_in(10) {
        random.text(SEPARATORS)
    } else {
        "/"
    }
}

/// Replaces, removes or adds one character: one of the grammar's own, any of ASCII, or any.
fn damaged(uri: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = uri.chars().collect();
    let at = random.below(chars.len());
    let end = match random.below(3) {
        0 => at,
        _ => at.saturating_add(1).min(chars.len()),
    };
    let new = match random.below(4) {
        0 => None,
        1 => random
            .text(&["/", ".", "%", "?", "#", ":", "@", ";", "\\"])
            .chars()
            .next(),
        2 => char::from_u32(u32::try_from(random.below(0x80)).unwrap_or(0)),
        _ => char::from_u32(u32::try_from(random.below(0x3_0000)).unwrap_or(0)),
    };
    chars.splice(at..end, new);
    chars.into_iter().collect()
}
