//! The schema against the readers: what one takes, the other takes, and what one refuses by its
//! shape, the other refuses.

use super::{deployment, policy, shared};
use crate::deployment::{self as deployments, Overrides};
use crate::diagnostic::{Code, Diagnostics};
use crate::policy::{self as policies};
use crate::source::Sources;
use crate::yaml::{self, Kind, Node, scalar::Scalar};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;

type Reader = fn(&str) -> Vec<Code>;

/// Every key of a policy.
const POLICY: &str = include_str!("policy.example.yaml");

/// Every key of a deployment.
const DEPLOYMENT: &str = include_str!("deployment.example.yaml");

#[test]
fn every_key_is_described_and_no_other_is_taken() {
    for schema in [policy(), shared(), deployment()] {
        for object in objects(&schema) {
            let Some(properties) = object.get("properties").and_then(Value::as_object) else {
                continue;
            };
            assert_eq!(object["additionalProperties"], json!(false));
            for (key, property) in properties {
                assert!(
                    property["description"].is_string(),
                    "`{key}` is not described"
                );
            }
        }
    }
}

#[test]
fn the_examples_hold_every_key_and_are_taken() {
    for (text, schema) in [(POLICY, policy()), (DEPLOYMENT, deployment())] {
        let value = value(text);
        assert_eq!(faults(&schema, &value, ""), Vec::<String>::new());
        let missing = absent(&schema, &value, "");
        assert_eq!(missing, Vec::<String>::new());
    }
}

#[test]
fn reader_and_schema_refuse_the_same_keys() {
    let readers: [(_, _, Reader); 2] = [
        (POLICY, policy(), read_policy),
        (DEPLOYMENT, deployment(), read_deployment),
    ];
    for (text, schema, read) in readers {
        let shape = [Code::MissingKey, Code::UnknownKey];
        let sound = |codes: Vec<Code>| !codes.iter().any(|code| shape.contains(code));
        assert!(sound(read(text)), "{:?}", read(text));
        for changed in without_each_key(text) {
            let taken = faults(&schema, &value(&changed), "").is_empty();
            // Callers and rules of which nothing is left, and egress by name, only the reader knows.
            if taken {
                continue;
            }
            assert!(!read(&changed).is_empty(), "{changed}");
        }
    }
}

fn read_policy(text: &str) -> Vec<Code> {
    let mut sources = Sources::default();
    let file = sources.add("policy.yaml", text);
    let shared = sources.add("shared.yaml", "version: 1\n");
    let imported = BTreeMap::from([("shared.yaml".to_string(), shared)]);
    let mut found = Diagnostics::default();
    policies::read(&sources, file, &imported, &mut found);
    found.into_sorted().iter().map(|found| found.code).collect()
}

fn read_deployment(text: &str) -> Vec<Code> {
    let mut sources = Sources::default();
    let file = sources.add("deploy.yaml", text);
    let mut found = Diagnostics::default();
    deployments::read(&sources, file, Overrides::default(), &mut found);
    found.into_sorted().iter().map(|found| found.code).collect()
}

/// The text without one of its lines, once for each; a line is a key with all that is in it.
fn without_each_key(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len().saturating_sub(line.trim_start().len());
    (0..lines.len())
        .filter(|&at| lines[at].contains(':'))
        .map(|at| {
            let end = (at..lines.len())
                .skip(1)
                .find(|&next| indent(lines[next]) <= indent(lines[at]));
            let end = end.unwrap_or(lines.len());
            [&lines[..at], &lines[end..]].concat().join("\n") + "\n"
        })
        .collect()
}

