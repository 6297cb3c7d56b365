//! Resource URIs: what is accepted names the same thing however often it is decoded, and no
//! pattern lets a URI out of the folder that it names.

use mcp_guard_engine::uri::{ResourcePattern, ResourceUri, TemplatePrefix};

/// A folder, as a policy would permit it and as a server would hold its files.
const PERMITTED: &str = "file:///srv/data/**";
const FOLDER: &str = "/srv/data/";

/// Reads a pattern, a line break, and a URI.
pub fn uri(input: &[u8]) {
    let Some((pattern, text)) = str::from_utf8(input)
        .ok()
        .and_then(|input| input.split_once('\n'))
    else {
        return;
    };
    let uri = ResourceUri::parse(text);
    if let Ok(uri) = &uri {
        check_text(uri, text);
        check_folder(uri);
    }
    let Ok(pattern) = ResourcePattern::new(pattern) else {
        return;
    };
    if let Ok(uri) = &uri {
        check_pattern(&pattern, uri);
    }
    check_template(&pattern, text);
}

fn check_text(uri: &ResourceUri<'_>, text: &str) {
    assert_eq!(uri.as_str(), text);
    assert!(text.starts_with(uri.scheme()));
    assert_never_climbs(text);
}

/// Nothing in the path or the query is a dot segment.
pub(super) fn assert_never_climbs(uri: &str) {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    assert_no_dots(path, &['/']);
    assert_no_dots(query, &['/', '?', '&', '=', ';']);
}

/// No part of the text is a dot segment, as it stands or decoded any number of times; nor if a
/// server cuts path parameters off (`..;a=1`).
fn assert_no_dots(text: &str, separators: &[char]) {
    for spelling in spellings(text) {
        let hidden = |c: char| c.is_control() || c == '\\';
        assert!(!spelling.contains(hidden), "{spelling:?}");
        for part in spelling.split(separators) {
            let (name, _parameters) = part.split_once(';').unwrap_or((part, ""));
            assert!(!matches!(name.trim(), "." | ".."), "{spelling:?}");
        }
    }
}

/// A permitted URI stays in its folder, whatever a server decodes before it resolves.
fn check_folder(uri: &ResourceUri<'_>) {
    let permitted = ResourcePattern::new(PERMITTED);
    if !permitted.is_ok_and(|pattern| pattern.permits(uri)) {
        return;
    }
    for spelling in spellings(uri.as_str()) {
        let path = spelling.strip_prefix("file://").unwrap_or_default();
        assert!(resolve(path).starts_with(FOLDER), "{spelling:?}");
    }
}

fn check_pattern(pattern: &ResourcePattern, uri: &ResourceUri<'_>) {
    let permits = pattern.permits(uri);
    if permits {
        assert_eq!(pattern.scheme(), uri.scheme());
        assert!(pattern.forbids(uri), "a rule that refuses is the narrower");
    }
    if let Some(exact) = pattern.exact() {
        assert_eq!(exact == uri.as_str(), permits);
    }
    let text = uri.as_str();
    let beginnings = text.char_indices().filter_map(|(end, _)| text.get(..end));
    for beginning in beginnings.filter(|_| permits && !text.contains(['{', '}'])) {
        let template = format!("{beginning}{{rest}}");
        let shown = TemplatePrefix::parse(&template).is_ok();
        assert_eq!(
            pattern.may_permit_template(&template),
            shown,
            "{template:?}"
        );
    }
}

/// A template is shown only if its literal text is one that a URI can begin with.
fn check_template(pattern: &ResourcePattern, template: &str) {
    let Ok(prefix) = TemplatePrefix::parse(template) else {
        assert!(!pattern.may_permit_template(template));
        return;
    };
    assert!(template.starts_with(prefix.as_str()));
    assert_eq!(prefix.is_complete(), !template.contains('{'));
    let same_scheme = template.starts_with(pattern.scheme());
    let undecided = pattern.scheme().starts_with(prefix.as_str());
    assert!(same_scheme || undecided || !pattern.may_permit_template(template));
}

/// The text, decoded never, once, and so on until nothing changes.
fn spellings(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    loop {
        let last = all.last().map(String::as_str).unwrap_or_default();
        let decoded = decode(last);
        if decoded == last {
            return all;
        }
        all.push(decoded);
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let escape = digits.and_then(|digits| str::from_utf8(digits).ok());
        let decoded = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(decoded.unwrap_or(*first));
        rest = after.get(decoded.map_or(0, |_| 2)..).unwrap_or_default();
    }
    let decoded = String::from_utf8(bytes);
    assert!(decoded.is_ok(), "{text:?} hides bytes that are not UTF-8");
    decoded.unwrap_or_default()
}

/// Removes `.` and `..` as file systems do.
fn resolve(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('?').next().unwrap_or_default().split('/') {
        match part {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            part => kept.push(part),
        }
    }
    format!("/{}/", kept.join("/"))
}
