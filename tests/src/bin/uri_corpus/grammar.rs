//! A grammar of ways out of a root.
//!
//! ```text
//! uri     = beginning *( segment separator ) segment [ ending ]     ; then sometimes damaged
//! segment = name / name-like / dots / strange
//! dots    = 1*( dot [ glue ] ) [ cut ]                              ; "." in every known encoding
//! ```

use crate::random::Random;

/// A part of a server's resources, and what of it a policy lets through.
pub(crate) struct Root {
    /// Every accepted URI must name something below this one.
    pub(crate) uri: &'static str,
    pub(crate) patterns: &'static [&'static str],
    /// Other ways to write the root, or to leave it at once.
    beginnings: &'static [&'static str],
}

pub(crate) const ROOTS: &[Root] = &[
    Root {
        uri: "file:///srv/data/",
        patterns: &["file:///srv/data/**"],
        beginnings: &[
            "FILE:///srv/data/",
            "file:/srv/data/",
            "file://localhost/srv/data/",
            "file:////srv/data/",
            "file:///srv//data/",
            "file:///srv/data",
            "file:///srv/data2/",
            "file:///./srv/data/",
            "file:///C:/srv/data/",
            "file:///srv/%64ata/",
            "file:srv/data/",
            "file:\\\\srv\\data\\",
        ],
    },
    Root {
        uri: "file:///home/me/My Documents/",
        patterns: &["file:///home/me/My Documents/**"],
        beginnings: &["file:///home/me/My%20Documents/", "file:///home/me/"],
    },
    Root {
        uri: "repo://acme/",
        patterns: &["repo://acme/**", "repo://acme/**?**"],
        beginnings: &[
            "repo://Acme/",
            "repo://user@acme/",
            "repo://acme:80/",
            "repo://acme:/",
            "repo:acme/",
            "repo:/acme/",
            "repo:///acme/",
            "repo://acme%2F",
            "repo://acme@evil/",
            "repo://acme\\",
            "repo://../acme/",
        ],
    },
    Root {
        uri: "https://api.example.com/v1/",
        patterns: &[
            "https://api.example.com/v1/**",
            "https://api.example.com/v1/**?**",
        ],
        beginnings: &[
            "https://API.example.com/v1/",
            "https://api.example.com:443/v1/",
            "https://api.example.com:/v1/",
            "https://api.example.com./v1/",
            "https://api.example.com@evil.org/v1/",
            "https:/api.example.com/v1/",
            "https:api.example.com/v1/",
            "https:\\\\api.example.com\\v1\\",
            "https:///api.example.com/v1/",
            "https://api%2Eexample.com/v1/",
            "https://api。example.com/v1/",
        ],
    },
    Root {
        uri: "skill:notes/public/",
        patterns: &["skill:notes/public/**"],
        beginnings: &[
            "skill:/notes/public/",
            "skill://notes/public/",
            "skill:notes/",
        ],
    },
    Root {
        uri: "postgres://db.example.com:5432/shop/",
        patterns: &[
            "postgres://db.example.com:5432/shop/*/*",
            "postgres://db.example.com:5432/shop/*",
        ],
        beginnings: &[
            "postgres://db.example.com:05432/shop/",
            "postgres://u:p@db.example.com:5432/shop/",
        ],
    },
];

/// Ordinary names, and some that are only unusual.
const NAMES: &[&str] = &[
    "a",
    "src",
    "main.rs",
    "README.md",
    "v1.2",
    "My File.txt",
    "My%20File.txt",
    "naïve",
    "na%C3%AFve",
    "文書",
    "%E6%96%87%E6%9B%B8",
    "[slug]",
    "a+b",
    "a,b",
    "x=1",
    "~me",
    "@scope",
    "a:b",
    "$HOME",
    "100%25",
    "%23tag",
    "what%3F",
    "(1)",
    "it's",
    "a&b",
    "*",
    "données",
    "emoji-🦀",
    "a%3Bb",
    "b;v=1",
];

