//! Keys that some servers take for others.
//!
//! Go's `encoding/json` matches keys without regard to case, by Unicode simple folding: U+017F
//! (long s) counts as `s` and U+212A (Kelvin sign) as `k`.

/// Whether two keys are the same to a reader that folds case.
#[must_use]
pub fn equal_folded(left: &str, right: &str) -> bool {
    equal_ascii(left.as_bytes(), right.as_bytes())
        .unwrap_or_else(|| left.chars().map(fold).eq(right.chars().map(fold)))
}

/// The same of bytes, most of which are ASCII and differ early. None: they are the same up to a
/// character that must be decoded.
pub(super) fn equal_ascii(left: &[u8], right: &[u8]) -> Option<bool> {
    for (left_byte, right_byte) in left.iter().zip(right) {
        if !left_byte.is_ascii() || !right_byte.is_ascii() {
            return None;
        }
        if !left_byte.eq_ignore_ascii_case(right_byte) {
            return Some(false);
        }
    }
    Some(left.len() == right.len())
}

/// Whether `key` is none of `known`, but is taken for one of them by a reader that folds case.
#[must_use]
pub fn is_twin(key: &str, known: &[&str]) -> bool {
    known.iter().any(|name| equal_folded(key, name)) && !known.contains(&key)
}

/// The same of a key's bytes. All `known` are ASCII, as every key of MCP is, so that the twins of an
/// ASCII key have its length. None: a character must be decoded.
pub(super) fn is_ascii_twin(key: &[u8], known: &[&str]) -> Option<bool> {
    if !key.is_ascii() {
        return None;
    }
    let same = |name: &&str| name.len() == key.len() && name.as_bytes().eq_ignore_ascii_case(key);
    Some(known.iter().any(same) && !known.iter().any(|name| name.as_bytes() == key))
}

fn fold(character: char) -> char {
    match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}
