//! The commands, one file each.

pub(crate) mod check;
pub(crate) mod checklist;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod schema;
