//! An event: what was read of it, and its bytes.

use super::{MESSAGE, write};
use std::ops::Range;

/// One event of a stream. It states an `id`, a `retry` or data, or several of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) retry: Option<u64>,
    /// Where the data stands in `bytes`, so that a large event is held but once.
    pub(super) data: Option<Range<usize>>,
    /// The lines of known fields and the blank line, each ended by LF.
    pub(super) bytes: Vec<u8>,
    /// `bytes` are not what the writer would write.
    pub(super) irregular: bool,
}

impl Event {
    /// The event's type: `message`, if it states none.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(MESSAGE)
    }

    /// The id from which the client would resume. An empty one takes the last one back.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The data, if there is more of it than an empty line: valid UTF-8, its lines joined by LF,
    /// without white space around any of them and without empty ones.
    ///
    /// An event without data says nothing to a client but its `id` and `retry`.
    pub fn data(&self) -> Option<&[u8]> {
        self.bytes
            .get(self.data.clone()?)
            .filter(|data| !data.is_empty())
    }

    /// The event's bytes, if they are exactly what [`Event::write`] would write.
    pub fn canonical(&self) -> Option<&[u8]> {
        (!self.irregular).then_some(&self.bytes)
    }

    /// Takes the event's bytes, if they are exactly what [`Event::write`] would write.
    ///
    /// # Errors
    /// Gives the event back if they are not.
    pub fn into_canonical(self: Box<Self>) -> Result<Vec<u8>, Box<Self>> {
        if self.irregular {
            return Err(self);
        }
        Ok(self.bytes)
    }

    /// Writes the event in the form that all clients read alike.
    ///
    /// Its data must be JSON text, or text without line breaks, as these become spaces.
    pub fn write(&self, out: &mut Vec<u8>) {
        if self.data.is_some() {
            return self.write_with(self.data().unwrap_or_default(), out);
        }
        self.write_fields(out);
        out.push(b'\n');
    }

    /// Writes the event as [`Event::write`] does, with this JSON text as its data.
    pub fn write_with(&self, data: &[u8], out: &mut Vec<u8>) {
        let data = data.trim_ascii();
        if let Some(name) = self.name.as_deref().filter(|_| !data.is_empty()) {
            write::field("event", name, out);
        }
        self.write_fields(out);
        write::data(data, out);
        out.push(b'\n');
    }

    fn write_fields(&self, out: &mut Vec<u8>) {
        if let Some(id) = self.id() {
            write::field("id", id, out);
        }
        if let Some(milliseconds) = self.retry {
            write::field("retry", &milliseconds.to_string(), out);
        }
    }
}
