use super::*;
use mcp_guard_engine::uri::{ResourcePattern, ResourceUri};
use proptest::prelude::*;

/// Whether the walk accepts a text.
fn accepts<L: Language>(language: &L, text: &str) -> bool {
    let advance = |state, c| language.advance(&state, c);
    let end = text.chars().fold(language.start(), advance);
    language.accepts(&end)
}

fn name_included(inner: &str, outer: &[&str]) -> Option<bool> {
    let outer: Vec<Glob> = outer.iter().map(|text| Glob::name(text).unwrap()).collect();
    let inner = Glob::name(inner).unwrap();
    is_included(&inner, &outer, Alphabet::Identifier, &mut Budget::new())
}

#[test]
fn names_include_each_other() {
    for (inner, outer, included) in [
        ("get_*", &["get_*"] as &[_], true),
        ("get_*", &["g*"], true),
        ("get_*", &["*_*"], true),
        ("*", &["?*"], false),
        ("?*", &["*"], true),
        ("?*", &["*?"], true),
        ("[ab]x", &["ax", "bx"], true),
        ("[a-c]x", &["ax", "bx"], false),
        ("a*b", &["a*"], true),
        ("a*b*c", &["*b*"], true),
        ("*b*", &["a*b*c"], false),
        ("é?", &["[à-ÿ]*"], true),
        ("?", &["[!a]", "a"], true),
        ("\\*", &["*"], true),
        ("*", &["\\*"], false),
    ] {
        assert_eq!(
            name_included(inner, outer),
            Some(included),
            "{inner} in {outer:?}"
        );
    }
}

#[test]
fn what_explodes_is_left_open() {
    let inner = format!("*a{}", "?".repeat(60));
    let outer = format!("*b{}", "[a-y]".repeat(61));
    let started = std::time::Instant::now();
    let answer = name_included(&inner, &[&outer, "*c*d*e*f*g*h*i*j"]);
    assert_ne!(answer, Some(true));
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn resources_are_refused_in_every_spelling() {
    for (granted, refused, included) in [
        ("repo://acme/**", "repo://acme/**", true),
        ("repo://acme/docs/**", "repo://acme/**", true),
        ("repo://acme/**", "repo://acme/docs/**", false),
        ("repo://acme/a b", "repo://acme/a%20b", true),
        ("repo://acme/a%20b", "repo://acme/a b", true),
        ("repo://acme/a%20*", "repo://acme/a *", true),
        ("repo://acme/%C3%A9*", "repo://acme/é*", true),
        ("repo://acme/é*", "repo://acme/%C3%A9*", true),
        ("repo://acme/*?x=*", "repo://acme/*", true),
        ("repo://acme/*", "repo://acme/*?x=*", false),
        ("repo://acme/a;*", "repo://acme/a", true),
        ("repo://acme/a;**", "repo://acme/a", false),
        ("repo://acme/a/", "repo://acme/a", true),
        ("repo://acme/[a-z]", "repo://acme/?", false),
        ("file:///srv/*", "file:///srv/**", true),
    ] {
        let granted_pattern = ResourcePattern::new(granted).unwrap();
        let refused_pattern = ResourcePattern::new(refused).unwrap();
        let outer = [Forbidden::outer(&refused_pattern)];
        let answer = is_included(
            granted_pattern.glob(),
            &outer,
            Alphabet::Identifier,
            &mut Budget::new(),
        );
        assert_eq!(answer, Some(included), "{granted} in {refused}");
    }
}

/// Pieces that patterns over names are made of.
fn name_pattern() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => Just("a".to_owned()), 2 => Just("b".into()), 1 => Just("é".into()), 3 => Just("*".into()),
        1 => Just("?".into()), 1 => Just("[ab]".into()), 1 => Just("[!a]".into()),
        1 => Just("[à-ÿ]".into()), 1 => Just("\\*".into()), 1 => Just("𝄞".into()),
    ];
    prop::collection::vec(piece, 1..7).prop_map(|pieces| single_stars(&pieces.concat()))
}

/// `**` has no meaning in names.
fn single_stars(pattern: &str) -> String {
    let parts = pattern.split_inclusive('*').filter(|part| *part != "*");
    match pattern.starts_with('*') {
        true => format!("*{}", parts.collect::<String>()),
        false => parts.collect(),
    }
}

