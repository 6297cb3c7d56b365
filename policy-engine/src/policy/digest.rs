//! The digest of a policy: SHA-256 over its JSON without white space and with sorted keys, so that
//! neither layout nor the order of keys changes it.

use crate::json::{Kind, Value, write_string};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The digest of a policy as it stands in the configuration, in hexadecimal.
pub(super) fn digest(policy: Value<'_>) -> String {
    let mut hasher = Sha256::new();
    add(policy, &mut hasher);
    let digest = hasher.finalize();
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(hex)
        .collect()
}

/// The configuration's reader bounds the recursion.
fn add(value: Value<'_>, hasher: &mut Sha256) {
    match value.kind() {
        Kind::Object => {
            hasher.update(b"{");
            let mut members = BTreeMap::new();
            for (key, member) in value.entries() {
                members.insert(key.as_str().unwrap_or_default(), member);
            }
            for (key, member) in members {
                add_text(&key, hasher);
                hasher.update(b":");
                add(member, hasher);
                hasher.update(b",");
            }
            hasher.update(b"}");
        }
        Kind::Array => {
            hasher.update(b"[");
            for item in value.items() {
                add(item, hasher);
                hasher.update(b",");
            }
            hasher.update(b"]");
        }
        Kind::String => add_text(&value.as_str().unwrap_or_default(), hasher),
        Kind::Number | Kind::True | Kind::False | Kind::Null => hasher.update(value.raw()),
    }
}

fn add_text(text: &str, hasher: &mut Sha256) {
    let mut written = Vec::new();
    write_string(&mut written, text);
    hasher.update(&written);
}

fn hex(digit: u8) -> Option<char> {
    char::from_digit(u32::from(digit), 16)
}
