//! SHA-256 over several parts, each behind its length, so that none runs into the next; and its short form.

use sha2::{Digest, Sha256};

pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hasher.update(length.to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// What stands for a text that is long or secret: half of its SHA-256, in hexadecimal.
pub(crate) fn short_digest(text: &[u8]) -> String {
    let digest = Sha256::digest(text);
    let half = digest.iter().take(16);
    half.map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(digest(&[b"desk", b"1"]), digest(&[b"des", b"k1"]));
        assert_ne!(digest(&[b"desk", b""]), digest(&[b"desk"]));
    }
}
