//! What several commands read from the command line, each in the same way.

use clap::ValueEnum;
use mcp_guard_compiler::duration;
use serde_json::{Map, Value};

/// Who reads what is said.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A person
    Human,
    /// A program
    Json,
}

/// The seconds of `90s`, `5m` or `1h`.
pub(crate) fn seconds(text: &str) -> Result<u32, String> {
    duration::seconds(text).ok_or_else(|| "write a number and its unit: `90s`, `5m`".to_owned())
}

/// `key=value`; the value is JSON if it can be read as such.
pub(crate) fn pair(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or("it is not `key=value`")?;
    if key.is_empty() {
        return Err("the key is empty".to_owned());
    }
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((key.to_owned(), value))
}

/// The object that the pairs describe: `a.b=1` is `{"a": {"b": 1}}`.
pub(crate) fn nested(pairs: &[(String, Value)]) -> Result<Map<String, Value>, String> {
    let mut root = Map::new();
    for (path, value) in pairs {
        let mut object = &mut root;
        let (outer, last) = path.rsplit_once('.').unwrap_or(("", path));
        for key in outer.split('.').filter(|key| !key.is_empty()) {
            let inner = object
                .entry(key)
                .or_insert_with(|| Value::Object(Map::new()));
            object = inner
                .as_object_mut()
                .ok_or_else(|| format!("`{key}` is a value, and holds no `{last}`"))?;
        }
        if object.insert(last.to_owned(), value.clone()).is_some() {
            return Err(format!("`{path}` is given twice"));
        }
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::{nested, pair};
    use serde_json::json;

    #[test]
    fn values_are_json_or_text() {
        let pairs = ["page=2", "owner=acme", "issue.title=a=b", "issue.open=true"];
        let pairs: Vec<_> = pairs.iter().map(|text| pair(text).unwrap()).collect();
        let expected = json!({"page": 2, "owner": "acme", "issue": {"title": "a=b", "open": true}});
        assert_eq!(json!(nested(&pairs).unwrap()), expected);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(pair("owner").is_err());
        let twice = [pair("a=1").unwrap(), pair("a=2").unwrap()];
        assert!(nested(&twice).is_err());
        let within = [pair("a=1").unwrap(), pair("a.b=2").unwrap()];
        assert!(nested(&within).is_err());
    }
}
