//! Numbers that every reader takes for the same, in ECMAScript's form (RFC 8785, section 3.2.2.3;
//! ECMA-262, section 6.1.6.1.20).

use crate::json::LARGEST_SAFE;
use core::fmt;

/// The exact value of a lexeme: `0.DIGITS × 10^point`. No digit is zero at either end; zero has none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    digits: String,
    /// How many digits stand before the decimal point; negative: how many zeros behind it.
    point: i32,
}

impl Decimal {
    /// Reads a lexeme that the tokenizer accepted.
    pub(super) fn of(lexeme: &str) -> Option<Self> {
        let (negative, unsigned) = match lexeme.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, lexeme),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let zeros = all.len().checked_sub(digits.len())?;
        let point = i32::try_from(whole.len())
            .ok()?
            .checked_sub(i32::try_from(zeros).ok()?)?
            .checked_add(exponent)?;
        let digits = digits.trim_end_matches('0');
        let point = if digits.is_empty() { 0 } else { point };
        Some(Self {
            negative,
            digits: digits.into(),
            point,
        })
    }
}

/// Whether it is within ±(2^53 − 1), no negative zero, and what the double nearest to it is written as.
pub(super) fn is_exact(decimal: &Decimal) -> bool {
    let Ok(double) = decimal.to_string().parse::<f64>() else {
        return false;
    };
    let is_negative_zero = decimal.negative && decimal.digits.is_empty();
    // The fewest digits that lead back to the same double, as ECMAScript wants them.
    double.abs() <= LARGEST_SAFE
        && !is_negative_zero
        && Decimal::of(zmij::Buffer::new().format_finite(double)).as_ref() == Some(decimal)
}

impl fmt::Display for Decimal {
    /// As `Number::toString` writes a double with these digits, where k is their number and n the
    /// place of the point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        let count = i32::try_from(self.digits.len()).unwrap_or(i32::MAX);
        match self.point {
            _ if self.digits.is_empty() => f.write_str("0"),
            point @ 1..=21 if point >= count => {
                let zeros = usize::try_from(point.saturating_sub(count)).unwrap_or_default();
                write!(f, "{}{:0<zeros$}", self.digits, "")
            }
            point @ 1..=21 => {
                let at = usize::try_from(point).unwrap_or_default();
                let (whole, fraction) = self.digits.split_at_checked(at).unwrap_or_default();
                write!(f, "{whole}.{fraction}")
            }
            point @ -5..=0 => {
                let zeros = usize::try_from(point.saturating_neg()).unwrap_or_default();
                write!(f, "0.{:0<zeros$}{}", "", self.digits)
            }
            point => self.write_exponential(point.saturating_sub(1), f),
        }
    }
}

impl Decimal {
    fn write_exponential(&self, exponent: i32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, rest) = self.digits.split_at_checked(1).unwrap_or_default();
        f.write_str(first)?;
        if !rest.is_empty() {
            write!(f, ".{rest}")?;
        }
        write!(f, "e{exponent:+}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(lexeme: &str) -> Option<String> {
        let decimal = Decimal::of(lexeme).filter(is_exact);
        decimal.map(|decimal| decimal.to_string())
    }

    /// RFC 8785, appendix B, as far as it lies within ±(2^53 − 1).
    #[test]
    fn numbers_are_written_as_ecmascript_writes_them() {
        for (lexeme, expected) in [
            ("0", "0"),
            ("0.0", "0"),
            ("0e5", "0"),
            ("-1", "-1"),
            ("1.0", "1"),
            ("1e2", "100"),
            ("100", "100"),
            ("120e-1", "12"),
            ("4.50", "4.5"),
            ("2e-3", "0.002"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("1.5E-7", "1.5e-7"),
            ("0.000000000000000000000000001", "1e-27"),
            ("5e-324", "5e-324"),
            ("-5e-324", "-5e-324"),
            ("333333333.33333329", "333333333.3333333"),
            ("9007199254740991", "9007199254740991"),
            ("-9007199254740991", "-9007199254740991"),
            ("0.1", "0.1"),
            // 2^-25, halfway between two of as many digits: ties go to the even one.
            ("2.9802322387695312e-8", "2.9802322387695312e-8"),
            ("123.456", "123.456"),
        ] {
            match lexeme {
                // The double is 333333333.3333333; what is written here is another number.
                "333333333.33333329" => assert_eq!(canonical(lexeme), None),
                _ => assert_eq!(canonical(lexeme).as_deref(), Some(expected), "{lexeme}"),
            }
        }
    }

    #[test]
    fn numbers_that_readers_hold_differently_are_unfit() {
        for lexeme in [
            "9007199254740992",
            "-9007199254740992",
            "1152921504606846976",
            "1152921504606846977",
            "1e16",
            "1e300",
            "-0",
            "-0.0",
            "-0e7",
            "1e-400",
            "0.1000000000000000055",
            "0.30000000000000001",
            "1.00000000000000000000001",
            "9007199254740990.9",
            "1e-99999999999",
        ] {
            assert_eq!(canonical(lexeme), None, "{lexeme}");
        }
    }
}
