use super::{
    PatternFault, ResourcePattern, ResourceUri, TemplatePrefix, UriFault, template_literal,
};
use UriFault as F;
use proptest::prelude::*;

fn fault(uri: &str) -> Option<UriFault> {
    ResourceUri::parse(uri).err()
}

fn pattern(pattern: &str) -> ResourcePattern {
    ResourcePattern::new(pattern).unwrap()
}

fn uri(text: &str) -> ResourceUri<'_> {
    ResourceUri::parse(text).unwrap()
}

#[test]
fn accepted() {
    for text in [
        "file:///home/me/My Documents/naïve.txt",
        "file:///home/me/My%20Documents/na%C3%AFve.txt",
        "file:///",
        "file:///srv/..foo/a..b/foo./.gitignore",
        "file:///app/[slug]/page.tsx",
        "file:///notes/C%23 basics.md",
        "file:///notes/100%25.md",
        "file:///notes/50%25 off.md",
        "repo://Microsoft/vscode/contents/src/main.ts?ref=v1..v2",
        "postgres://localhost:5432/app/users/schema",
        "https://api.example.com/v1/items?id=1&next=https://example.com/x",
        "https://[2001:db8::1]:8443/x",
        "http://127.0.0.1:8080/x",
        "urn:isbn:0451450523",
        "memory:notes",
        "test:///a",
        "ui://widget/weather.html",
        "x-custom+v1.0://a",
        "emoji:///⚙️ settings/❤️",
        "api://routes/users/:id",
        "foo:/a/b/",
    ] {
        assert_eq!(fault(text), None, "{text}");
    }
}

