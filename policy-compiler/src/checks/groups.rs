//! Tool groups that nobody uses.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::Policy;
use std::collections::BTreeSet;

pub(super) fn check(policy: &Policy, found: &mut Diagnostics) {
    let rules = policy.allow.values().chain(policy.deny.values());
    let used: BTreeSet<&str> = rules
        .flat_map(|rule| &rule.value.tool_groups)
        .map(|group| group.value.as_str())
        .collect();
    for (name, group) in &policy.tool_groups {
        // An imported group may be another policy's.
        let own = group.name.file == policy.file;
        if own && !used.contains(name.as_str()) {
            let message = format!("no rule uses the tool group `{name}`");
            found.push(
                Diagnostic::new(Code::UnusedToolGroup, group.name, message).help(format!(
                    "name it in a rule, `tool_groups: [{name}]`, or remove it"
                )),
            );
        }
    }
}
