//! JSON Schema (2020-12) of the files, for editors. The keys come from the tables that the readers
//! use, so the two cannot drift apart; here stands only what a key is about.

#[cfg(test)]
mod tests;

use crate::{deployment, policy};
use serde_json::{Map, Value, json};

/// The schema of a policy file.
#[must_use]
pub fn policy() -> Value {
    document("mcp-guard policy", policy::schema::policy())
}

/// The schema of a file that policies import.
#[must_use]
pub fn shared() -> Value {
    document(
        "mcp-guard shared callers, tool groups and limits",
        policy::schema::shared(),
    )
}

/// The schema of a deployment file.
#[must_use]
pub fn deployment() -> Value {
    document("mcp-guard deployment", deployment::schema::deployment())
}

fn document(title: &str, schema: Value) -> Value {
    let mut document = Map::new();
    let dialect = "https://json-schema.org/draft/2020-12/schema";
    document.insert("$schema".into(), dialect.into());
    document.insert("title".into(), title.into());
    if let Value::Object(schema) = schema {
        document.extend(schema);
    }
    document.into()
}

/// A map with known keys. A key that `of` does not know is any value: a test finds it.
pub(crate) fn map(keys: &[&str], required: &[&str], of: impl Fn(&str) -> Option<Value>) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| ((*key).to_string(), of(key).unwrap_or_else(|| json!({}))))
        .collect();
    let mut map = json!({
        // `key:` with nothing behind it is an empty map.
        "type": if required.is_empty() { json!(["object", "null"]) } else { json!("object") },
        "additionalProperties": false,
        "properties": properties,
    });
    if let (false, Value::Object(map)) = (required.is_empty(), &mut map) {
        map.insert("required".into(), json!(required));
    }
    map
}

/// A map whose keys are names of the author's choice.
pub(crate) fn named(pattern: &str, value: Value) -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": { "pattern": pattern },
        "additionalProperties": value,
    })
}

/// Names of rules, callers and groups.
pub(crate) const NAME: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";

/// Any key that is not empty.
pub(crate) const ANY_NAME: &str = ".";

/// Text.
pub(crate) fn text() -> Value {
    json!({"type": "string"})
}

/// Text of a form.
pub(crate) fn formed(pattern: &str) -> Value {
    json!({"type": "string", "pattern": pattern})
}

/// A list.
pub(crate) fn list(item: Value) -> Value {
    json!({"type": "array", "items": item, "minItems": 1})
}

/// `true` or `false`.
pub(crate) fn flag() -> Value {
    json!({"type": "boolean"})
}

/// A whole number within bounds.
pub(crate) fn whole(least: u64, most: u64) -> Value {
    json!({"type": "integer", "minimum": least, "maximum": most})
}

/// A port.
pub(crate) fn port() -> Value {
    whole(1, u64::from(u16::MAX))
}

/// One of the words of a table.
pub(crate) fn word<T>(table: &[(&str, T)]) -> Value {
    let words: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
    json!({"enum": words})
}

/// Says what a key is about.
pub(crate) fn about(description: &str, mut schema: Value) -> Value {
    if let Value::Object(map) = &mut schema {
        map.insert("description".into(), description.into());
    }
    schema
}
