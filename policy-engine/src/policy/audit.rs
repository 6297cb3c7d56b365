//! What is recorded of messages beside the decision.

use super::PolicyFault;
use super::format::AuditSpec;
use crate::glob::Glob;
use crate::record::Redaction;
use std::rc::Rc;

/// Bytes of one value in a record, where the policy does not say.
const VALUE_BYTES: usize = 4096;

/// How much of a value is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// Its digest.
    Digest,
    /// Its digest, and the value without its secrets.
    Redacted,
}

/// What is recorded of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Of the arguments of a call.
    pub arguments: Detail,
    /// Of results.
    pub results: Detail,
    /// Most bytes of one value.
    pub value_bytes: usize,
    /// What never enters a record.
    pub redaction: Rc<Redaction>,
}

impl Audit {
    pub(super) fn new(spec: &AuditSpec) -> Result<Self, PolicyFault> {
        let mut values = Vec::new();
        for pattern in &spec.redact_values {
            let glob = Glob::name(pattern);
            values.push(glob.map_err(|error| {
                PolicyFault::new("audit.redact_values", format!("`{pattern}` {error}"))
            })?);
        }
        Ok(Self {
            arguments: spec.arguments,
            results: spec.results,
            value_bytes: spec
                .value_bytes
                .and_then(|bytes| usize::try_from(bytes).ok())
                .unwrap_or(VALUE_BYTES),
            redaction: Rc::new(Redaction::new(&spec.redact_keys, values)),
        })
    }
}