/// Every schema in a schema.
fn objects(schema: &Value) -> Vec<&Value> {
    let inner: Vec<&Value> = match schema {
        Value::Object(map) => map.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    let mut all = vec![schema];
    all.extend(inner.into_iter().flat_map(objects));
    all
}

/// Keys of the schema that the value does not show.
fn absent(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut missing = Vec::new();
    let children = |value: &Value| match value {
        Value::Object(map) => map.values().cloned().collect(),
        Value::Array(items) => items.clone(),
        _ => Vec::new(),
    };
    for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
        match value.get(key) {
            Some(value) => missing.extend(absent(schema, value, &format!("{path}.{key}"))),
            None if is_optional_elsewhere(key) => {}
            None => missing.push(format!("{path}.{key}")),
        }
    }
    if schema["additionalProperties"].is_object() {
        // What no entry of a map shows is missing.
        let inner = children(value).into_iter();
        let lists = inner.map(|one| absent(&schema["additionalProperties"], &one, path));
        let common = lists.reduce(|a, b| a.into_iter().filter(|key| b.contains(key)).collect());
        missing.extend(common.unwrap_or_else(|| vec![format!("{path}: no entry")]));
    }
    missing
}

/// Keys that cannot stand beside the others: a server elsewhere, and the other mode's.
fn is_optional_elsewhere(key: &str) -> bool {
    matches!(
        key,
        "remote" | "cluster" | "persistent_volume_claim" | "image"
    )
}

fn value(text: &str) -> Value {
    let mut sources = Sources::default();
    let file = sources.add("x", text);
    let mut found = Diagnostics::default();
    let node =
        yaml::parse(&sources, file, &mut found).unwrap_or_else(|| panic!("{found:?}\n{text}"));
    json_of(&node)
}

fn json_of(node: &Node) -> Value {
    match &node.kind {
        Kind::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| (key.value.clone(), json_of(value)))
            .collect(),
        Kind::Sequence(items) => items.iter().map(json_of).collect(),
        Kind::Scalar { text, .. } => match yaml::fields::plain(node) {
            Some(Scalar::Null) => Value::Null,
            Some(Scalar::Bool(flag)) => flag.into(),
            Some(Scalar::Number(_)) => text
                .parse::<i64>()
                .map_or_else(|_| text.parse::<f64>().unwrap().into(), Into::into),
            _ => text.clone().into(),
        },
    }
}

/// As much of JSON Schema 2020-12 as the schemas use; patterns are left to the readers.
fn faults(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: &str| faults.push(format!("{path}: {what}"));
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |wanted: &str| wanted == kind || (wanted == "number" && kind == "integer");
    let fits = match &schema["type"] {
        Value::String(wanted) => is(wanted),
        Value::Array(wanted) => wanted.iter().any(|wanted| is(wanted.as_str().unwrap())),
        _ => true,
    };
    if !fits {
        fault(kind);
    }
    if schema.get("const").is_some_and(|wanted| wanted != value) || schema.get("not").is_some() {
        fault("const");
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        fault("enum");
    }
    let bounds = [("minimum", Ordering::Less), ("maximum", Ordering::Greater)];
    for (bound, beyond) in bounds {
        if let (Some(bound), Some(number)) = (schema[bound].as_i64(), value.as_i64())
            && number.cmp(&bound) == beyond
        {
            fault("bounds");
        }
    }
    let length = value
        .as_array()
        .map(Vec::len)
        .or(value.as_object().map(serde_json::Map::len));
    for (key, fits) in [
        ("minItems", false),
        ("minProperties", false),
        ("maxProperties", true),
    ] {
        if let (Some(bound), Some(length)) = (schema[key].as_u64(), length) {
            let bound = usize::try_from(bound).unwrap();
            if (fits && length > bound) || (!fits && length < bound) {
                fault(key);
            }
        }
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        if value.is_object() && value.get(key.as_str().unwrap()).is_none() {
            fault(&format!("{key} is missing"));
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        match schema["properties"]
            .get(key)
            .unwrap_or(&schema["additionalProperties"])
        {
            Value::Bool(false) => faults.push(format!("{path}: unknown")),
            schema => faults.extend(self::faults(schema, inner, &path)),
        }
    }
    for item in value.as_array().into_iter().flatten() {
        faults.extend(self::faults(&schema["items"], item, &format!("{path}[]")));
    }
    faults
}