#[test]
fn refused() {
    for (text, expected) in [
        ("", F::Scheme),
        ("/etc/passwd", F::Scheme),
        ("FILE:///x", F::Scheme),
        ("1a:x", F::Scheme),
        ("my_scheme://x", F::Scheme),
        (" file:///x", F::Scheme),
        ("C:/x", F::DriveLetter),
        ("c:\\x", F::DriveLetter),
        ("file:///C:/x", F::DriveLetter),
        ("file:///c%3A/x", F::DriveLetter),
        ("file:///c%7C/x", F::DriveLetter),
        ("file:///c|/x", F::Character),
        ("x://c:/x", F::DriveLetter),
        ("file:x", F::Authority),
        ("file:/x", F::Authority),
        ("file://localhost/x", F::FileAuthority),
        ("file:////host/x", F::Unc),
        ("repo://a//b", F::Unc),
        ("repo://a/b//c", F::EmptySegment),
        ("repo://a/b/;/c", F::EmptySegment),
        ("repo://a/b;", F::EmptyParameter),
        ("repo://a/~:/b", F::DriveLetter),
        ("repo:", F::EmptyPath),
        ("repo://", F::EmptyPath),
        ("https://example.com", F::EmptyPath),
        ("https://example.com?x=1", F::EmptyPath),
        ("https:example.com/x", F::Authority),
        ("https:///x", F::Authority),
        ("https://u@example.com/x", F::Userinfo),
        ("repo://u%40h/x", F::Userinfo),
        ("https://Example.com/x", F::Host),
        ("https://ex%41mple.com/x", F::EncodedUnreserved),
        ("https://exämple.com/x", F::Host),
        ("https://example.com./x", F::Host),
        ("https://127.1/x", F::Host),
        ("https://0x7f000001/x", F::Host),
        ("https://2130706433/x", F::Host),
        ("https://0177.0.0.1/x", F::Host),
        ("https://[::FFFF]/x", F::Host),
        ("https://[0:0::1]/x", F::Host),
        ("https://[::ffff:1.2.3.4]/x", F::Host),
        ("https://[::1/x", F::Authority),
        ("https://[::1]x/x", F::Authority),
        ("https://a:443/x", F::Port),
        ("https://ab:/x", F::Port),
        ("https://a:080/x", F::Port),
        ("https://a:65536/x", F::Port),
        ("repo://ab:x/x", F::Port),
        ("repo://a b/x", F::Authority),
        ("repo://a%3Ab/x", F::Authority),
        ("repo://../x", F::DotSegment),
        ("repo://a/..", F::DotSegment),
        ("repo://a/./b", F::DotSegment),
        ("repo:../b", F::DotSegment),
        ("repo://a/.../b", F::DotSegment),
        ("repo://a/..%20/b", F::DotSegment),
        ("repo://a/. ./b", F::DotSegment),
        ("repo://a/.\u{A0}./b", F::DotSegment),
        ("repo://a/.\u{FE0F}./b", F::DotSegment),
        ("repo://a/..;x/b", F::DotSegment),
        ("repo://a/..%3Bx/b", F::DotSegment),
        ("repo://a/..%3Fx/b", F::DotSegment),
        ("repo://a/..:x/b", F::DotSegment),
        ("repo://a/..；x/b", F::DotSegment),
        ("repo://a/%2e%2e/b", F::EncodedUnreserved),
        ("repo://a/.%2E/b", F::EncodedUnreserved),
        ("repo://a/%61", F::EncodedUnreserved),
        ("repo://a/%252E", F::DoubleEncoding),
        ("repo://a/%25252E", F::DoubleEncoding),
        ("repo://a/%25u002E", F::DoubleEncoding),
        ("repo://a/%u002E", F::Escape),
        ("repo://a/%", F::Escape),
        ("repo://a/%2", F::Escape),
        ("repo://a/%g0", F::Escape),
        ("repo://a/%é", F::Escape),
        ("repo://a/b%2Fc", F::EncodedSeparator),
        ("repo://a/b%2fc", F::EncodedSeparator),
        ("repo://a/b%5Cc", F::EncodedSeparator),
        ("repo://a/%c3%a9", F::EscapeCase),
        ("repo://a/%3f", F::EscapeCase),
        ("repo://a/%C0%AE", F::EncodedUtf8),
        ("repo://a/%E0%80%AE", F::EncodedUtf8),
        ("repo://a/%F0%80%80%AE", F::EncodedUtf8),
        ("repo://a/%ED%A0%80", F::EncodedUtf8),
        ("repo://a/%C3", F::EncodedUtf8),
        ("repo://a/%C3(", F::EncodedUtf8),
        ("repo://a/%80", F::EncodedUtf8),
        ("repo://a/%F4%90%80%80", F::EncodedUtf8),
        ("repo://a/\0", F::Control),
        ("repo://a/%00", F::Control),
        ("repo://a/%0A", F::Control),
        ("repo://a/\t", F::Control),
        ("repo://a/\u{85}", F::Control),
        ("repo://a/%C2%85", F::Control),
        ("repo://a/\u{2028}", F::Control),
        ("repo://a\\b", F::Backslash),
        ("repo://a/\u{200B}", F::Invisible),
        ("repo://a/%E2%80%AE", F::Invisible),
        ("repo://a/\u{FEFF}", F::Invisible),
        ("repo://a/．．/b", F::LookAlike),
        ("repo://a/%EF%BC%8E", F::LookAlike),
        ("repo://a/b∕c", F::LookAlike),
        ("repo://a/％2e", F::LookAlike),
        ("repo://a/\u{F05C}", F::Character),
        ("repo://a/\u{FFFD}", F::Character),
        ("repo://a/{x}", F::Character),
        ("repo://a/b ", F::TrailingBlank),
        ("repo://a/b%20/c", F::TrailingBlank),
        ("repo://a/b?", F::EmptyQuery),
        ("repo://a/b#c", F::Fragment),
        ("repo://a/b?f=../../y", F::DotSegment),
        ("repo://a/b?..", F::DotSegment),
        ("repo://a/b?f=.", F::DotSegment),
        ("repo://a/b?f=%3D../y", F::DotSegment),
        ("repo://a/b?f=x/.. /y", F::DotSegment),
        ("repo://a/b?f=%2E%2E", F::EncodedUnreserved),
        ("repo://a/b?f=//host", F::Unc),
        ("repo://a/b?f=C:/x", F::DriveLetter),
        ("repo://a/b?f=C%7C/x", F::DriveLetter),
    ] {
        assert_eq!(fault(text), Some(expected), "{text:?}");
    }
}