/// Names that a careless rule takes for dot segments, or fails to.
const NAME_LIKES: &[&str] = &[
    "..foo",
    "foo..",
    "a..b",
    ".gitignore",
    ".a",
    "a.",
    "a..",
    "..a..",
    ". a",
    ".. a",
    "..-",
    "..~",
    "..=",
    "%25.",
    ".%25",
    "..%25",
    "%25.%25.",
    "..%26",
    "..,",
    "..!",
    "..@",
    "..$",
    "'..'",
    "(..)",
    "..+",
    "..*",
    "..%3D",
    "..é",
    "é..",
    "[..]",
    "..[a]",
    ".%20a",
    "..%20a",
    "%20..a",
    ".a.",
    "..%23a",
    "..%3Fa",
    "%3F..",
    "..%7C",
    "%7C..",
    "%22..%22",
    "%7B..%7D",
    "a%3F",
    "a%23",
    "%25e",
    "%252",
    "..%25e",
];

/// A dot, in every encoding that something decodes.
const DOTS: &[&str] = &[
    ".",
    ".",
    ".",
    "%2e",
    "%2E",
    "%252e",
    "%252E",
    "%25252e",
    "%2%65",
    "%%32%65",
    "%c0%ae",
    "%C0%AE",
    "%e0%80%ae",
    "%E0%80%AE",
    "%F0%80%80%AE",
    "%u002e",
    "%25u002e",
    "\u{2024}",
    "\u{2025}",
    "\u{2026}",
    "\u{FF0E}",
    "\u{FE52}",
    "\u{3002}",
    "\u{FF61}",
    "%E2%80%A4",
    "%EF%BC%8E",
    "%E3%80%82",
    "\u{FF05}2e",
    "&#46;",
    "\\x2e",
    "\\u002e",
    "%C4%AE",
];

/// What may stand in or behind a dot and be taken out again.
const GLUES: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "",
    "%00",
    "\u{200B}",
    "\u{FEFF}",
    "%E2%80%8B",
    " ",
    "%20",
    "\t",
    "%09",
    "\u{AD}",
    "%0A",
    "\u{FE0F}",
    "\u{A0}",
    "\r\n",
    "\u{202E}",
    "\u{85}",
    "\\",
    "\0",
];

/// Where a resolver may cut a segment off.
const CUTS: &[&str] = &[
    "", "", "", "", ";", ";x", ";a=b", "%3B", ":", "::$DATA", "%3F", "%23", "?", "#", " ", "%20",
    ".",
];

/// A slash, in every encoding that something decodes.
const SEPARATORS: &[&str] = &[
    "\\",
    "%2f",
    "%2F",
    "%5c",
    "%5C",
    "%252f",
    "%252F",
    "%255c",
    "%25252F",
    "%c0%af",
    "%C0%AF",
    "%u2215",
    "\u{2215}",
    "\u{2044}",
    "\u{FF0F}",
    "\u{FF3C}",
    "\u{29F8}",
    "%E2%88%95",
    "%EF%BC%8F",
    "//",
    "///",
    "/./",
    ";/",
    "/;/",
    "/%20/",
    "/ /",
    "\u{A5}",
    "\u{20A9}",
    ":/",
    "|/",
    "\u{2105}",
    "%e0%80%af",
];

/// Segments with a meaning of their own somewhere.
const STRANGE: &[&str] = &[
    "", " ", "%20", "C:", "c|", "c%7C", "C:x", "con", "NUL", "~", "~root", "%", "%2", "%zz", "%41",
    "%ff", "%C3", "{x}", "<a>", "a b ", "a%20", "%7F", "%C2%85", "\u{2028}", "\u{E000}",
    "\u{F05C}", "?", "#", "a?b", "a?..", "@", "http:", "file:", "host@", "%40", "%3A", "..\\..",
    "%5C..", "....", "...", "....%20",
];

/// What may follow the path.
const ENDINGS: &[&str] = &[
    "/",
    "?",
    "#",
    "?a=b",
    "?ref=main",
    "?file=../../x",
    "?file=..",
    "?f=a/../../x",
    "?f=%2e%2e/x",
    "?f=%2E%2E%2Fx",
    "?f=..%2F..%2Fx",
    "?f=..\\x",
    "?f=%252e%252e/",
    "?f=//host/x",
    "?f=C:/x",
    "?f=a..b",
    "?f=..a/b",
    "?range=v1..v2",
    "?q=a%20b",
    "?q=é",
    "?next=https://example.com/a",
    "?a=b&c=./d",
    "?a=b;c=..",
    "?a=(..)",
    "?a=b?c",
    "#/../x",
    "?..",
    "?../x",
    "?a=b,../x",
    "?a=b+../x",
    "?f=a%26f=../x",
    "?f=%3D../x",
    "?f=../",
    "?f=. ./x",
    "?f=..%20/x",
    " ",
    "%20",
    "%00",
    ".json",
];

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
