//! Arguments and results, as far as the policy has them recorded.

use super::redact::{REDACTED, Redaction};
use super::text::{MARK, cut};
use super::tree::{Fields, Item};
use crate::approval::Digest;
use crate::json::{Kind, LARGEST_SAFE, Value};
use crate::policy::Detail;

/// How deep a value is shown: Envoy's readers bound how deep protobuf is nested.
const DEEPEST: usize = 12;

/// What is recorded of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Payload {
    /// Its digest in base64url; none for a value that has none, as numbers in it are ambiguous.
    pub digest: Option<String>,
    /// The value itself, without its secrets and as far as there is room.
    shown: Option<Item<'static>>,
    /// Whether something of it was left out.
    truncated: bool,
}

impl Eq for Payload {}

impl Payload {
    /// Notes a value in that detail; at most so many bytes of it.
    pub(crate) fn of(
        value: Option<Value<'_>>,
        detail: Detail,
        bytes: usize,
        redaction: &Redaction,
    ) -> Self {
        if detail == Detail::None {
            return Self::default();
        }
        let digest = Digest::of(value).ok().map(|digest| digest.to_base64url());
        let mut shown = Shown {
            left: bytes,
            truncated: false,
            redaction,
        };
        let item = value
            .filter(|_| detail == Detail::Redacted)
            .map(|value| shown.item(value, DEEPEST));
        Self {
            digest,
            shown: item,
            truncated: shown.truncated,
        }
    }

    /// Adds the members that it has, by these names.
    pub(super) fn add_to<'r>(
        &'r self,
        fields: &mut Fields<'r>,
        digest: &'static str,
        value: &'static str,
    ) {
        fields.maybe(digest, self.digest.as_deref());
        if let Some(item) = &self.shown {
            fields.add(value, item.clone());
        }
        if self.truncated {
            fields.add("truncated", Item::Flag(true));
        }
    }
}

/// A value on its way into the record.
struct Shown<'r> {
    left: usize,
    truncated: bool,
    redaction: &'r Redaction,
}

impl Shown<'_> {
    fn item(&mut self, value: Value<'_>, levels: usize) -> Item<'static> {
        self.left = self.left.saturating_sub(1);
        let deeper = levels.checked_sub(1);
        match (value.kind(), deeper) {
            (Kind::Object, Some(levels)) => self.object(value, levels),
            (Kind::Array, Some(levels)) => self.list(value, levels),
            (Kind::Object | Kind::Array, None) => self.mark(),
            (Kind::String, _) => self.text(&value.as_str().unwrap_or_default()),
            (Kind::Number, _) => number(value.as_number().unwrap_or_default()),
            (Kind::True, _) => Item::Flag(true),
            (Kind::False, _) => Item::Flag(false),
            (Kind::Null, _) => Item::Null,
        }
    }

    fn object(&mut self, value: Value<'_>, levels: usize) -> Item<'static> {
        let mut fields = Fields::default();
        for (key, member) in value.entries() {
            if self.left == 0 {
                fields.add(MARK.to_string(), self.mark());
                break;
            }
            let key = key.as_str().unwrap_or_default();
            self.left = self.left.saturating_sub(key.len());
            let secret = self.redaction.is_secret_key(&key);
            let plain = matches!(member.kind(), Kind::Null | Kind::True | Kind::False);
            let item = match secret && !plain {
                true => Item::Text(REDACTED.into()),
                false => self.item(member, levels),
            };
            fields.add(cut(self.redaction.text(&key)).into_owned(), item);
        }
        Item::Object(fields)
    }

    fn list(&mut self, value: Value<'_>, levels: usize) -> Item<'static> {
        let mut items = Vec::new();
        for item in value.items() {
            if self.left == 0 {
                items.push(self.mark());
                break;
            }
            items.push(self.item(item, levels));
        }
        Item::List(items)
    }

    fn text(&mut self, text: &str) -> Item<'static> {
        let clean = self.redaction.text(text);
        let whole = clean.len();
        let mut shown = cut(clean).into_owned();
        if shown.len() < whole {
            self.truncated = true;
        }
        if shown.len() > self.left {
            let end = (0..=self.left)
                .rev()
                .find(|end| shown.is_char_boundary(*end));
            shown.truncate(end.unwrap_or_default());
            shown.push(MARK);
            self.truncated = true;
        }
        self.left = self.left.saturating_sub(shown.len());
        Item::Text(shown.into())
    }

    /// What stands in the place of what is left out.
    fn mark(&mut self) -> Item<'static> {
        self.truncated = true;
        Item::Text(MARK.to_string().into())
    }
}

/// A number, or its digits where a double does not hold it.
fn number(digits: &str) -> Item<'static> {
    let whole = digits
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'-'));
    match digits.parse::<f64>() {
        Ok(number) if number.is_finite() && (!whole || number.abs() <= LARGEST_SAFE) => {
            Item::Number(number)
        }
        _ => Item::Text(cut(digits.into()).into_owned().into()),
    }
}
