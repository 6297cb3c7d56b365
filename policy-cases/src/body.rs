//! A body as a list of repeated runs of bytes, so that a case of 10 MiB stays small on disk.

use crate::case::Repeat;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

/// Bytes of a request or an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body(Vec<Run>);

/// `bytes`, `count` times. Written as `["68656c6c6f", 1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    bytes: Vec<u8>,
    count: u32,
}

/// The ways in which a case may write a body; at most one is given.
#[derive(Clone, Copy, Debug)]
pub struct BodyForms<'a> {
    /// A JSON value.
    pub json: Option<&'a Value>,
    /// Exact text, each form that is plain text.
    pub texts: [Option<&'a str>; 2],
    /// Bytes in hexadecimal.
    pub hex: Option<&'a str>,
    /// A repeated unit.
    pub repeat: Option<&'a Repeat>,
}

impl Body {
    /// A body of exactly these bytes.
    #[must_use]
    pub fn of(bytes: impl Into<Vec<u8>>) -> Self {
        Self(vec![Run {
            bytes: bytes.into(),
            count: 1,
        }])
    }

    /// The body that a case writes, `None` if it writes none.
    ///
    /// # Errors
    /// More than one form is given, or the hexadecimal text is not one.
    pub fn from_forms(forms: BodyForms<'_>) -> Result<Option<Self>, String> {
        let mut bodies = Vec::new();
        bodies.extend(forms.json.map(|value| Self::of(value.to_string())));
        bodies.extend(forms.texts.into_iter().flatten().map(Self::of));
        if let Some(text) = forms.hex {
            bodies.push(Self::of(from_hex(text)?));
        }
        bodies.extend(forms.repeat.map(Self::repeated));
        if bodies.len() > 1 {
            return Err("at most one form of a body may be given".to_owned());
        }
        Ok(bodies.pop())
    }

    fn repeated(repeat: &Repeat) -> Self {
        let run = |text: &str, count| Run {
            bytes: text.into(),
            count,
        };
        Self(vec![
            run(&repeat.prefix, 1),
            run(&repeat.unit, repeat.count),
            run(&repeat.suffix, 1),
        ])
    }

    /// The bytes themselves.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let repeated = |run: &Run| run.bytes.repeat(usize::try_from(run.count).unwrap_or(0));
        let runs: Vec<_> = self.0.iter().map(repeated).collect();
        runs.concat()
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|run| (to_hex(&run.bytes), run.count)))
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let runs: Vec<(String, u32)> = Vec::deserialize(deserializer)?;
        let run = |(hex, count): (String, u32)| {
            from_hex(&hex)
                .map(|bytes| Run { bytes, count })
                .map_err(D::Error::custom)
        };
        runs.into_iter()
            .map(run)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Plain bytes, written in the form of a [`Body`].
pub(crate) mod plain {
    use super::{Body, Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        Body::of(bytes).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        Body::deserialize(from).map(|body| body.bytes())
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// White space between the digits is allowed, so that a case can group them.
fn from_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let pair = |pair: &[char]| {
        let text: String = pair.iter().collect();
        if text.len() != 2 || !text.chars().all(|c| c.is_ascii_hexdigit()) {
            return Err(format!("`{text}` is no pair of hexadecimal digits"));
        }
        u8::from_str_radix(&text, 16).map_err(|error| error.to_string())
    };
    digits.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_survives_its_written_form() {
        let repeat = Repeat {
            prefix: "[".into(),
            unit: "0,".into(),
            count: 3,
            suffix: "0]".into(),
        };
        let body = Body::repeated(&repeat);
        let written = serde_json::to_string(&body).unwrap();
        assert_eq!(written, r#"[["5b",1],["302c",3],["305d",1]]"#);
        let read: Body = serde_json::from_str(&written).unwrap();
        assert_eq!(read.bytes(), b"[0,0,0,0]");
    }

    #[test]
    fn half_a_byte_is_no_hexadecimal() {
        assert_eq!(from_hex("ef bb\nbf").unwrap(), [0xef, 0xbb, 0xbf]);
        assert!(from_hex("efb").is_err());
        assert!(from_hex("+1").is_err());
    }
}
