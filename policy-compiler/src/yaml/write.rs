//! Values as YAML: block style, keys in the order given, the same bytes for the same value.

use super::scalar::{self, Scalar};
use serde_json::Value;

/// Widest list of short texts that stays on one line.
const WIDTH: usize = 80;

/// Writes a document, without `---`.
#[must_use]
pub fn document(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => entries(value, 0, &mut text),
        Value::Array(items) if !items.is_empty() => block_items(items, 0, &mut text),
        _ => {
            text.push_str(&inline(value));
            text.push('\n');
        }
    }
    text
}

/// The entries of a map, each on a line of its own.
fn entries(value: &Value, indent: usize, text: &mut String) {
    for (number, (key, value)) in value.as_object().into_iter().flatten().enumerate() {
        if number > 0 {
            pad(indent, text);
        }
        text.push_str(&string(key));
        text.push(':');
        child(value, indent, text);
    }
}

/// What stands behind a key.
fn child(value: &Value, indent: usize, text: &mut String) {
    let inner = indent.saturating_add(2);
    match value {
        Value::Object(map) if !map.is_empty() => {
            text.push('\n');
            pad(inner, text);
            entries(value, inner, text);
        }
        Value::Array(items) if !items.is_empty() && !fits_on_a_line(items, indent) => {
            text.push('\n');
            pad(indent, text);
            block_items(items, indent, text);
        }
        Value::String(lines) if is_block(lines) => block(lines, inner, text),
        _ => {
            text.push(' ');
            text.push_str(&inline(value));
            text.push('\n');
        }
    }
}

fn block_items(items: &[Value], indent: usize, text: &mut String) {
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            pad(indent, text);
        }
        text.push_str("- ");
        let inner = indent.saturating_add(2);
        match item {
            Value::Object(map) if !map.is_empty() => entries(item, inner, text),
            Value::Array(nested) if !nested.is_empty() => block_items(nested, inner, text),
            _ => {
                text.push_str(&inline(item));
                text.push('\n');
            }
        }
    }
}

fn pad(indent: usize, text: &mut String) {
    text.extend(core::iter::repeat_n(' ', indent));
}

fn fits_on_a_line(items: &[Value], indent: usize) -> bool {
    let is_short = |item: &Value| !matches!(item, Value::Object(_) | Value::Array(_));
    let width: usize = items
        .iter()
        .map(|item| inline(item).len().saturating_add(2))
        .sum();
    items.iter().all(is_short) && width.saturating_add(indent) <= WIDTH
}

/// A scalar, an empty collection, or a list of scalars.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(_) => "{}".into(),
        _ => value.to_string(),
    }
}

/// Text, in quotes unless it plainly is text. A JSON string is a YAML string (YAML 1.2.2, 1.3).
fn string(text: &str) -> String {
    match is_plain(text) {
        true => text.into(),
        false => Value::from(text).to_string(),
    }
}

/// Whether every reader, of YAML 1.1 or 1.2, takes it as text without quotes.
fn is_plain(text: &str) -> bool {
    const WORDS_OF_1_1: &[&str] = &["y", "n", "yes", "no", "on", "off"];
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./:@$()+=% ~^".contains(c);
    scalar::resolve(text) == Scalar::Text
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_' | '.'))
        && text.chars().all(fits)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.starts_with(". ")
        && !looks_numeric(text)
        && !WORDS_OF_1_1.contains(&text.to_ascii_lowercase().as_str())
}

/// `.5`, `.inf`, `0x1f`, `1:30` and their like in YAML 1.1.
fn looks_numeric(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'i' | 'I' | 'n' | 'N'))
    })
}

/// Text of several lines that a literal block holds without loss.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && text.ends_with('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\n', '\t'])
        && text.chars().all(|c| c == '\n' || !c.is_control())
        && text.lines().all(|line| !line.ends_with([' ', '\t']))
}

fn block(lines: &str, indent: usize, text: &mut String) {
    text.push_str(" |\n");
    for line in lines.lines() {
        if !line.is_empty() {
            pad(indent, text);
            text.push_str(line);
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::document;
    use serde_json::json;

    #[test]
    fn values_are_written_as_people_would() {
        let value = json!({
            "apiVersion": "v1",
            "metadata": {"name": "x", "annotations": {"a/b": "yes", "c": "1.5", "empty": ""}},
            "spec": {"ports": [{"number": 8080, "on": true}, {"nested": [[1, 2]]}], "hosts": ["./a", "*"], "none": {}, "script": "a\n\n b\n"},
        });
        assert_eq!(
            document(&value),
            "apiVersion: v1\nmetadata:\n  name: x\n  annotations:\n    a/b: \"yes\"\n    c: \"1.5\"\n    empty: \"\"\nspec:\n  ports:\n  - number: 8080\n    \"on\": true\n  - nested:\n    - - 1\n      - 2\n  hosts: [./a, \"*\"]\n  none: {}\n  script: |\n    a\n\n     b\n"
        );
    }
}
