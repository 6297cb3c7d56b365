use super::parse::{Dialect, Element, MAX_ELEMENTS};
use super::{Form, Glob, GlobError, Letters, parse};
use proptest::prelude::*;
use std::cell::Cell;

/// The definition, by trying everything; exponential.
fn naive(elements: &[Element], text: &[char]) -> bool {
    let Some((first, rest)) = elements.split_first() else {
        return text.is_empty();
    };
    match (first, text.split_first()) {
        (Element::Run(run), Some((c, tail))) if run.holds(*c) => {
            naive(rest, text) || naive(elements, tail)
        }
        (Element::Run(_), _) => naive(rest, text),
        (Element::Char(literal), Some((c, tail))) => literal == c && naive(rest, tail),
        (Element::Set(set), Some((c, tail))) => set.contains(u32::from(*c)) && naive(rest, tail),
        (_, None) => false,
    }
}

fn name(pattern: &str) -> Glob {
    Glob::name(pattern).unwrap()
}

fn uri(pattern: &str) -> Glob {
    Glob::uri(pattern).unwrap()
}

#[test]
fn names() {
    for (pattern, fits, fails) in [
        (
            "get_*",
            &["get_", "get_a", "get_a/b?#"][..],
            &["get", "forget_a", "Get_a"][..],
        ),
        ("*", &["", "x", "a/b"], &[]),
        ("?et", &["get", "èet", "🦀et"], &["et", "gget"]),
        ("a*b*c", &["abc", "a-b-c", "abcbc"], &["ab", "acb", "abcd"]),
        ("[a-c]x", &["ax", "cx"], &["dx", "x", "aax"]),
        ("[!a-c]x", &["dx", "éx"], &["ax", "x"]),
        ("[^a-c]x", &["dx"], &["ax"]),
        ("[]]", &["]"], &["["]),
        ("[!]]", &["["], &["]"]),
        ("[a-]", &["a", "-"], &["b"]),
        ("[\\]-a]", &["]", "^", "a"], &["["]),
        ("\\*\\?\\[", &["*?["], &["a?["]),
        (
            "[\u{D000}-\u{D7FF}]?",
            &["\u{D000}\u{E000}"],
            &["\u{E000}x"],
        ),
        ("*_[rw]", &["a_r", "_w", "_r_w"], &["_x", "r"]),
        ("*.md", &[".md", "a.md"], &["md", "a.mdx"]),
    ] {
        for text in fits {
            assert!(name(pattern).matches(text), "{pattern} fits {text:?}");
            assert!(
                name(pattern).matches_chars(text.chars()),
                "{pattern} fits {text:?}"
            );
        }
        for text in fails {
            assert!(
                !name(pattern).matches(text),
                "{pattern} does not fit {text:?}"
            );
        }
    }
}

#[test]
fn uris() {
    for (pattern, fits, fails) in [
        (
            "f:///a/*",
            &["f:///a/", "f:///a/b"][..],
            &["f:///a/b/c", "f:///a", "f:///a/b?c", "f:///a/#"][..],
        ),
        (
            "f:///a/**",
            &["f:///a/b/c"],
            &["f:///a/b?c", "f:///a/b#c", "f:///ab"],
        ),
        ("f:///a/***", &["f:///a/b/c"], &["f:///a/b?c"]),
        (
            "r:/x?q=*",
            &["r:/x?q=1"],
            &["r:/x", "r:/xyq=1", "r:/x?q=1/2", "r:/x?q=1?"],
        ),
        ("r:/x?**", &["r:/x?q=1/2"], &["r:/x?q=1?", "r:/x/"]),
        ("r:/[!a]", &["r:/b"], &["r:/a", "r://", "r:/?", "r:/#"]),
        (
            "r:/**/b/*",
            &["r:/a/b/c", "r:///b/", "r:/b/b/b/b"],
            &["r:/b/c", "r:/a/b/c/d"],
        ),
    ] {
        for text in fits {
            assert!(uri(pattern).matches(text), "{pattern} fits {text:?}");
        }
        for text in fails {
            assert!(
                !uri(pattern).matches(text),
                "{pattern} does not fit {text:?}"
            );
        }
    }
}

#[test]
fn faults() {
    for (pattern, fault) in [
        ("", GlobError::Empty),
        ("a**", GlobError::DoubleStar),
        ("[a", GlobError::UnclosedClass),
        ("[", GlobError::UnclosedClass),
        ("[]", GlobError::UnclosedClass),
        ("[a-", GlobError::UnclosedClass),
        ("[z-a]", GlobError::ReversedRange),
        ("[!\0-\u{10FFFF}]", GlobError::EmptyClass),
        ("a\\", GlobError::DanglingEscape),
        ("[\\", GlobError::DanglingEscape),
    ] {
        assert_eq!(Glob::name(pattern).unwrap_err(), fault, "{pattern}");
    }
    assert_eq!(Glob::uri("x:[/?]").unwrap_err(), GlobError::EmptyClass);
    assert!(Glob::name(&"a".repeat(MAX_ELEMENTS)).is_ok());
    let long = "a".repeat(MAX_ELEMENTS + 1);
    assert_eq!(Glob::name(&long).unwrap_err(), GlobError::TooLong);
}

#[test]
fn exact_patterns() {
    assert_eq!(name("get_me").exact_text(), Some("get_me"));
    assert_eq!(name(r"get\*").exact_text(), Some("get*"));
    assert_eq!(name("get_*").exact_text(), None);
    assert_eq!(name("[a]").exact_text(), None);
    assert_eq!(uri("r://a?b").exact_text(), Some("r://a?b"));
    assert_eq!(uri("r://a/*").exact_text(), None);
    assert_eq!(uri("r://a/*").source(), "r://a/*");
}

