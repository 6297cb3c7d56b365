//! Tools that need a human, as lists show them.

use crate::json::{Value, is_twin, write_string};
use crate::names::META_APPROVAL;
use crate::policy::format::Approval;

/// A tool with its approval level: hints that say it is destructive, and the level in `_meta`.
/// `destructiveHint` means nothing beside `readOnlyHint: true` (schema, `ToolAnnotations`), so that
/// is set, too. None: it needs nobody.
pub(super) fn flagged(tool: Value<'_>, level: Approval) -> Option<Vec<u8>> {
    if level == Approval::None {
        return None;
    }
    let level = format!("\"{}\"", level.label());
    let hints: [(&str, &[u8]); 2] = [("destructiveHint", b"true"), ("readOnlyHint", b"false")];
    let annotations = with(tool.get("annotations"), &hints);
    let meta = with(tool.get("_meta"), &[(META_APPROVAL, level.as_bytes())]);
    Some(with(
        Some(tool),
        &[("annotations", &annotations), ("_meta", &meta)],
    ))
}

/// An object with these members, in place of its own of that name or of a name that some client
/// takes for it. Anything but an object is like an empty one.
fn with(object: Option<Value<'_>>, members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"{".to_vec();
    let separate = |out: &mut Vec<u8>| {
        if out.len() > 1 {
            out.push(b',');
        }
    };
    for (key, value) in object.into_iter().flat_map(Value::entries) {
        let text = key.as_str().unwrap_or_default();
        let replaced = |name: &&str| *name == text || is_twin(&text, &[name]);
        if members.iter().map(|(name, _)| name).any(replaced) {
            continue;
        }
        separate(&mut out);
        out.extend_from_slice(key.raw());
        out.push(b':');
        out.extend_from_slice(value.raw());
    }
    for (name, value) in members {
        separate(&mut out);
        write_string(&mut out, name);
        out.push(b':');
        out.extend_from_slice(value);
    }
    out.push(b'}');
    out
}
