use crate::json::{Kind, LARGEST_SAFE, Value};

/// The id of a request, as it stands on the wire: answers copy it verbatim.
#[derive(Clone, Debug)]
pub struct Id {
    raw: Vec<u8>,
    /// The text or the digits, by which ids are compared: some clients take `"1"` for `1`.
    value: String,
}

impl Id {
    /// Takes a string without control characters, or an integer within ±(2^53 − 1).
    #[must_use]
    pub fn read(value: Value<'_>) -> Option<Self> {
        let text = match value.kind() {
            Kind::String => value
                .as_str()
                .filter(|text| !text.contains(char::is_control))?,
            Kind::Number => value
                .as_number()
                .filter(|text| is_safe_integer(text))?
                .into(),
            _ => return None,
        };
        Some(Self {
            raw: value.raw().to_vec(),
            value: text.into_owned(),
        })
    }

    /// The id that stands for none.
    #[must_use]
    pub fn null() -> Self {
        Self {
            raw: b"null".to_vec(),
            value: String::new(),
        }
    }

    /// The text, or the digits.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.value
    }

    /// Its bytes on the wire.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.raw
    }
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Id {}

/// Whether every peer echoes the id unchanged. Digits alone: `1.0`, `1e2` and `-0` are echoed differently by different servers.
fn is_safe_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let magnitude = digits.parse::<f64>();
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && magnitude.is_ok_and(|magnitude| magnitude <= LARGEST_SAFE)
        && text != "-0"
}
