//! Short ways through JSON that somebody else wrote.

use serde_json::Value;

/// The text at a pointer; empty where there is none.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The items of the list at a pointer.
pub(super) fn items<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// Whether any map within has a key whose value fits.
pub(super) fn any(value: &Value, fits: &dyn Fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| fits(key, value) || any(value, fits)),
        Value::Array(items) => items.iter().any(|value| any(value, fits)),
        _ => false,
    }
}

/// Where two values differ, as paths: `spec.rules[0].to`.
pub(super) fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(one, other, String::new(), &mut found);
    found
}

fn compare(one: &Value, other: &Value, path: String, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one
                .keys()
                .chain(other.keys().filter(|key| !one.contains_key(*key)));
            for key in keys {
                let path = match path.is_empty() {
                    true => key.clone(),
                    false => format!("{path}.{key}"),
                };
                let value = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                match (value(one), value(other)) {
                    (Some(one), Some(other)) => compare(&one, &other, path, found),
                    _ => found.push(path),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (place, (one, other)) in one.iter().zip(other).enumerate() {
                compare(one, other, format!("{path}[{place}]"), found);
            }
        }
        _ if is_same(one, other) => {}
        _ => found.push(path),
    }
}

/// Whether two scalars mean the same: a cluster may write a whole number as a float.
fn is_same(one: &Value, other: &Value) -> bool {
    let bits = |value: &Value| value.as_f64().map(f64::to_bits);
    one == other || (bits(one).is_some() && bits(one) == bits(other))
}
