//! What odd YAML means: places stay right, and nothing is silently taken for something else.

use mcp_guard_compiler::compilation::{Input, compile};
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::{Code, Diagnostic, Diagnostics};
use mcp_guard_compiler::source::Sources;

const HEAD: &str = "version: 1\nserver: github\nendpoints: { port: 8080, mcp: [/mcp] }\ncallers: { gateway: { namespaces: [gateway] } }\n";

/// The plugin configuration, and the findings with the text that each points at.
fn compiled(text: &str) -> (Option<String>, Vec<(Code, String)>) {
    let mut sources = Sources::default();
    let policy = sources.add("policy.yaml", text);
    let input = Input {
        policy,
        imported: std::collections::BTreeMap::new(),
        captured: None,
        deployment: None,
        overrides: Overrides::default(),
    };
    let mut found = Diagnostics::default();
    let compiled = compile(&sources, &input, &mut found);
    let pointed = |finding: &Diagnostic| {
        let place = finding.span().map(|span| sources.snippet(span).to_owned());
        (finding.code, place.unwrap_or_default())
    };
    let findings = found.into_sorted().iter().map(pointed).collect();
    (compiled.map(|compiled| compiled.plugin_config), findings)
}

fn with(rules: &str) -> (Option<String>, Vec<(Code, String)>) {
    compiled(&format!("{HEAD}{rules}"))
}

fn said(rules: &str) -> Vec<(Code, String)> {
    with(rules).1
}

fn equals(value: &str) -> String {
    let (json, found) = with(&format!(
        "allow:\n  a: {{ tools: [x], arguments: {{ v: {{ equals: {value} }} }} }}\n"
    ));
    let json = json.unwrap_or_else(|| panic!("{value}: {found:?}"));
    let (_, rest) = json.split_once("\"equals\":").unwrap();
    rest.split_once('}').unwrap().0.to_owned()
}

#[test]
fn places_are_right_with_every_line_ending_and_beyond_ascii() {
    let rules = "allow:\n  größe: {}\n  a:\n    tool: [x]\n";
    let expected = [
        (Code::Malformed, "größe".to_owned()),
        (Code::UnknownKey, "tool".to_owned()),
    ];
    assert_eq!(said(rules), expected);
    let windows = format!("{HEAD}{rules}").replace('\n', "\r\n");
    assert_eq!(compiled(&windows).1, expected);
    let marked = format!("\u{FEFF}{HEAD}{rules}");
    assert_eq!(compiled(&marked).1, expected);
    let marked = format!("# 𝄞 é\n\u{2028}{HEAD}").replace('\u{2028}', "");
    assert_eq!(compiled(&format!("{marked}{rules}")).1, expected);
}

