//! Plugin configurations: whatever is accepted is the same policy when it is written again.

use mcp_guard_engine::policy::format::PluginConfig;
use mcp_guard_engine::policy::{Guard, Policy};

/// Reads a plugin configuration.
pub fn configuration(input: &[u8]) {
    let guard = match Guard::from_json(input) {
        Ok(guard) => guard,
        Err(fault) => {
            assert!(!fault.to_string().is_empty());
            return;
        }
    };
    assert!(
        guard.policies().count() > 0,
        "a configuration without a policy"
    );
    let Ok(config) = serde_json::from_slice::<PluginConfig>(input) else {
        assert_is_allowlist(input, &guard);
        return;
    };
    assert_eq!(guard.enforced.is_some(), config.policy.is_some());
    assert_eq!(guard.candidate.is_some(), config.candidate.is_some());
    let written = serde_json::to_vec(&config).unwrap_or_default();
    let again = Guard::from_json(&written);
    assert!(again.is_ok(), "{:?}", again.err());
    assert_eq!(
        again.map(|again| digests(&again)).ok(),
        Some(digests(&guard))
    );
}

/// The only other form: a list of tools, which grants nothing but these.
fn assert_is_allowlist(input: &[u8], guard: &Guard) {
    let json = serde_json::from_slice::<serde_json::Value>(input).unwrap_or_default();
    let keys = json
        .as_object()
        .map(|object| object.keys().map(String::as_str).collect());
    assert_eq!(keys, Some(vec!["tool_allowlist"]));
    assert!(guard.candidate.is_none());
    assert!(
        guard
            .enforced
            .as_deref()
            .is_some_and(|policy| policy.rules().count() == 1)
    );
}

fn digests(guard: &Guard) -> Vec<String> {
    let digest = |policy: &Policy| policy.digest.clone();
    guard.policies().map(|policy| digest(policy)).collect()
}
