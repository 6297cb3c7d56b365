//! An event under way.

use super::line::{Field, Value};
use super::{Event, MESSAGE};
use std::ops::Range;

/// The lines of an event so far, and the unfinished line.
#[derive(Debug, Default)]
pub(super) struct Draft {
    event: Event,
    /// Where the unfinished line begins in the event's bytes.
    line: usize,
    /// A line of this event was dropped.
    dropped: bool,
}

/// What stood in a draft when a blank line came.
pub(super) enum Ended {
    /// An event.
    Event(Box<Event>),
    /// Lines of which nothing was kept.
    Dropped,
    /// No line at all.
    Nothing,
}

impl Draft {
    /// Bytes held.
    pub(super) fn len(&self) -> usize {
        self.event.bytes.len()
    }

    /// Appends to the unfinished line.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.event.bytes.extend_from_slice(bytes);
    }

    /// The unfinished line.
    pub(super) fn line(&self) -> &[u8] {
        self.event.bytes.get(self.line..).unwrap_or_default()
    }

    /// Takes this away from the front of the unfinished line.
    pub(super) fn strip_prefix(&mut self, prefix: &[u8]) {
        if self.line().starts_with(prefix) {
            let end = self.line.saturating_add(prefix.len());
            self.event.bytes.drain(self.line..end);
        }
    }

    /// Forgets the unfinished line, a comment.
    pub(super) fn forget_line(&mut self) {
        self.event.bytes.truncate(self.line);
    }

    /// Forgets the unfinished line, which should have said something of this event.
    pub(super) fn drop_line(&mut self) {
        self.forget_line();
        self.dropped = true;
    }

    /// Ends the unfinished line, which is this field.
    pub(super) fn keep_line(&mut self, field: Field) {
        let event = &mut self.event;
        event.irregular |= !(field.canonical && event.can_continue_with(&field.value));
        event.bytes.push(b'\n');
        match field.value {
            Value::Name(name) => event.name = Some(name).filter(|name| !name.is_empty()),
            Value::Id(id) => event.id = Some(id),
            Value::Retry(milliseconds) => event.retry = Some(milliseconds),
            Value::Data(within) => event.add_data(shift(within, self.line)),
        }
        self.line = event.bytes.len();
    }

    /// Ends the event. If `state_name`, it states its name even if that is the default.
    pub(super) fn end(&mut self, state_name: bool) -> Ended {
        let Self { event, dropped, .. } = std::mem::take(self);
        if event.bytes.is_empty() && !dropped {
            return Ended::Nothing;
        }
        if event.id.is_none() && event.retry.is_none() && event.data.is_none() {
            return Ended::Dropped;
        }
        Ended::Event(Box::new(event.finished(state_name)))
    }
}

impl Event {
    /// Whether the writer could write this field after those that there are.
    fn can_continue_with(&self, value: &Value) -> bool {
        let no_data = self.data.is_none();
        let no_retry = no_data && self.retry.is_none();
        let no_id = no_retry && self.id.is_none();
        match value {
            Value::Name(_) => no_id && self.name.is_none(),
            Value::Id(_) => no_id,
            Value::Retry(_) => no_retry,
            Value::Data(_) => no_data,
        }
    }

    /// Adds a part of the last line to the data, by moving it to where the data ends.
    fn add_data(&mut self, added: Range<usize>) {
        let before = self.data.take().filter(|before| !before.is_empty());
        self.data = Some(match before {
            None => added,
            Some(before) if added.is_empty() => before,
            Some(before) => {
                self.bytes.truncate(added.end);
                self.bytes.splice(before.end..added.start, [b'\n']);
                let end = self.bytes.len();
                self.bytes.push(b'\n');
                before.start..end
            }
        });
    }

    fn finished(mut self, state_name: bool) -> Self {
        if self.data().is_none() {
            self.irregular |= self.name.take().is_some();
        } else if state_name && self.name.is_none() {
            self.irregular = true;
            self.name = Some(MESSAGE.to_owned());
        }
        self.bytes.push(b'\n');
        self
    }
}

fn shift(range: Range<usize>, by: usize) -> Range<usize> {
    range.start.saturating_add(by)..range.end.saturating_add(by)
}
