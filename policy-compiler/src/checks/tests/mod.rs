mod captured;

use crate::diagnostic::Code;
use crate::testing::{Compiled, Texts};

const HEAD: &str = "version: 1
server: github
endpoints: { port: 8080, mcp: [/mcp] }
callers: { a: { namespaces: [a] }, b: { namespaces: [b] } }
";

/// The codes that rules give rise to, each with what it points at.
fn said(rules: &str, tools: Option<&str>) -> Vec<(Code, String)> {
    let policy = &format!("{HEAD}{rules}");
    let texts = Texts {
        policy,
        captured: tools,
        ..Texts::default()
    };
    let Compiled { sources, found, .. } = texts.compile();
    let places = found.iter().map(|finding| {
        let place = finding.span().map(|span| sources.snippet(span));
        (finding.code, place.unwrap_or_default().to_owned())
    });
    places.collect()
}

fn expect(code: Code, cases: &[(&str, &[&str])]) {
    for (rules, places) in cases {
        let found = said(rules, None);
        let expected: Vec<_> = places
            .iter()
            .map(|place| (code, (*place).to_owned()))
            .collect();
        assert_eq!(found, expected, "{rules}");
    }
}

#[test]
fn a_grant_is_shadowed_only_if_all_of_it_is_refused_to_all() {
    expect(
        Code::ShadowedAllow,
        &[
            (
                "allow: { x: { tools: [y] } }\ndeny: { z: { tools: [y] } }\n",
                &["x"],
            ),
            (
                "allow: { x: { tools: [y, v] } }\ndeny: { z: { tools: [\"?\"], arguments: { a: { equals: 1 } } } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [y, v] } }\ndeny: { z: { tools: [y], callers: [a] } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [y, v], callers: [a] }, w: { tools: [v] } }\ndeny: { z: { tools: [y], callers: [a] } }\n",
                &["y"],
            ),
            (
                "allow: { x: { tools: [y, v] } }\ndeny: { z: { tools: [y], callers: [a] }, w: { tools: [\"y*\"], callers: [b] } }\n",
                &["y"],
            ),
            (
                "allow: { x: { tools: [y, v] } }\ndeny: { z: { tools: [y], dry_run: true } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [y, v], dry_run: true } }\ndeny: { z: { tools: [y], dry_run: true } }\n",
                &["y"],
            ),
            // Two refusals together.
            (
                "allow: { x: { tools: [\"get_[ab]*\", v] } }\ndeny: { z: { tools: [\"get_a*\"] }, w: { tools: [\"get_b*\"] } }\n",
                &["\"get_[ab]*\""],
            ),
            (
                "allow: { x: { tools: [\"get_[abc]*\", v] } }\ndeny: { z: { tools: [\"get_a*\"] }, w: { tools: [\"get_b*\"] } }\n",
                &[],
            ),
            // A refusal whose conditions follow from those of the grant.
            (
                "allow: { x: { tools: [y], arguments: { o: { one_of: [p, q] } } } }\ndeny: { z: { tools: [y], arguments: { o: { glob: \"?\" } } } }\n",
                &["x"],
            ),
            (
                "allow: { x: { tools: [y], arguments: { o: { one_of: [p, qq] } } } }\ndeny: { z: { tools: [y], arguments: { o: { glob: \"?\" } } } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [y], arguments: { o: { range: { min: 2, max: 3 } } } } }\ndeny: { z: { tools: [y], arguments: { o: { range: { min: 1 } } } } }\n",
                &["x"],
            ),
            (
                "allow: { x: { tools: [y], arguments: { o: { equals: 5 } } } }\ndeny: { z: { tools: [y], arguments: { o: { equals: \"5\" } } } }\n",
                &["x"],
            ),
            (
                "allow: { x: { prompts: [y] } }\ndeny: { z: { prompts: [\"*\"] } }\n",
                &["x"],
            ),
            (
                "allow: { x: { resources: [\"repo://a/b c\", \"repo://a/d\"] } }\ndeny: { z: { resources: [\"repo://a/b%20*\"] } }\n",
                &["\"repo://a/b c\""],
            ),
            (
                "allow: { x: { resources: [\"repo://a/**\"] } }\ndeny: { z: { resources: [\"repo://a/*\"] } }\n",
                &[],
            ),
            (
                "allow: { x: { tasks: true, server_requests: [roots] } }\ndeny: { z: { tasks: true, server_requests: [roots] } }\n",
                &["x"],
            ),
            (
                "allow: { x: { methods: [ping, logging/setLevel] } }\ndeny: { z: { methods: [ping] } }\n",
                &["ping"],
            ),
        ],
    );
}