#[test]
fn patterns_match_the_bytes_sent() {
    let data = pattern("file:///srv/data/**");
    assert!(data.permits(&uri("file:///srv/data/a/b")));
    assert!(!data.permits(&uri("file:///srv/data-2/a")));
    assert!(!data.permits(&uri("file:///srv/data/a?b")));
    assert_eq!(data.scheme(), "file");
    assert_eq!(data.source(), "file:///srv/data/**");
    let spaced = pattern("file:///My Documents/*");
    assert!(spaced.permits(&uri("file:///My Documents/x")));
    assert!(!spaced.permits(&uri("file:///My%20Documents/x")));
    assert_eq!(pattern("repo://Acme/x").exact(), Some("repo://Acme/x"));
    assert!(!pattern("repo://Acme/*").permits(&uri("repo://acme/x")));
}

#[test]
fn refusals_hold_in_every_spelling() {
    for (deny, text) in [
        ("file:///My Documents/**", "file:///My%20Documents/x"),
        ("file:///My%20Documents/**", "file:///My Documents/x"),
        ("file:///My%20Documents/**", "file:///My Documents/a%3Fb"),
        ("file:///x/é", "file:///x/%C3%A9"),
        ("file:///x/%C3%A9*", "file:///x/éa"),
        ("file:///a%2A/*", "file:///a*/x"),
        ("file:///a\\*/*", "file:///a%2A/x"),
        ("repo://acme/secret/**", "repo://acme/secret/x?ref=main"),
        ("repo://acme/secret", "repo://acme/secret?x"),
    ] {
        assert!(pattern(deny).forbids(&uri(text)), "{deny} {text}");
    }
    assert!(!pattern("file:///a%2A/*").forbids(&uri("file:///ab/x")));
    assert!(!pattern("repo://a/b?x=*").forbids(&uri("repo://a/b")));
    assert!(!pattern("repo://a/b%3F").forbids(&uri("repo://a/b?x")));
}

#[test]
fn patterns_that_match_nothing_are_refused() {
    for (text, fault) in [
        ("*://x", PatternFault::Scheme),
        ("/srv/**", PatternFault::Scheme),
        ("f*:///x", PatternFault::Scheme),
        (
            "file:///srv/../x/**",
            PatternFault::Unmatchable(F::DotSegment),
        ),
        (
            "file:///srv\\\\x/**",
            PatternFault::Unmatchable(F::Backslash),
        ),
        ("file:///x#**", PatternFault::Unmatchable(F::Fragment)),
        (
            "file://host/**",
            PatternFault::Unmatchable(F::FileAuthority),
        ),
        (
            "https://example.com",
            PatternFault::Unmatchable(F::EmptyPath),
        ),
        ("https://Example.com/**", PatternFault::Unmatchable(F::Host)),
        (
            "repo://a/%2F*",
            PatternFault::Unmatchable(F::EncodedSeparator),
        ),
        ("repo://a/{x}", PatternFault::Unmatchable(F::Character)),
    ] {
        assert_eq!(ResourcePattern::new(text).unwrap_err(), fault, "{text}");
    }
    for text in [
        "file://**",
        "file:///**",
        "file:**",
        "foo:**",
        "foo://**",
        "https://**",
        "https:**",
        "http://*:*/**",
        "https://*.example.com/**",
        "http://10.0.0.*/x",
        "repo://[a-z]*/**?ref=*",
        "foo://a/..*",
    ] {
        assert!(ResourcePattern::new(text).is_ok(), "{text}");
    }
}

