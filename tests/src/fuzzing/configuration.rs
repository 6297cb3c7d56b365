//! Plugin configurations: layout means nothing, and everything else is known or refused.

use mcp_guard_engine::policy::Guard;
use serde_json::{Value, json};

/// Reads a plugin configuration.
pub fn configuration(input: &[u8]) {
    let guard = match Guard::from_json(input) {
        Ok(guard) => guard,
        Err(fault) => return assert!(!fault.to_string().is_empty()),
    };
    let config = serde_json::from_slice::<Value>(input);
    assert!(config.is_ok(), "serde_json refuses it: {config:?}");
    let config = config.unwrap_or_default();
    check_policies(&config, &guard);
    check_layout(&config, &guard);
    check_spoilt(config, input.len());
}

fn check_policies(config: &Value, guard: &Guard) {
    let has = |key| config.get(key).is_some();
    let by_hand = has("tool_allowlist");
    assert_eq!(has("format"), !by_hand);
    assert_eq!(guard.enforced.is_some(), has("policy") || by_hand);
    assert_eq!(guard.candidate.is_some(), has("candidate"));
    assert!(guard.policies().count() > 0);
    if by_hand {
        assert!(guard.policies().all(|policy| policy.rules().count() == 1));
    }
}

/// White space and the order of keys change nothing. (A number may be written in other ways.)
fn check_layout(config: &Value, guard: &Guard) {
    let written = serde_json::to_vec_pretty(config).unwrap_or_default();
    let again = Guard::from_json(&written);
    assert!(again.is_ok(), "{:?}", again.err());
    let digests = |guard: &Guard| -> Vec<String> {
        guard
            .policies()
            .map(|policy| policy.digest.clone())
            .collect()
    };
    if !has_fraction(config) {
        assert_eq!(again.ok().as_ref().map(digests), Some(digests(guard)));
    }
}

pub(super) fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(members) => members.values().any(has_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// One unknown key, or one value of a wrong kind, wherever it stands, spoils all.
fn check_spoilt(mut config: Value, seed: usize) {
    let place = seed.checked_rem(count(&config)).unwrap_or_default();
    assert!(spoil(&mut config, &mut Some(place)));
    let spoilt = config.to_string();
    assert!(
        Guard::from_json(spoilt.as_bytes()).is_err(),
        "accepted {spoilt}"
    );
}

fn count(value: &Value) -> usize {
    let within: usize = children(value).map(count).fold(0, usize::saturating_add);
    within.saturating_add(1)
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Spoils the value that comes at that place, counted from the outside in.
fn spoil(value: &mut Value, place: &mut Option<usize>) -> bool {
    *place = match *place {
        None => return false,
        Some(left) => left.checked_sub(1),
    };
    if place.is_none() {
        match value {
            Value::Object(members) => _ = members.insert("?".into(), json!(0)),
            other => *other = json!({"?": 0}),
        }
        return true;
    }
    match value {
        Value::Array(items) => items.iter_mut().any(|item| spoil(item, place)),
        Value::Object(members) => members.values_mut().any(|member| spoil(member, place)),
        _ => false,
    }
}