#[test]
fn what_never_matches_is_an_error() {
    expect(
        Code::NeverMatches,
        &[
            (
                "allow: { x: { prompts: [y], arguments: { a: { equals: 1 } } } }\n",
                &["a"],
            ),
            (
                "allow: { x: { tools: [y], arguments: { a: { equals: 1 }, a.b: { equals: 1 } } } }\n",
                &["a.b"],
            ),
            (
                "allow: { x: { tools: [y] } }\ndeny: { z: { tools: [y], arguments: { a: { equals: 1 }, a.b: { equals: 1 } } } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [\"y\\u0007*\"] } }\n",
                &["\"y\\u0007*\""],
            ),
            ("allow: { x: { tools: [\"[\\u0007a]*\"] } }\n", &[]),
            ("allow: { x: { methods: [\"\"] } }\n", &["\"\""]),
        ],
    );
}

#[test]
fn what_fits_everything_is_over_broad() {
    expect(
        Code::OverBroad,
        &[
            ("allow: { x: { tools: [\"*\"] } }\n", &["\"*\""]),
            (
                "allow: { x: { tools: [\"?*\"], prompts: [\"*?\"] } }\n",
                &["\"?*\"", "\"*?\""],
            ),
            (
                "allow: { x: { tools: [\"*_*\", \"??*\", \"[a-z]*\"] } }\n",
                &[],
            ),
            (
                "allow: { x: { resources: [\"repo://**\", \"file:///**\"] } }\n",
                &["\"repo://**\"", "\"file:///**\""],
            ),
            (
                "allow: { x: { resources: [\"repo://*/**\", \"file:///srv/**\"] } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [y], arguments: { a: { glob: \"*\" } } } }\n",
                &["\"*\""],
            ),
            (
                "tool_groups: { all: [\"*\"] }\nallow: { x: { tool_groups: [all] } }\n",
                &["all"],
            ),
            (
                "allow: { x: { tools: [y] } }\ndeny: { z: { callers: [a], tools: [\"*\"] } }\n",
                &[],
            ),
        ],
    );
}

#[test]
fn mutating_tools_need_an_answer() {
    expect(
        Code::UnapprovedMutation,
        &[
            (
                "allow: { x: { tools: [create_issue] } }\n",
                &["create_issue"],
            ),
            (
                "allow: { x: { tools: [create_issue], approval: notify } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [create_issue], approval: none } }\n",
                &["create_issue"],
            ),
            (
                "allow: { x: { tools: [create_issue], approval: none, because: reviewed } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [delete_issue, \"*_update_*\"] } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [delete_issue], approval: none } }\n",
                &["delete_issue"],
            ),
            ("allow: { x: { tools: [\"*delete\"] } }\n", &["\"*delete\""]),
            (
                "allow: { x: { tools: [list_merge_requests, \"search_*\"] } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [issue], arguments: { method: { one_of: [get, delete] } } } }\n",
                &["delete"],
            ),
            (
                "allow: { x: { tools: [issue], arguments: { owner: { equals: merge-team } } } }\n",
                &[],
            ),
            // Another rule asks, or denies.
            (
                "allow: { x: { tools: [\"*_issue\", push_code], callers: [a] }, y: { tools: [push_code], approval: notify } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [get_issue, push_code] }, y: { tools: [push_code], approval: notify, callers: [a] } }\n",
                &["push_code"],
            ),
        ],
    );
}