#[test]
fn templates() {
    assert_eq!(template_literal("repo://{owner}/{repo}"), Some("repo://"));
    assert_eq!(
        template_literal("https://api.{region}.example.com/"),
        Some("https://api.")
    );
    assert_eq!(template_literal("file://{path}"), Some("file://"));
    assert_eq!(
        template_literal("http://host:{port}/x"),
        Some("http://host:")
    );
    assert_eq!(template_literal("{+uri}"), None);
    assert_eq!(template_literal("repo://a/../{x}"), None);
    assert_eq!(template_literal("repo://a/..{/x}"), None);
    assert_eq!(template_literal("repo://a/%2{x}"), None);
    assert_eq!(template_literal("repo://a/{x}\u{202E}"), None);
    assert!(!TemplatePrefix::parse("repo://a/{x}").unwrap().is_complete());

    let acme = pattern("repo://acme/**");
    for template in [
        "repo://{owner}/x",
        "repo://acme/{x}",
        "repo://ac{x}",
        "repo://acme/y",
    ] {
        assert!(acme.may_permit_template(template), "{template}");
    }
    for template in [
        "repo://evil/{x}",
        "file:///{x}",
        "repo://acme",
        "repo://acme/x?{y}",
        "{+uri}",
    ] {
        assert!(!acme.may_permit_template(template), "{template}");
    }
}

#[test]
fn labels_are_distinct_and_snake_case() {
    let labels = [F::Scheme, F::Unc, F::DotSegment, F::EncodedUtf8].map(UriFault::label);
    assert_eq!(labels, ["scheme", "unc", "dot_segment", "encoded_utf8"]);
}

proptest! {
    /// What is accepted has no dot segment however often it is decoded, told without the parser.
    #[test]
    fn accepted_uris_have_no_dot_segments(tail in "([./%2eE5cCfF; ?=]|%2E|%20|é|a){0,12}") {
        let text = format!("repo://acme/{tail}");
        if ResourceUri::parse(&text).is_ok() {
            let mut lower = text.to_lowercase();
            for _ in 0..6 {
                lower = lower.replace("%25", "%").replace("%2e", ".").replace("%2f", "/").replace("%5c", "/");
            }
            // Some cut a segment at its parameters; an equals sign is one more letter of it, and ends a name in a query.
            let (path, query) = lower.split_once('?').unwrap_or((&lower, ""));
            let segments = path.split('/').flat_map(|segment| [segment, segment.split(';').next().unwrap_or(segment)]);
            let mut parts = segments.chain(query.split(['/', '?', '=', ';']));
            prop_assert!(!parts.any(|part| matches!(part.trim(), "." | "..")), "{text}");
        }
    }

    #[test]
    fn never_panics(text in "(file:///|repo://|https://a/)?\\PC{0,30}") {
        let _ = ResourceUri::parse(&text);
        let _ = template_literal(&text);
        let _ = ResourcePattern::new(&text);
    }
}

#[test]
fn another_name_for_a_forbidden_resource_is_forbidden() {
    for (pattern, uri) in [
        ("file:///srv/secret.txt", "file:///srv/secret.txt/"),
        ("file:///srv/*.key", "file:///srv/a.key/"),
        ("https://h.example/admin", "https://h.example/admin;x=1"),
        (
            "https://h.example/admin/**",
            "https://h.example/admin;x=1/users",
        ),
        ("file:///srv/secret.txt", "file:///srv/secret.txt?v=1"),
    ] {
        let forbidden = ResourcePattern::new(pattern).unwrap();
        let uri = ResourceUri::parse(uri);
        assert!(
            uri.is_err() || uri.is_ok_and(|uri| forbidden.forbids(&uri)),
            "{pattern} {uri:?}"
        );
    }
    let other = ResourceUri::parse("file:///srv/open.txt").unwrap();
    assert!(
        !ResourcePattern::new("file:///srv/*.key")
            .unwrap()
            .forbids(&other)
    );
}
