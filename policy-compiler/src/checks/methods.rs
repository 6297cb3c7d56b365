//! Methods that MCP does not have.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::Policy;
use crate::source::Spanned;
use crate::yaml::fields::suggest;
use mcp_guard_engine::mcp::method_names;

pub(super) fn check(policy: &Policy, found: &mut Diagnostics) {
    let known: Vec<&str> = method_names().collect();
    for rule in policy.allow.values().chain(policy.deny.values()) {
        for method in &rule.value.methods {
            let name = method.value.as_str();
            if name.contains(['*', '?', '[']) {
                let message = format!("`{name}` is no method: methods are named exactly");
                found.push(Diagnostic::new(Code::UnknownMethod, method.span, message));
                continue;
            }
            if !known.contains(&name) && claims_to_be_known(method, &known) {
                let message = format!("MCP has no method `{name}`");
                let unknown = Diagnostic::new(Code::UnknownMethod, method.span, message);
                found.push(suggest(unknown, name, &known, method.span));
            }
        }
    }
}

/// Servers may have methods of their own. One that begins like those of MCP, or is nearly one of
/// them, is a mistake.
fn claims_to_be_known(method: &Spanned<String>, known: &[&str]) -> bool {
    let name = method.value.as_str();
    let area = |name: &str| name.split_once('/').map(|(area, _)| area.to_owned());
    let areas = known.iter().filter_map(|known| area(known));
    let own = area(name);
    own.is_some_and(|own| areas.into_iter().any(|area| area == own))
        || crate::diagnostic::closest(name, known.iter().copied()).is_some()
}
