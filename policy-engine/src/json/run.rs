//! The longest stretch of a string that needs no decoding, eight bytes at a time.

/// A prefix of some bytes that holds no quotation mark, backslash or control character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Its length in bytes.
    pub(super) len: usize,
    /// Whether it is all ASCII.
    pub(super) ascii: bool,
}

const WORD: usize = 8;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES * 0x80;

/// Measures the plain prefix of `bytes`.
pub(super) fn plain(bytes: &[u8]) -> Run {
    let mut len = 0usize;
    let mut seen = 0u64;
    let (words, rest) = bytes.as_chunks::<WORD>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let special = specials(word);
        if special != 0 {
            let before = special.trailing_zeros() / 8;
            seen |= low_bytes(word, before);
            len = len.saturating_add(usize::try_from(before).unwrap_or(0));
            return run(len, seen);
        }
        seen |= word;
        len = len.saturating_add(WORD);
    }
    for &byte in rest {
        if byte < 0x20 || byte == b'"' || byte == b'\\' {
            break;
        }
        seen |= u64::from(byte);
        len = len.saturating_add(1);
    }
    run(len, seen)
}

fn run(len: usize, seen: u64) -> Run {
    Run {
        len,
        ascii: seen & HIGH == 0,
    }
}

/// The high bit of every byte that ends a plain run. Bytes above the lowest one that is marked may
/// be marked wrongly, as borrows go upwards; the lowest never is.
fn specials(word: u64) -> u64 {
    let below_space = word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word;
    (below_space | zeros(word ^ ONES.wrapping_mul(0x22)) | zeros(word ^ ONES.wrapping_mul(0x5c)))
        & HIGH
}

fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word
}

/// The lowest `count` bytes of a word, of which there are fewer than eight.
fn low_bytes(word: u64, count: u32) -> u64 {
    let bits = count.wrapping_mul(8);
    word & 1u64.wrapping_shl(bits).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn byte_by_byte(bytes: &[u8]) -> Run {
        let is_plain = |byte: &&u8| **byte >= 0x20 && **byte != b'"' && **byte != b'\\';
        let plain: Vec<u8> = bytes.iter().take_while(is_plain).copied().collect();
        Run {
            len: plain.len(),
            ascii: plain.is_ascii(),
        }
    }

    proptest! {
        #[test]
        fn words_find_what_bytes_find(
            bytes in proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'"'), Just(b'\\'), Just(0x1f), Just(0x20), Just(0x21), Just(0x80), Just(0xa2), Just(0xff), any::<u8>()], 0..40),
            lead in 0usize..40,
        ) {
            let bytes = [vec![b'x'; lead], bytes].concat();
            prop_assert_eq!(plain(&bytes), byte_by_byte(&bytes));
        }
    }
}
