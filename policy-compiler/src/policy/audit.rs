//! `audit`: what is told to whom.

use crate::diagnostic::Diagnostics;
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};
use mcp_guard_engine::policy::Detail;
use mcp_guard_engine::policy::format::AuditSpec;

/// What is told.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// Tell the client why it was refused, in the error's `data`.
    pub disclose_reason: bool,
    /// What is recorded of messages, but for the patterns below.
    pub record: AuditSpec,
    /// Patterns of words that are blacked out.
    pub redact_values: Vec<Spanned<String>>,
}

pub(super) const KEYS: &[&str] = &[
    "disclose_reason",
    "arguments",
    "results",
    "value_bytes",
    "redact",
];

pub(super) const REDACT_KEYS: &[&str] = &["keys", "values"];

/// How much of a value is recorded.
pub(super) const DETAILS: &[(&str, Detail)] = &[
    ("none", Detail::None),
    ("digest", Detail::Digest),
    ("redacted", Detail::Redacted),
];

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Audit {
    let Some(fields) = node.and_then(|node| Fields::read(node, KEYS, found)) else {
        return Audit::default();
    };
    let mut detail = |key| fields.word(key, DETAILS, found).map(|word| word.value);
    let (arguments, results) = (detail("arguments"), detail("results"));
    let redact = fields.get("redact");
    let redact = redact.and_then(|node| Fields::read(node, REDACT_KEYS, found));
    let mut texts = |key| -> Vec<Spanned<String>> {
        let texts = redact.as_ref().map(|redact| redact.texts(key, found));
        texts.unwrap_or_default()
    };
    let (redact_keys, redact_values) = (texts("keys"), texts("values"));
    let disclose = fields.flag("disclose_reason", found);
    Audit {
        disclose_reason: disclose.is_some_and(|flag| flag.value),
        record: AuditSpec {
            arguments: arguments.unwrap_or_default(),
            results: results.unwrap_or_default(),
            value_bytes: fields.whole("value_bytes", found).map(|bytes| bytes.value),
            redact_keys: redact_keys.into_iter().map(|key| key.value).collect(),
            redact_values: Vec::new(),
        },
        redact_values,
    }
}
