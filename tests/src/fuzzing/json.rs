//! JSON as servers and clients read it, which is less strictly than the guard does.

use serde_json::Value;

/// Every member that some reader takes for `key`.
pub(super) fn members<'a>(object: &'a Value, key: &str) -> Vec<&'a Value> {
    let members = object.as_object().into_iter().flatten();
    let taken = members.filter(|(name, _)| folded(name) == folded(key));
    taken.map(|(_, value)| value).collect()
}

/// The member that all readers take for `key`.
pub(super) fn member<'a>(object: &'a Value, key: &str) -> Option<&'a Value> {
    let members = members(object, key);
    assert!(
        members.len() < 2,
        "several members that are taken for `{key}`"
    );
    assert_eq!(
        members.first().copied(),
        object.get(key),
        "`{key}` in another case"
    );
    members.first().copied()
}

/// A member that must be a text.
pub(super) fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    let text = member(object, key).and_then(Value::as_str);
    assert!(text.is_some(), "`{key}` is no text");
    text.unwrap_or_default()
}

/// Simple case folding, as Go's `encoding/json` has it.
fn folded(key: &str) -> String {
    let fold = |c: char| match c {
        '\u{17F}' => 's',
        '\u{212A}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    key.chars().map(fold).collect()
}
