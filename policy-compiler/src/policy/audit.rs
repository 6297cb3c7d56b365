//! `audit`: what is told to whom.

use crate::diagnostic::Diagnostics;
use crate::yaml::{Node, fields::Fields};

/// What is told.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// Tell the client why it was refused, in the error's `data`.
    pub disclose_reason: bool,
}

pub(super) const KEYS: &[&str] = &["disclose_reason"];

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Audit {
    let Some(fields) = node.and_then(|node| Fields::read(node, KEYS, found)) else {
        return Audit::default();
    };
    Audit {
        disclose_reason: fields
            .flag("disclose_reason", found)
            .is_some_and(|flag| flag.value),
    }
}
