//! What became of the answer, which is another matter than what was decided about the request: a
//! tool may have run although its answer was withheld.

use super::payload::Payload;
use super::redact::Redaction;
use super::tree::{Fields, Item};
use crate::decision::Reason;
use crate::json::{Kind, Value};
use crate::policy::Audit;

/// Most names of one kind in a record.
const MOST_NAMES: usize = 100;

/// How an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// No answer of the server was awaited, or none has been seen yet.
    #[default]
    None,
    /// It reached the client; nothing was taken out.
    Passed,
    /// It reached the client without some of its items.
    Filtered,
    /// It was withheld, or, of a stream, one of its messages was.
    Refused,
    /// It ended before it was whole.
    BrokenOff,
}

impl Ending {
    fn label(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Passed => "passed",
            Self::Filtered => "filtered",
            Self::Refused => "refused",
            Self::BrokenOff => "broken_off",
        }
    }
}

/// What is recorded of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// How it ended.
    pub ending: Ending,
    /// Why it, or a part of it, was withheld.
    pub reason: Option<Reason>,
    /// What the server said.
    pub said: Said,
    /// What was taken out.
    pub removed: Removed,
}

/// The server's own words about how the request went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The code of a JSON-RPC error, as it stands in the answer.
    pub error: Option<String>,
    /// A tool's result with `isError: true`.
    pub is_error: bool,
    /// The result.
    pub result: Payload,
}

impl Said {
    pub(crate) fn note_result(&mut self, result: Value<'_>, audit: &Audit) {
        let (detail, bytes) = (audit.results, audit.value_bytes);
        self.result = Payload::of(Some(result), detail, bytes, &audit.redaction);
        self.is_error = result
            .get("isError")
            .is_some_and(|flag| flag.kind() == Kind::True);
    }

    pub(crate) fn note_error(&mut self, error: Value<'_>) {
        let code = error.get("code").and_then(Value::as_number);
        self.error = code.map(str::to_owned);
    }
}

/// Items that were taken out of an answer: how many of each kind, and the names of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    kinds: Vec<OfKind>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct OfKind {
    name: &'static str,
    count: u32,
    names: Vec<String>,
}

impl Removed {
    /// Notes an item; one without a name by which it is known has none here.
    pub(crate) fn add(&mut self, kind: &'static str, name: Option<&str>) {
        let known = self.kinds.iter().position(|known| known.name == kind);
        if known.is_none() {
            self.kinds.push(OfKind {
                name: kind,
                count: 0,
                names: Vec::new(),
            });
        }
        let noted = match known {
            Some(place) => self.kinds.get_mut(place),
            None => self.kinds.last_mut(),
        };
        let Some(noted) = noted else { return };
        noted.count = noted.count.saturating_add(1);
        if let Some(name) = name.filter(|_| noted.names.len() < MOST_NAMES) {
            noted.names.push(super::text::cut(name.into()).into_owned());
        }
    }

    /// How many were taken out, by kind.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u32)> {
        self.kinds.iter().map(|kind| (kind.name, kind.count))
    }

    /// Whether nothing was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    fn fields<'r>(&'r self, redaction: &Redaction) -> Fields<'r> {
        let mut fields = Fields::default();
        for kind in &self.kinds {
            let mut inner = Fields::default();
            inner.number("count", kind.count);
            let names = kind.names.iter();
            let names = names.map(|name| Item::Text(redaction.text(name))).collect();
            inner.add("names", Item::List(names));
            fields.object(kind.name, inner);
        }
        fields
    }
}

impl Answer {
    /// Whether another policy made another thing of the same answer.
    pub(super) fn differs(&self, other: &Self) -> bool {
        self.ending != other.ending || self.reason != other.reason || self.removed != other.removed
    }

    pub(super) fn fields<'r>(&'r self, redaction: &Redaction) -> Fields<'r> {
        let mut fields = Fields::default();
        fields.text("outcome", self.ending.label());
        fields.maybe("reason", self.reason.map(Reason::label));
        fields.maybe("rpc.response.status_code", self.said.error.as_deref());
        if self.said.is_error {
            fields.add("is_error", Item::Flag(true));
        }
        let result = ("result_digest", "gen_ai.tool.call.result");
        self.said.result.add_to(&mut fields, result.0, result.1);
        fields.object("removed", self.removed.fields(redaction));
        fields
    }
}
