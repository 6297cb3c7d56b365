//! Resource URIs: real ones are accepted, attacks are refused, and what is accepted of the
//! generated ones stays where its pattern says, in the eyes of Rust's URL library.

mod lists;
mod resolver;

use mcp_guard_engine::uri::{ResourcePattern, ResourceUri, template_literal};
use std::process::Command;

#[test]
fn legitimate_uris_are_accepted() {
    let uris = lists::legitimate();
    assert!(uris.len() >= 200, "only {} legitimate URIs", uris.len());
    for text in &uris {
        if text.contains('{') {
            let literal = template_literal(text);
            assert!(literal.is_some(), "the template {text} is refused");
            continue;
        }
        let uri = ResourceUri::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert_eq!(uri.as_str(), text);
        let exact = ResourcePattern::new(&escaped(text)).unwrap();
        assert!(exact.permits(&uri), "{text} does not fit itself");
        assert!(exact.forbids(&uri), "{text} does not fit itself");
    }
}

#[test]
fn attacks_are_refused() {
    let attacks = lists::attacks();
    assert!(attacks.len() >= 200, "only {} attacks", attacks.len());
    for text in &attacks {
        assert!(ResourceUri::parse(text).is_err(), "{text:?} is accepted");
        assert!(template_literal(text).is_none(), "{text:?} is accepted");
    }
}

#[test]
fn accepted_uris_stay_under_their_root_in_rust() {
    let output = Command::new(env!("CARGO_BIN_EXE_uri_corpus"))
        .output()
        .unwrap();
    assert!(output.status.success(), "too few URIs were accepted");
    let corpus = lists::corpus(&String::from_utf8(output.stdout).unwrap());
    assert!(corpus.len() >= 1000, "only {} accepted URIs", corpus.len());
    let mut refused = 0_usize;
    for (root, uri) in &corpus {
        match resolver::escape(root, uri) {
            Ok(None) => {}
            Ok(Some(reading)) => panic!("{uri:?} escapes from {root:?} as {reading:?}"),
            Err(_) => refused += 1,
        }
    }
    assert!(
        refused * 10 <= corpus.len(),
        "the resolver refuses {refused}"
    );
}

/// The resolver itself must be able to find something.
#[test]
fn the_resolver_sees_escapes() {
    for (root, uri) in [
        ("file:///srv/data/", "file:///srv/data/../x"),
        ("file:///srv/data/", "file:///srv/data/%2e%2e/x"),
        ("file:///srv/data/", "file:///srv/data/%252e%252e/x"),
        ("file:///srv/data/", "file:///srv/data/..%5Cx"),
        ("file:///srv/data/", "file:///srv/data//etc/passwd"),
        ("file:///srv/data/", "file://host/srv/data/x"),
        ("repo://acme/", "repo://Acme/x"),
        ("repo://acme/", "repo://acme/x?f=../y"),
        ("skill:notes/public/", "skill:notes/public/../x"),
    ] {
        assert!(resolver::escape(root, uri).unwrap().is_some(), "{uri}");
    }
}

/// The text as a pattern that matches it alone.
fn escaped(text: &str) -> String {
    let special = |c: char| matches!(c, '*' | '[' | '\\');
    text.chars()
        .flat_map(|c| special(c).then_some('\\').into_iter().chain([c]))
        .collect()
}
