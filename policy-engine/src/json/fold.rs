//! Keys that some servers take for others.
//!
//! Go's `encoding/json` matches keys without regard to case, by Unicode simple folding: U+017F
//! (long s) counts as `s` and U+212A (Kelvin sign) as `k`.

/// Whether two keys are the same to a reader that folds case.
#[must_use]
pub fn equal_folded(left: &str, right: &str) -> bool {
    left.chars().map(fold).eq(right.chars().map(fold))
}

/// Whether `key` is none of `known`, but is taken for one of them by a reader that folds case.
#[must_use]
pub fn is_twin(key: &str, known: &[&str]) -> bool {
    !known.contains(&key) && known.iter().any(|name| equal_folded(key, name))
}

fn fold(character: char) -> char {
    match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}
