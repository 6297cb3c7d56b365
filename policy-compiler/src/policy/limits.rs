//! `limits`: sizes and depths.

use crate::diagnostic::Diagnostics;
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};
use mcp_guard_engine::policy::format::LimitsSpec;
use std::collections::BTreeMap;

/// One limit: its key, and its place in the compiled policy.
pub type Limit = (&'static str, fn(&mut LimitsSpec) -> &mut Option<u32>);

/// Every limit.
pub const LIMITS: [Limit; 7] = [
    ("request_bytes", |limits| &mut limits.request_bytes),
    ("response_bytes", |limits| &mut limits.response_bytes),
    ("held_bytes", |limits| &mut limits.held_bytes),
    ("argument_depth", |limits| &mut limits.argument_depth),
    ("arguments", |limits| &mut limits.arguments),
    ("keys", |limits| &mut limits.keys),
    ("list_ttl_ms", |limits| &mut limits.list_ttl_ms),
];

pub(super) fn read(
    node: Option<&Node>,
    found: &mut Diagnostics,
) -> BTreeMap<&'static str, Spanned<u32>> {
    let known = LIMITS.map(|(key, _)| key);
    let Some(fields) = node.and_then(|node| Fields::read(node, &known, found)) else {
        return BTreeMap::new();
    };
    known
        .into_iter()
        .filter_map(|key| Some((key, fields.whole(key, found)?)))
        .collect()
}
