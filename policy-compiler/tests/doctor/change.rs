//! Changes of JSON, as RFC 6902 writes them: `add`, `remove` and `replace`.
//!
//! An item of a list may be named instead of counted: by its `name`, `kind` or `pod`, by the name that
//! its metadata or its inner object has, or by the end of its `@type`. The first that fits is meant.

use serde_json::Value;

/// Makes the changes, one after the other.
pub(crate) fn apply(value: &mut Value, changes: &Value) {
    for change in changes.as_array().expect("a list of changes") {
        let path = change["path"].as_str().expect("a path");
        let (parent, last) = path.rsplit_once('/').expect("a pointer");
        let parent = at(value, parent);
        let last = unescaped(last);
        let new = change.get("value").cloned();
        match (change["op"].as_str().expect("an operation"), parent) {
            ("remove", Value::Array(items)) => {
                let place = place(items, &last);
                items.remove(place);
            }
            ("remove", Value::Object(map)) => {
                map.remove(&last)
                    .unwrap_or_else(|| panic!("{path} is not there"));
            }
            ("add", Value::Array(items)) if last == "-" => items.push(new.expect("a value")),
            ("replace", Value::Array(items)) => {
                let place = place(items, &last);
                items[place] = new.expect("a value");
            }
            ("add" | "replace", Value::Object(map)) => {
                map.insert(last, new.expect("a value"));
            }
            (operation, _) => panic!("{operation} {path} is no change"),
        }
    }
}

/// The value at a place.
pub(crate) fn at<'v>(value: &'v mut Value, pointer: &str) -> &'v mut Value {
    let parts = pointer.split('/').skip(1).map(unescaped);
    parts.fold(value, |value, part| match value {
        Value::Array(items) => {
            let place = place(items, &part);
            &mut items[place]
        }
        value => value
            .get_mut(&part)
            .unwrap_or_else(|| panic!("{part} of {pointer} is not there")),
    })
}

fn place(items: &[Value], part: &str) -> usize {
    if let Ok(number) = part.parse() {
        return number;
    }
    let is_called = |item: &Value| {
        let texts = ["/name", "/kind", "/pod", "/metadata/name", "/cluster/name"];
        let mut texts = texts
            .iter()
            .filter_map(|pointer| item.pointer(pointer)?.as_str());
        let kind = item["@type"]
            .as_str()
            .and_then(|kind| kind.rsplit('.').next());
        texts.any(|text| text == part) || kind == Some(part)
    };
    let found = items.iter().position(is_called);
    found.unwrap_or_else(|| panic!("nothing is called {part}"))
}

/// RFC 6901, section 4. A `~` before anything else stands for itself.
fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}