#[test]
fn entries_that_say_nothing_new_are_repeated() {
    expect(
        Code::RepeatedEntry,
        &[
            ("allow: { x: { tools: [y, y] } }\n", &["y"]),
            ("allow: { x: { tools: [y, \"\\\\y\"] } }\n", &["\"\\\\y\""]),
            (
                "allow: { x: { tools: [\"get_a*\", \"get_*\", get_b] } }\n",
                &["\"get_a*\"", "get_b"],
            ),
            (
                "allow: { x: { callers: [a, a], tools: [y], methods: [ping, ping] }, v: { tools: [w] } }\n",
                &["a", "ping"],
            ),
            (
                "allow: { x: { resources: [\"repo://a/b\", \"repo://a/*\"] } }\n",
                &["\"repo://a/b\""],
            ),
            (
                "allow: { x: { resources: [\"repo://a/é\", \"repo://a/%C3%A9\"] } }\n",
                &[],
            ),
            (
                "allow: { x: { tools: [y] } }\ndeny: { z: { resources: [\"repo://a/é\", \"repo://a/%C3%A9\"] } }\n",
                &["\"repo://a/%C3%A9\""],
            ),
            (
                "allow: { x: { tools: [y], arguments: { a: { one_of: [1, \"1\", 1.0] } } } }\n",
                &["1.0"],
            ),
            (
                "tool_groups: { g: [y, y] }\nallow: { x: { tool_groups: [g], tools: [y] } }\n",
                &["y"],
            ),
        ],
    );
}

#[test]
fn what_follows_from_an_error_is_not_said() {
    for (rules, code) in [
        ("allow: { x: { tool: [y] } }\n", Code::UnknownKey),
        ("allow: { x: { tools: [] } }\n", Code::EmptyRule),
        (
            "allow: { x: { server_requests: [root] } }\n",
            Code::UnknownValue,
        ),
        (
            "allow: { x: { tools: [create_x], approval: no } }\n",
            Code::UnknownValue,
        ),
        (
            "allow: { x: { tool_groups: [g], arguments: { a: { equals: 1 } } } }\n",
            Code::UnknownToolGroup,
        ),
    ] {
        let codes: Vec<Code> = said(rules, None).iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, [code], "{rules}");
    }
}

#[test]
fn methods_are_named_exactly() {
    let rules = "allow: { r: { tools: [t] } }\ndeny: { d: { methods: [\"*\", \"tools/*\"] } }\n";
    let found = said(rules, None);
    let expected = ["\"*\"", "\"tools/*\""].map(|place| (Code::UnknownMethod, place.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn silence_is_not_agreement_where_patterns_were_not_compared() {
    let letter = |number: u32| char::from_u32(u32::from('a') + number % 26).unwrap();
    let patterns: Vec<String> = (0..400)
        .map(|number| {
            let letters = (0..12).map(|place| letter(number * 7 + place * place));
            let runs: String = letters.map(|letter| format!("*{letter}")).collect();
            format!("\"x{number}{runs}*\"")
        })
        .collect();
    let rules = |patterns: &[String]| {
        let listed = patterns.join(", ");
        format!(
            "allow: {{ r: {{ tools: [{listed}], approval: notify }} }}\ndeny: {{ d: {{ tools: [{listed}] }} }}\n"
        )
    };
    let codes = |patterns: &[String]| {
        said(&rules(patterns), None)
            .into_iter()
            .map(|(code, _)| code)
    };
    assert!(codes(&patterns).any(|code| code == Code::NotAllChecked));
    assert!(!codes(&patterns[..2]).any(|code| code == Code::NotAllChecked));
}