#[test]
fn beginnings() {
    for (pattern, yes, no) in [
        (
            "r://acme/**",
            &["", "r:", "r://acme/", "r://acme/x/y"][..],
            &["r://evil/", "r://acme/x?"][..],
        ),
        (
            "r://*/src/*",
            &["r://", "r://acme", "r://acme/src/"],
            &["r://acme/lib", "r://a/src/b/"],
        ),
        ("r://a", &["r://a", "r:"], &["r://a/", "r://b"]),
        ("r://a?q=*", &["r://a", "r://a?"], &["r://a/"]),
    ] {
        for literal in yes {
            assert!(
                uri(pattern).may_begin_with(literal),
                "{pattern}: {literal:?}"
            );
        }
        for literal in no {
            assert!(
                !uri(pattern).may_begin_with(literal),
                "{pattern}: {literal:?}"
            );
        }
    }
}

/// Counts what the matcher reads. It is handed an iterator that cannot be rewound, so the number
/// of characters taken times the width of its state set is all the work there is.
#[test]
fn hostile_patterns_cost_one_pass() {
    let text = "a".repeat(100_000);
    for stars in [4, 100, 2000] {
        let glob = name(&format!("{}b", "*a".repeat(stars)));
        let Form::Open { prefix, rest, .. } = &glob.form else {
            panic!("a pattern with stars is open");
        };
        let taken = Cell::new(0_usize);
        let counted = text.chars().inspect(|_| taken.set(taken.get() + 1));
        assert!(prefix.is_empty());
        assert!(!rest.matches(counted));
        assert!(taken.get() <= text.len());
        assert!(rest.width() <= stars / 64 + 1);
        assert!(!glob.matches(&text));
        assert!(glob.matches(&format!("{text}b")));
    }
}

#[test]
fn states_pass_from_word_to_word() {
    for length in [62, 63, 64, 65, 127, 128, 129, 1000] {
        let literal = "xy".repeat(length);
        let glob = name(&format!("?{literal}*z"));
        assert!(glob.matches(&format!("a{literal}bz")), "{length}");
        assert!(!glob.matches(&format!("a{literal}b")), "{length}");
    }
}

fn pattern() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[abc/?#]",
        3 => Just("*".to_owned()),
        1 => Just("**".to_owned()),
        1 => Just("[a-b]".to_owned()),
        1 => Just("[!a]".to_owned()),
        1 => Just("\\*".to_owned()),
        1 => Just("[^é/]".to_owned()),
    ];
    prop::collection::vec(piece, 1..9).prop_map(|pieces| pieces.concat())
}

fn agrees(glob: &Glob, elements: &[Element], text: &str) {
    let chars: Vec<char> = text.chars().collect();
    let expected = naive(elements, &chars);
    assert_eq!(
        glob.matches(text),
        expected,
        "{} on {text:?}",
        glob.source()
    );
    assert_eq!(
        glob.matches_chars(chars),
        expected,
        "{} on {text:?}",
        glob.source()
    );
    if expected {
        assert!(
            glob.may_match(Letters::of(text)),
            "{} on {text:?}",
            glob.source()
        );
        let beginnings = text.char_indices().filter_map(|(i, _)| text.get(..i));
        for beginning in beginnings.chain([text]) {
            assert!(
                glob.may_begin_with(beginning),
                "{} on {text:?}",
                glob.source()
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn agrees_with_the_definition(pattern in pattern(), texts in prop::collection::vec("[abc/?#*é]{0,10}", 8)) {
        for dialect in [Dialect::Name, Dialect::Uri] {
            let glob = match dialect { Dialect::Name => Glob::name(&pattern), Dialect::Uri => Glob::uri(&pattern) };
            let Ok(glob) = glob else { continue };
            let elements = parse::parse(&pattern, dialect).unwrap();
            texts.iter().for_each(|text| agrees(&glob, &elements, text));
        }
    }

    #[test]
    fn long_patterns_agree(pieces in prop::collection::vec(prop_oneof![6 => "[ab]", 1 => Just("*".to_owned()), 1 => Just("?".to_owned())], 60..140), text in "[ab]{50,150}") {
        // Few stars keep the naive matcher affordable.
        let fourth_star = pieces.iter().enumerate().filter(|(_, p)| *p == "*").map(|(i, _)| i).nth(3);
        let kept = |i: usize, p: &str| p != "*" || fourth_star.is_none_or(|fourth| i < fourth);
        let pattern: String = pieces.iter().enumerate().filter(|(i, p)| kept(*i, p)).map(|(_, p)| p.as_str()).collect();
        let Ok(glob) = Glob::name(&pattern) else { return Ok(()) };
        let elements = parse::parse(&pattern, Dialect::Name).unwrap();
        agrees(&glob, &elements, &text);
        let own: String = pattern.chars().map(|c| if matches!(c, '*' | '?') { 'b' } else { c }).collect();
        agrees(&glob, &elements, &own);
    }

    #[test]
    fn an_escaped_text_fits_itself_alone(text in "[ab*?\\[\\]\\\\!^-]{1,20}") {
        for glob in [Glob::name(&Glob::escape(&text)), Glob::uri(&Glob::escape(&text))] {
            let glob = glob.unwrap();
            prop_assert_eq!(glob.exact_text(), Some(text.as_str()));
        }
    }

    #[test]
    fn never_panics(pattern in "\\PC{0,40}", text in "\\PC{0,40}") {
        for glob in [Glob::name(&pattern), Glob::uri(&pattern)].into_iter().flatten() {
            let _ = glob.matches(&text);
            let _ = glob.may_begin_with(&text);
        }
    }
}
