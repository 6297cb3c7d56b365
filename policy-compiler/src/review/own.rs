//! What this policy compiles to. An annotation proves nothing: anybody can write one.

use super::{Manifest, Subject, weakened};
use crate::artefact::Object;
use crate::diagnostic::Diagnostics;
use crate::yaml::scalar::{Scalar, is_doubtful, resolve};
use crate::yaml::{Kind, Node};
use serde_json::Value;

/// Says which objects stand in the place of one that is compiled.
pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, found: &mut Diagnostics) {
    if subject.is_ours(manifest) && !subject.is_own(manifest) {
        let message = format!("{} is not what the policy compiles to", manifest.title());
        found.push(
            weakened(manifest.span(), message)
                .label("stands in the place of one that is compiled")
                .help("compile it anew, and apply that"),
        );
    }
}

/// Whether an object bears the group, the kind and the name of one that is compiled.
pub(crate) fn is_named(manifest: &Manifest, object: &Object) -> bool {
    let version = object.value().get("apiVersion").and_then(Value::as_str);
    let group = version.and_then(|version| version.split_once('/'));
    manifest.group() == group.map_or("", |(group, _)| group)
        && manifest.kind() == object.kind()
        && manifest.name() == object.name()
}

/// Whether an object says what the one that is compiled says.
pub(crate) fn is_equal(manifest: &Manifest, object: &Object) -> bool {
    match (manifest.at(&["spec"]), object.value().get("spec")) {
        (None, None) => true,
        (Some(node), Some(value)) if object.kind() == "ServiceEntry" => is_merged(node, value),
        (Some(node), Some(value)) => is_same(node, value),
        _ => false,
    }
}

/// A host's entry is made for all policies of the namespace: ours, and perhaps further ports.
fn is_merged(node: &Node, value: &Value) -> bool {
    let Some(ours) = value.as_object() else {
        return false;
    };
    let has_same = |(key, value): (&String, &Value)| {
        let node = node.get(key);
        match (key.as_str(), value) {
            ("ports", Value::Array(ports)) => {
                let there = node.map(Node::items).unwrap_or_default();
                let has = |port| there.iter().any(|node| is_same(node, port));
                ports.iter().all(has)
            }
            _ => node.is_some_and(|node| is_same(node, value)),
        }
    };
    node.entries().count() == ours.len() && ours.iter().all(has_same)
}

/// Whether YAML means a value.
fn is_same(node: &Node, value: &Value) -> bool {
    match (&node.kind, value) {
        (Kind::Mapping(entries), Value::Object(map)) => {
            let has = |key: &str, node| map.get(key).is_some_and(|value| is_same(node, value));
            entries.len() == map.len() && entries.iter().all(|(key, node)| has(&key.value, node))
        }
        (Kind::Sequence(items), Value::Array(values)) => {
            items.len() == values.len()
                && items
                    .iter()
                    .zip(values)
                    .all(|(node, value)| is_same(node, value))
        }
        (Kind::Scalar { text, plain: false }, Value::String(value)) => text == value,
        (Kind::Scalar { text, plain: true }, value) => match (resolve(text), value) {
            (Scalar::Text, Value::String(value)) => text == value && !is_doubtful(text),
            (Scalar::Bool(one), Value::Bool(other)) => one == *other,
            (Scalar::Number(_), Value::Number(_)) if is_doubtful(text) => false,
            // Bits, as the compiler writes whole numbers that a float holds exactly.
            (Scalar::Number(one), Value::Number(other)) => other
                .as_f64()
                .is_some_and(|other| one.to_bits() == other.to_bits()),
            (Scalar::Null, Value::Null) => true,
            _ => false,
        },
        _ => false,
    }
}