#[test]
fn scalars_mean_what_yaml_1_2_says() {
    for (written, json) in [
        ("true", "true"),
        ("\"true\"", "\"true\""),
        ("\"yes\"", "\"yes\""),
        ("0", "0"),
        ("0.5", "0.5"),
        ("0e1", "0"),
        ("0abc-def", "\"0abc-def\""),
        ("null", "null"),
        ("~", "null"),
        ("7", "7"),
        ("+7", "7"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("-1.5", "-1.5"),
        ("'7'", "\"7\""),
        ("1.2.3", "\"1.2.3\""),
        (".inf", "\".inf\""),
        (".nan", "\".nan\""),
        ("2026-11-20", "\"2026-11-20\""),
        ("12:30:45", "\"12:30:45\""),
    ] {
        assert_eq!(equals(written), json, "{written}");
    }
}

#[test]
fn what_readers_take_differently_are_refused() {
    // YAML 1.1 takes 010 for 8 and 0x10 for 16; 1.2 takes 0x10 for 16 and 010 for 10.
    for written in [
        "010", "0x10", "0o10", "0b1", "-012", "1_000", "yes", "No", "off",
    ] {
        let found = said(&format!(
            "allow:\n  a: {{ tools: [x], arguments: {{ v: {{ equals: {written} }} }} }}\n"
        ));
        assert_eq!(found, [(Code::Malformed, written.to_owned())], "{written}");
    }
    for written in ["010", "0x10", "1_000", "1e3", "8080.0", "-1", "70000"] {
        let text = format!("{HEAD}allow: {{ a: {{ tools: [x] }} }}\n").replace("8080", written);
        let found = compiled(&text).1;
        assert_eq!(found.len(), 1, "{written}: {found:?}");
        assert_eq!(found[0].1, written);
    }
}

#[test]
fn words_that_look_like_something_else_need_quotes() {
    for (written, code) in [
        ("true", Code::WrongType),
        ("null", Code::WrongType),
        ("~", Code::WrongType),
        ("7", Code::WrongType),
        ("1e3", Code::WrongType),
        ("", Code::EmptyRule),
        ("!tag x", Code::AliasOrTag),
        ("&anchor x", Code::AliasOrTag),
        ("*alias", Code::AliasOrTag),
    ] {
        let found = said(&format!("allow:\n  a: {{ tools: [{written}] }}\n"));
        assert!(
            found.iter().any(|(said, _)| *said == code),
            "{written}: {found:?}"
        );
    }
    for written in ["yes", "\"7\"", "'null'", "0x10", "a b"] {
        let found = said(&format!("allow:\n  a: {{ tools: [{written}] }}\n"));
        assert_eq!(found, [], "{written}");
    }
    let found = said("allow:\n  a: { tools: [x], tasks: yes }\n");
    assert_eq!(found, [(Code::WrongType, "yes".to_owned())]);
}

#[test]
fn one_key_has_one_spelling() {
    for rules in [
        "allow:\n  a: { tools: [x] }\n  \"a\": { tools: [y] }\n",
        "allow:\n  a: { tools: [x] }\n  'a': { tools: [y] }\n",
        "allow:\n  a: { tools: [x] }\n  ? a\n  : { tools: [y] }\n",
        "allow:\n  a: { tools: [x] }\n  \"\\x61\": { tools: [y] }\n",
    ] {
        let found = said(rules);
        assert_eq!(
            found.first().map(|(code, _)| *code),
            Some(Code::DuplicateKey),
            "{rules}: {found:?}"
        );
    }
}

#[test]
fn merge_keys_merge_nothing() {
    let found = said("allow:\n  a:\n    <<: { tools: [x] }\n    tools: [y]\n");
    assert_eq!(found, [(Code::UnknownKey, "<<".to_owned())]);
    let found = said("allow:\n  <<: { tools: [x] }\n");
    assert_eq!(found.last(), Some(&(Code::Malformed, "<<".to_owned())));
}

#[test]
fn text_over_several_lines_is_one_text() {
    for because in [
        "|\n      one\n      two\n",
        ">-\n      one\n      two\n",
        "one\n      two\n",
        "\"one\n      two\"\n",
    ] {
        let (json, found) = with(&format!(
            "allow:\n  a:\n    tools: [x]\n    because: {because}    dry_run: maybe\n"
        ));
        assert_eq!(found, [(Code::WrongType, "maybe".to_owned())], "{because}");
        assert_eq!(json, None);
    }
    let found = said("allow:\n  a:\n    tools:\n      - |\n        x\n");
    assert_eq!(
        found.first().map(|(code, _)| *code),
        Some(Code::NeverMatches),
        "{found:?}"
    );
}

#[test]
fn tabs_and_control_characters_are_no_indentation() {
    for rules in [
        "allow:\n\ta: { tools: [x] }\n",
        "allow:\n  a: { tools: [\"x\0\"] }\n",
        "allow:\n  a: { tools: [\"\\x00y\"] }\n",
    ] {
        let (json, found) = with(rules);
        assert_eq!(json, None, "{rules:?}");
        assert!(
            !found.is_empty() && found.iter().all(|(code, _)| *code != Code::Internal),
            "{rules:?}: {found:?}"
        );
    }
}

#[test]
fn bombs_are_refused_quickly() {
    let aliases = (0..30)
        .map(|i| format!("a{}: &a{i} [*a{}, *a{}]\n", i, i.max(1) - 1, i.max(1) - 1))
        .collect::<String>();
    let bombs = [
        aliases,
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        (0..2_000)
            .map(|i| format!("{}a:\n", " ".repeat(i)))
            .collect(),
        format!(
            "{HEAD}allow:\n  a: {{ tools: [\"{}\"] }}\n",
            "x".repeat(4 << 20)
        ),
        format!(
            "{HEAD}allow:\n  a: {{ tools: [\"{}\"] }}\n",
            "*a".repeat(100_000)
        ),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "a: &b\n".repeat(10_000),
        "x".repeat(9 << 20),
        "%YAML 1.1\n---\na: 1\n".into(),
    ];
    for bomb in bombs {
        let started = std::time::Instant::now();
        let (_, found) = compiled(&bomb);
        let start: String = bomb.chars().take(20).collect();
        assert!(!found.is_empty(), "{start}");
        assert!(
            started.elapsed().as_secs() < 20,
            "{start}: {:?}",
            started.elapsed()
        );
    }
}
