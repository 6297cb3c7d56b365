//! Times as people write them: `45s`, `2m`, `1h`.

/// What a time looks like, for schemas.
pub(crate) const PATTERN: &str = "^[0-9]+[smh]$";

/// The seconds of a time. None: it is malformed, nothing at all, or longer than can be counted.
///
/// ```text
/// time = 1*digit ( "s" / "m" / "h" )
/// ```
#[must_use]
pub fn seconds(text: &str) -> Option<u32> {
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    let (number, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))?;
    // Rust's own reader would take a sign.
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = number.parse::<u32>().ok()?.checked_mul(unit)?;
    (seconds > 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_time_is_a_number_and_its_unit() {
        for (text, expected) in [
            ("1s", 1),
            ("90s", 90),
            ("5m", 300),
            ("1h", 3600),
            ("007s", 7),
            ("4294967295s", u32::MAX),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn all_else_is_none() {
        for text in [
            "",
            "s",
            "5",
            "90sss",
            "5 m",
            " 5m",
            "5m ",
            "-1s",
            "+1s",
            "1.5s",
            "1h30m",
            "1d",
            "5S",
            "0s",
            "00m",
            "٣s",
            "4294967296s",
            "71582789m",
            "1193047h",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
