//! What a scalar without quotes means: the core schema of YAML 1.2.2, section 10.3.2.

/// The meaning of a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A decimal number.
    Number(f64),
    /// Anything else.
    Text,
}

/// Resolves a plain scalar.
///
/// ```text
/// null | Null | NULL | ~ | (empty)          null
/// true | True | TRUE | false | False | …    a truth value
/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?   a number
/// ```
///
/// Octal and hexadecimal numbers, infinities and NaN are text here: no policy needs them.
#[must_use]
pub fn resolve(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ => number(text).map_or(Scalar::Text, Scalar::Number),
    }
}

/// Whether readers of YAML 1.1 and of YAML 1.2 take a plain scalar for different values: numbers that
/// begin with a zero (`010` is 8 or 10, `0x10` 16 or text), that hold `_`, and `yes` or `no`.
#[must_use]
pub fn is_doubtful(text: &str) -> bool {
    const WORDS: [&str; 4] = ["yes", "no", "on", "off"];
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut chars = unsigned.chars();
    let zero = chars.next() == Some('0')
        && chars
            .next()
            .is_some_and(|c| c.is_ascii_alphanumeric() && c != 'e' && c != 'E');
    let grouped = unsigned.contains('_') && unsigned.starts_with(|c: char| c.is_ascii_digit());
    let numeric = |c: char| c.is_ascii_hexdigit() || matches!(c, 'x' | 'o' | '_' | '.');
    (zero || grouped) && unsigned.chars().all(numeric)
        || WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Rust's own reader knows the same numbers, and words (`inf`, `nan`) that are kept out here.
fn number(text: &str) -> Option<f64> {
    let is_numeric = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    if !text.chars().all(is_numeric) || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}
