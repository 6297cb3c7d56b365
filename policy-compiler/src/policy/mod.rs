//! The policy as it is written, version 1: one file about one MCP server.
//!
//! Each part has its file: what it holds, and how it is read.

mod approvals;
mod audit;
mod breadth;
mod callers;
mod cidr;
mod egress;
mod endpoints;
mod imports;
mod limits;
mod rules;
pub(crate) mod schema;
mod service_account;
#[cfg(test)]
mod tests;

pub use approvals::{ApprovalIssuer, Approvals};
pub use audit::Audit;
pub(crate) use breadth::{are_most, are_wide};
pub use callers::{Caller, Jwt};
pub(crate) use callers::{check_label, is_label, is_subdomain};
pub use cidr::Cidr;
pub(crate) use cidr::read as read_cidrs;
pub(crate) use egress::services as read_services;
pub use egress::{Egress, EgressHost, EgressService, EgressTls};
pub use endpoints::{Endpoints, MCP_KINDS};
pub(crate) use endpoints::{bare, spellings};
pub use imports::{Imported, imports};
pub use limits::{LIMITS, Limit};
pub use rules::{Argument, Arguments, Rule, ServerRequest, Test, ToolGroup};
pub use service_account::{ServiceAccount, TRUST_DOMAIN_ALIAS};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Sources, Span, Spanned};
use crate::yaml::{self, fields::Fields};
use std::collections::BTreeMap;

/// The version of the language that this compiler knows.
pub const VERSION: u64 = 1;

/// Names and what they stand for, with the place of each name.
pub type Named<T> = BTreeMap<String, Entry<T>>;

/// What a name stands for.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// Where the name stands.
    pub name: Span,
    /// What it stands for.
    pub value: T,
}

/// A policy file, read.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The file.
    pub file: FileId,
    /// Name of the server.
    pub server: Spanned<String>,
    /// What this workload speaks where.
    pub endpoints: Endpoints,
    /// Who may reach it.
    pub callers: Named<Caller>,
    /// Tools that go by one name.
    pub tool_groups: Named<ToolGroup>,
    /// What is granted.
    pub allow: Named<Rule>,
    /// What is refused all the same.
    pub deny: Named<Rule>,
    /// Sizes, by the key of [`LIMITS`].
    pub limits: BTreeMap<&'static str, Spanned<u32>>,
    /// What it may reach.
    pub egress: Egress,
    /// What is told to whom.
    pub audit: Audit,
    /// How calls are approved.
    pub approvals: Option<Approvals>,
}

impl Policy {
    /// The callers that are to reach the workload. An imported one may be another policy's: without a
    /// grant it has no business here.
    pub fn reaching_callers(&self) -> impl Iterator<Item = &Caller> {
        let own = |name: &str, entry: &Entry<Caller>| {
            entry.name.file == self.file || self.is_granted_something(name)
        };
        self.callers
            .iter()
            .filter(move |(name, entry)| own(name, entry))
            .map(|(_, entry)| &entry.value)
    }

    fn is_granted_something(&self, name: &str) -> bool {
        self.allow.values().any(|entry| {
            let callers = &entry.value.callers;
            callers.is_empty() || callers.iter().any(|caller| caller.value == name)
        })
    }
}

const KEYS: &[&str] = &[
    "version",
    "server",
    "import",
    "endpoints",
    "callers",
    "tool_groups",
    "allow",
    "deny",
    "approvals",
    "limits",
    "egress",
    "audit",
];

/// Reads a policy. `imported` holds the files that it names, by the name that it gives them.
///
/// None: it cannot be checked any further. Whether it may be compiled, `found` says.
pub fn read(
    sources: &Sources,
    file: FileId,
    imported: &Imported,
    found: &mut Diagnostics,
) -> Option<Policy> {
    let node = yaml::parse(sources, file, found)?;
    let fields = Fields::read(&node, KEYS, found)?;
    check_version(&fields, found)?;
    let shared = imports::read(sources, &fields, imported, found);
    let mut callers = callers::read(fields.get("callers"), found);
    let mut tool_groups = rules::read_groups(fields.get("tool_groups"), found);
    imports::merge(&mut callers, shared.callers, found);
    imports::merge(&mut tool_groups, shared.tool_groups, found);
    let mut limits = shared.limits;
    limits.extend(limits::read(fields.get("limits"), found));
    let server = fields.require("server", found);
    Some(Policy {
        file,
        server: server
            .and_then(|node| yaml::fields::text(node, found))
            .unwrap_or_else(|| Spanned {
                value: String::new(),
                span: fields.span,
            }),
        endpoints: endpoints::read(fields.require("endpoints", found), found),
        callers,
        tool_groups,
        allow: rules::read(fields.get("allow"), found),
        deny: rules::read(fields.get("deny"), found),
        limits,
        egress: egress::read(fields.get("egress"), found),
        audit: audit::read(fields.get("audit"), found),
        approvals: approvals::read(fields.get("approvals"), sources, imported, found),
    })
}

/// A file of another version may mean something else by every key, so nothing else of it is read.
pub(crate) fn check_version(fields: &Fields<'_>, found: &mut Diagnostics) -> Option<()> {
    let node = fields.require("version", found)?;
    let version = yaml::fields::whole::<u64>(node, found)?;
    if version.value != VERSION {
        let message = format!("version {} of the language is not known", version.value);
        found.push(
            Diagnostic::new(Code::UnknownVersion, version.span, message)
                .label(format!("this compiler knows version {VERSION}")),
        );
        return None;
    }
    Some(())
}

/// Reads a map from names of the author's choice.
pub(crate) fn named<T>(
    node: Option<&yaml::Node>,
    found: &mut Diagnostics,
    mut read: impl FnMut(&yaml::Node, &mut Diagnostics) -> Option<T>,
) -> Named<T> {
    let Some(fields) = node.and_then(|node| Fields::any(node, found)) else {
        return Named::new();
    };
    let mut named = Named::new();
    for (name, node) in fields.entries() {
        if !is_name(&name.value) {
            let message = format!("`{}` is not a name", name.value);
            found.push(
                Diagnostic::new(Code::Malformed, name.span, message)
                    .label("letters, digits, `-`, `_` and `.`, at most 63"),
            );
            continue;
        }
        if let Some(value) = read(node, found) {
            let entry = Entry {
                name: name.span,
                value,
            };
            named.insert(name.value.clone(), entry);
        }
    }
    named
}

/// A name that can stand in metrics, labels and logs without quotes.
fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(fits)
}
