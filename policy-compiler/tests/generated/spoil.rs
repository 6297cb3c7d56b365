//! Ways to spoil a text.

use super::random::Random;

/// What YAML, or the language, gives a meaning to.
const TOKENS: &[&str] = &[
    "*a",
    "&a ",
    "!t ",
    "<<: ",
    "[",
    "]",
    "{",
    "}",
    ": ",
    ",",
    "- ",
    "? ",
    "|\n",
    ">\n",
    "'",
    "\"",
    "#",
    " #",
    "\t",
    "\r",
    "\n",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\u{FEFF}",
    "\0",
    "é",
    "𝄞",
    "\u{2028}",
    "\u{85}",
    "~",
    "null",
    "yes",
    "0x10",
    "010",
    "1_000",
    ".5",
    "1e3",
    ".inf",
    "-",
    "*",
    "**",
    "?",
    "\\",
    "%2e%2e",
    "..",
    "version",
    "allow",
    "deny",
    "tools",
    "callers",
    "arguments",
    "equals",
    "range",
    "min",
    "approval",
    "required",
    "because",
    "open",
    "/mcp",
    "\"*\"",
    "[]",
    "{}",
    "@",
    "`",
];

/// Spoils a text in one to three places.
pub(crate) fn spoil(random: &mut Random, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..=random.below(3) {
        text = match random.below(8) {
            0 => flip(random, &text),
            1 => delete(random, &text),
            2 | 3 => insert(random, &text),
            4 => swap_words(random, &text),
            5 => repeat_line(random, &text),
            6 => shift_line(random, &text),
            _ => bomb(random, &text),
        };
    }
    text
}

/// A place between two characters.
fn place(random: &mut Random, text: &str) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn flip(random: &mut Random, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    if !bytes.is_empty() {
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn delete(random: &mut Random, text: &str) -> String {
    let (one, other) = (place(random, text), place(random, text));
    let (start, end) = (one.min(other), one.max(other).min(one.min(other) + 40));
    let mut end = end;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{}", &text[..start], &text[end..])
}

fn insert(random: &mut Random, text: &str) -> String {
    let at = place(random, text);
    format!("{}{}{}", &text[..at], random.pick(TOKENS), &text[at..])
}

fn swap_words(random: &mut Random, text: &str) -> String {
    let mut words: Vec<&str> = text.split_inclusive([' ', '\n', ',', '[', '{']).collect();
    let (one, other) = (random.below(words.len()), random.below(words.len()));
    if !words.is_empty() {
        words.swap(one, other);
    }
    words.concat()
}

fn repeat_line(random: &mut Random, text: &str) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    if !lines.is_empty() {
        let line = lines[random.below(lines.len())];
        lines.insert(random.below(lines.len() + 1), line);
    }
    lines.concat()
}

fn shift_line(random: &mut Random, text: &str) -> String {
    let chosen = random.below(text.lines().count());
    let shift = |(number, line): (usize, &str)| match number == chosen {
        true => format!("  {line}\n"),
        false => format!("{line}\n"),
    };
    text.lines().enumerate().map(shift).collect()
}

fn bomb(random: &mut Random, text: &str) -> String {
    let bomb = match random.below(4) {
        0 => "x: &a [*a, *a]\ny: &b [*a, *a]\n".repeat(10),
        1 => format!("x: {}\n", "[".repeat(200)),
        2 => format!("x: \"{}\"\n", "y".repeat(50_000)),
        _ => (0..200)
            .map(|depth| format!("{}z:\n", " ".repeat(depth)))
            .collect(),
    };
    match random.once_in(2) {
        true => format!("{text}{bomb}"),
        false => format!("{bomb}{text}"),
    }
}
