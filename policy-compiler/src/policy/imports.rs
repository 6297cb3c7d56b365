//! `import`: callers, tool groups and limits that several policies share.
//!
//! Only names and sizes can be shared, never rules: what a policy grants stands in its own file.

use super::approvals::key_files;
use super::{Caller, Named, ToolGroup, callers, check_version, limits, rules};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Sources, Span, Spanned};
use crate::yaml::{self, fields::Fields};
use std::collections::BTreeMap;

/// The files that a policy imports, by the name that it gives them.
pub type Imported = BTreeMap<String, FileId>;

/// What imported files hold.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) callers: Named<Caller>,
    pub(super) tool_groups: Named<ToolGroup>,
    pub(super) limits: BTreeMap<&'static str, Spanned<u32>>,
}

pub(super) const KEYS: &[&str] = &["version", "callers", "tool_groups", "limits"];

/// The names of the files that a policy imports, or that hold keys, relative to its own place. Whoever calls the
/// compiler reads them and hands them over.
#[must_use]
pub fn imports(sources: &Sources, file: FileId) -> Vec<Spanned<String>> {
    let mut unsaid = Diagnostics::default();
    let Some(node) = yaml::parse(sources, file, &mut unsaid) else {
        return Vec::new();
    };
    let fields = Fields::any(&node, &mut unsaid);
    let Some(fields) = fields else {
        return Vec::new();
    };
    let mut names = fields.texts("import", &mut unsaid);
    names.extend(key_files(&fields, &mut unsaid));
    names.retain(|name| is_beside(&name.value));
    names
}

/// A file of the policy's own folder or below it: a policy must not show what else a machine holds.
pub(super) fn is_beside(name: &str) -> bool {
    let fits = |part: &str| !part.is_empty() && !part.starts_with('.');
    name.split('/').all(fits) && !name.contains(['\\', ':']) && name != "-"
}

pub(super) fn read(
    sources: &Sources,
    policy: &Fields<'_>,
    imported: &Imported,
    found: &mut Diagnostics,
) -> Shared {
    let mut shared = Shared::default();
    for name in policy.texts("import", found) {
        if !is_beside(&name.value) {
            let message = format!("`{}` is not a file beside the policy", name.value);
            found.push(
                Diagnostic::new(Code::BrokenImport, name.span, message)
                    .label("a path from the policy's folder down, without `..` and hidden parts"),
            );
            continue;
        }
        let Some(file) = imported.get(&name.value) else {
            let message = format!("`{}` could not be read", name.value);
            found.push(Diagnostic::new(Code::BrokenImport, name.span, message));
            continue;
        };
        shared.add(sources, *file, found);
    }
    shared
}

impl Shared {
    fn add(&mut self, sources: &Sources, file: FileId, found: &mut Diagnostics) {
        let Some(node) = yaml::parse(sources, file, found) else {
            return;
        };
        let Some(fields) = Fields::read(&node, KEYS, found) else {
            return;
        };
        if check_version(&fields, found).is_none() {
            return;
        }
        let callers = callers::read(fields.get("callers"), found);
        let groups = rules::read_groups(fields.get("tool_groups"), found);
        merge(&mut self.callers, callers, found);
        merge(&mut self.tool_groups, groups, found);
        for (key, limit) in limits::read(fields.get("limits"), found) {
            match self.limits.get(key) {
                None => {
                    self.limits.insert(key, limit);
                }
                Some(first) => found.push(twice(key, first.span, limit.span)),
            }
        }
    }
}

/// Adds names to others. One name has one meaning: no file silently replaces another's.
pub(super) fn merge<T>(into: &mut Named<T>, from: Named<T>, found: &mut Diagnostics) {
    for (name, entry) in from {
        let Some(first) = into.get(&name) else {
            into.insert(name, entry);
            continue;
        };
        found.push(twice(&name, first.name, entry.name).help("give one of them another name"));
    }
}

fn twice(name: &str, first: Span, again: Span) -> Diagnostic {
    let message = format!("`{name}` is defined twice");
    Diagnostic::new(Code::NameDefinedTwice, first, message).also(again, "and here")
}
