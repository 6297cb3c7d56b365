//! Grants whose callers are written down in another file.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::Policy;

/// A rule without `callers` holds for every declared one. Where some are declared elsewhere, an edit
/// of that file grants what nobody who reads this one sees.
pub(super) fn check(policy: &Policy, found: &mut Diagnostics) {
    let mut callers = policy.callers.values();
    let Some(imported) = callers.find(|entry| entry.name.file != policy.file) else {
        return;
    };
    for (name, entry) in &policy.allow {
        if !entry.value.callers.is_empty() {
            continue;
        }
        let message = format!("`{name}` holds for every caller of an imported file");
        let all: Vec<&str> = policy.callers.keys().map(String::as_str).collect();
        found.push(
            Diagnostic::new(Code::ImportedCallers, entry.name, message)
                .label("and for each that is added there")
                .also(imported.name, "one of them")
                .help(format!("name them: `callers: [{}]`", all.join(", "))),
        );
    }
}