fn name_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!['a', 'b', 'c', 'é', 'è', '*', '𝄞']),
        0..9,
    )
    .prop_map(String::from_iter)
}

fn uri_pattern() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => Just("a".to_owned()), 2 => Just("/".into()), 2 => Just("*".into()), 2 => Just("**".into()),
        1 => Just("[ab]".into()), 1 => Just("%20".into()), 1 => Just(" x".into()), 1 => Just("é".into()),
        1 => Just("%C3%A9".into()), 1 => Just("%E2%82%AC".into()), 1 => Just("€".into()),
        1 => Just(";p=1".into()), 1 => Just("?q=a".into()), 1 => Just("%3F".into()), 1 => Just("%25".into()),
        1 => Just("[!a]".into()), 1 => Just("C".into()), 1 => Just("%F0%9D%84%9E".into()),
    ];
    let pieces = prop::collection::vec(piece, 1..7);
    pieces.prop_map(|pieces| format!("repo://acme/{}", pieces.concat()))
}

fn uri_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        "/",
        "%20",
        " x",
        "é",
        "%C3%A9",
        "€",
        "%E2%82%AC",
        ";p=1",
        "?q=a",
        "%3F",
        "%25",
        "C",
        "3",
        "%C3%A8",
        "𝄞",
        "%F0%9D%84%9E",
        "x",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| format!("repo://acme/{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn walking_a_name_is_matching_it(pattern in name_pattern(), text in name_text()) {
        let glob = Glob::name(&pattern).unwrap();
        prop_assert_eq!(accepts(&glob, &text), glob.matches(&text));
    }

    #[test]
    fn walking_a_uri_is_asking_the_engine(pattern in uri_pattern(), text in uri_text()) {
        let Ok(pattern) = ResourcePattern::new(&pattern) else { return Ok(()) };
        let Ok(uri) = ResourceUri::parse(&text) else { return Ok(()) };
        prop_assert_eq!(accepts(pattern.glob(), &text), pattern.permits(&uri));
        prop_assert_eq!(accepts(&Forbidden::outer(&pattern), &text), pattern.forbids(&uri));
        prop_assert_eq!(accepts(&Forbidden::inner(&pattern), &text), pattern.forbids(&uri));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn inclusion_holds_for_every_text(
        inner in name_pattern(), one in name_pattern(), other in name_pattern(), text in name_text(),
    ) {
        let [inner, one, other] = [inner, one, other].map(|text| Glob::name(&text).unwrap());
        let outer = [one, other];
        let answer = is_included(&inner, &outer, Alphabet::All, &mut Budget::of(5_000));
        if answer == Some(true) && inner.matches(&text) {
            prop_assert!(outer.iter().any(|outer| outer.matches(&text)));
        }
    }

    #[test]
    fn a_refusal_that_includes_a_grant_refuses_all_of_it(
        granted in uri_pattern(), refused in uri_pattern(), text in uri_text(),
    ) {
        let (Ok(granted), Ok(refused)) = (ResourcePattern::new(&granted), ResourcePattern::new(&refused)) else {
            return Ok(());
        };
        let Ok(uri) = ResourceUri::parse(&text) else { return Ok(()) };
        let outer = [Forbidden::outer(&refused)];
        let answer = is_included(granted.glob(), &outer, Alphabet::Identifier, &mut Budget::of(5_000));
        if answer == Some(true) && granted.permits(&uri) {
            prop_assert!(refused.forbids(&uri));
        }
        if answer == Some(false) && granted.exact() == Some(&text) {
            prop_assert!(!refused.forbids(&uri));
        }
        let answer = is_included(&Forbidden::inner(&granted), &outer, Alphabet::Identifier, &mut Budget::of(5_000));
        if answer == Some(true) && granted.forbids(&uri) {
            prop_assert!(refused.forbids(&uri));
        }
    }

    #[test]
    fn two_names_are_in_each_other_if_they_are_equal(name in "[a-z_]{1,12}") {
        prop_assert_eq!(name_included(&name, &[name.as_str()]), Some(true));
        prop_assert_eq!(name_included(&format!("{name}*"), &[name.as_str()]), Some(false));
    }
}
