//! The longest stretch of a string that needs no decoding.

/// Bytes looked at together; the compiler turns the inner loop into vector instructions.
const BLOCK: usize = 32;

/// A prefix of some bytes that holds no quotation mark, backslash or control character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Its length in bytes.
    pub(super) len: usize,
    /// Whether it is all ASCII.
    pub(super) ascii: bool,
}

/// Measures the plain prefix of `bytes`.
pub(super) fn plain(bytes: &[u8]) -> Run {
    let mut len = 0usize;
    let mut seen = 0u8;
    for block in bytes.chunks_exact(BLOCK) {
        let (special, all) = block.iter().fold((false, 0u8), |(special, all), &byte| {
            (special | is_special(byte), all | byte)
        });
        if special {
            break;
        }
        seen |= all;
        len = len.saturating_add(BLOCK);
    }
    for &byte in bytes.get(len..).unwrap_or_default() {
        if is_special(byte) {
            break;
        }
        seen |= byte;
        len = len.saturating_add(1);
    }
    Run {
        len,
        ascii: seen.is_ascii(),
    }
}

fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}
