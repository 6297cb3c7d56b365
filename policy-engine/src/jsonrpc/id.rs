use crate::json::{Kind, Value};

/// Largest magnitude of an integer id that every peer echoes unchanged: 2^53 − 1.
const LARGEST: u64 = 9_007_199_254_740_991;

/// The id of a request, as it stands on the wire: answers copy it verbatim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id(Vec<u8>);

impl Id {
    /// Takes a string without control characters, or an integer within ±(2^53 − 1).
    #[must_use]
    pub fn read(value: Value<'_>) -> Option<Self> {
        let fits = match value.kind() {
            Kind::String => !value.as_str()?.contains(char::is_control),
            Kind::Number => is_safe_integer(value.as_number()?),
            _ => false,
        };
        fits.then(|| Self(value.raw().to_vec()))
    }

    /// The id that stands for none.
    #[must_use]
    pub fn null() -> Self {
        Self(b"null".to_vec())
    }

    /// Its bytes on the wire.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Digits alone: `1.0`, `1e2` and `-0` are echoed differently by different servers.
fn is_safe_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let magnitude = digits.parse::<u64>();
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && magnitude.is_ok_and(|magnitude| magnitude <= LARGEST)
        && text != "-0"
}
