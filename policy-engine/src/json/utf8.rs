//! UTF-8 that arrives in pieces.

use super::JsonFault;

/// Checks that pieces, put together, are UTF-8; a character may be cut between two of them.
#[derive(Debug, Default)]
pub(super) struct Utf8 {
    /// The bytes of a character whose end has not arrived, at most three.
    carry: Vec<u8>,
}

impl Utf8 {
    /// Checks the next piece.
    pub(super) fn push(&mut self, mut piece: &[u8]) -> Result<(), JsonFault> {
        while !self.carry.is_empty() {
            let Some((&byte, rest)) = piece.split_first() else {
                return Ok(());
            };
            piece = rest;
            self.carry.push(byte);
            match core::str::from_utf8(&self.carry) {
                Ok(_) => self.carry.clear(),
                Err(fault) if fault.error_len().is_none() => {}
                Err(_) => return Err(JsonFault::NotUtf8),
            }
        }
        let Err(fault) = core::str::from_utf8(piece) else {
            return Ok(());
        };
        if fault.error_len().is_some() {
            return Err(JsonFault::NotUtf8);
        }
        let tail = piece.get(fault.valid_up_to()..).unwrap_or_default();
        self.carry.extend_from_slice(tail);
        Ok(())
    }

    /// Whether no character is half read.
    pub(super) fn is_complete(&self) -> bool {
        self.carry.is_empty()
    }
}
