use super::*;
use crate::diagnostic::{Code, Diagnostics};
use crate::source::Sources;

fn read(text: &str) -> (Option<Node>, Vec<Code>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("policy.yaml", text);
    let mut found = Diagnostics::default();
    let node = parse(&sources, file, &mut found);
    let codes = found.into_sorted().iter().map(|found| found.code).collect();
    (node, codes, sources)
}

#[test]
fn nodes_know_their_bytes() {
    let (node, codes, sources) = read("# comment\nü: [a, \"b\"]\nkey:\n  - x\n  - y: z\nend: 1\n");
    assert_eq!(codes, []);
    let Some(Node {
        kind: Kind::Mapping(entries),
        ..
    }) = node
    else {
        panic!("not a map")
    };
    let shown: Vec<_> = entries
        .iter()
        .map(|(key, value)| (sources.snippet(key.span), sources.snippet(value.span)))
        .collect();
    assert_eq!(
        shown,
        [("ü", "[a, \"b\"]"), ("key", "- x\n  - y: z"), ("end", "1")]
    );
}

#[test]
fn each_mistake_is_said() {
    for (text, code) in [
        ("a: *_org_*\n", Code::AliasOrTag),
        ("a: [*_org_*, b]\n", Code::AliasOrTag),
        ("a: [*, b]\n", Code::AliasOrTag),
        ("a: !x\n", Code::AliasOrTag),
        ("a: &x b\nc: *x\n", Code::AliasOrTag),
        ("a: 1\na: 2\n", Code::DuplicateKey),
        ("a: [1\n", Code::InvalidYaml),
        ("a: b: c\n", Code::InvalidYaml),
        ("", Code::NotOneDocument),
        ("a: 1\n---\nb: 2\n", Code::NotOneDocument),
        ("[a]: 1\n", Code::WrongType),
    ] {
        let (_, codes, _) = read(text);
        assert!(codes.contains(&code), "{text}: {codes:?}");
    }
    let deep = "[".repeat(100);
    assert_eq!(read(&deep).1, [Code::TooLarge]);
}
