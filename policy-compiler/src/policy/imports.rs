//! `import`: callers, tool groups and limits that several policies share.
//!
//! Only names and sizes can be shared, never rules: what a policy grants stands in its own file.

use super::{Caller, Named, ToolGroup, callers, check_version, limits, rules};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Sources, Spanned};
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

/// The names of the files that a policy imports, relative to its own place. Whoever calls the
/// compiler reads them and hands them over.
#[must_use]
pub fn imports(sources: &Sources, file: FileId) -> Vec<Spanned<String>> {
    let mut unsaid = Diagnostics::default();
    let Some(node) = yaml::parse(sources, file, &mut unsaid) else {
        return Vec::new();
    };
    let fields = Fields::any(&node, &mut unsaid);
    fields.map_or_else(Vec::new, |fields| fields.texts("import", &mut unsaid))
}

pub(super) fn read(
    sources: &Sources,
    policy: &Fields<'_>,
    imported: &Imported,
    found: &mut Diagnostics,
) -> Shared {
    let mut shared = Shared::default();
    for name in policy.texts("import", found) {
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
        self.limits
            .extend(limits::read(fields.get("limits"), found));
    }
}

/// Adds names to others. One name has one meaning: no file silently replaces another's.
pub(super) fn merge<T>(into: &mut Named<T>, from: Named<T>, found: &mut Diagnostics) {
    for (name, entry) in from {
        let Some(first) = into.get(&name) else {
            into.insert(name, entry);
            continue;
        };
        let message = format!("`{name}` is defined twice");
        found.push(
            Diagnostic::new(Code::NameDefinedTwice, first.name, message)
                .also(entry.name, "and here")
                .help("give one of them another name"),
        );
    }
}
