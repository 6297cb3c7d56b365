//! Numbers (RFC 8259, section 6).
//!
//! ```abnf
//! number = [ minus ] int [ frac ] [ exp ]
//! int    = zero / ( digit1-9 *DIGIT )
//! frac   = decimal-point 1*DIGIT
//! exp    = e [ minus / plus ] 1*DIGIT
//! ```

use super::JsonFault;

/// Largest integer that every reader holds exactly: 2^53 − 1 (RFC 8259, section 6).
pub(crate) const LARGEST_SAFE: f64 = 9_007_199_254_740_991.0;

/// Longest lexeme in bytes; no double needs more than 1,100 digits, no sane peer more than 30.
pub(super) const LONGEST: usize = 1024;

/// Integers up to this many digits need no look at their magnitude.
const SURELY_FINITE: usize = 300;

/// Whether `byte` can stand in a number.
pub(super) fn is_part(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

/// The lexeme at the beginning of `chunk`, if what follows shows where it ends.
pub(super) fn whole(chunk: &[u8]) -> Option<&[u8]> {
    chunk.get(..chunk.iter().position(|&byte| !is_part(byte))?)
}

/// Checks a whole lexeme: grammar, and that it does not overflow a double.
pub(super) fn check(lexeme: &[u8]) -> Result<(), JsonFault> {
    let unsigned = lexeme.strip_prefix(b"-").unwrap_or(lexeme);
    let (int, rest) = digits(unsigned);
    let leading_zero = int.len() > 1 && int.first() == Some(&b'0');
    if int.is_empty() || leading_zero {
        return Err(JsonFault::Syntax);
    }
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => some_digits(fraction)?,
        None => rest,
    };
    if rest.is_empty() && int.len() < SURELY_FINITE {
        return Ok(());
    }
    exponent(rest)?;
    let text = core::str::from_utf8(lexeme).map_err(|_| JsonFault::Syntax)?;
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(()),
        _ => Err(JsonFault::NumberRange),
    }
}

fn exponent(text: &[u8]) -> Result<(), JsonFault> {
    let Some((b'e' | b'E', signed)) = text.split_first() else {
        return if text.is_empty() {
            Ok(())
        } else {
            Err(JsonFault::Syntax)
        };
    };
    let unsigned = match signed.split_first() {
        Some((b'-' | b'+', rest)) => rest,
        _ => signed,
    };
    if some_digits(unsigned)?.is_empty() {
        return Ok(());
    }
    Err(JsonFault::Syntax)
}

fn some_digits(text: &[u8]) -> Result<&[u8], JsonFault> {
    let (digits, rest) = digits(text);
    if digits.is_empty() {
        return Err(JsonFault::Syntax);
    }
    Ok(rest)
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    text.split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, &[]))
}
