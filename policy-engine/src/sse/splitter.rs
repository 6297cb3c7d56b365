//! Cuts a stream into events, wherever the chunks were cut.

use super::draft::{Draft, Ended};
use super::line::{self, Line};
use super::{Event, MESSAGE};
use std::fmt;

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A piece of a stream that can be passed on by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// An event.
    Event(Box<Event>),
    /// A sign of life: a comment, or lines that mean nothing. Written by
    /// [`write_comment`](super::write_comment).
    Comment,
}

/// Why a stream cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SseFault {
    /// An event or a line has more bytes than may be held.
    TooLarge,
    /// A line is not UTF-8.
    NotUtf8,
}

impl fmt::Display for SseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "an event is too large",
            Self::NotUtf8 => "the event stream is not UTF-8",
        })
    }
}

impl std::error::Error for SseFault {}

/// Reads a stream chunk by chunk. The same stream gives the same blocks however it is cut.
#[derive(Debug)]
pub struct Splitter {
    limit: usize,
    draft: Draft,
    /// The last byte was a CR, so an LF that comes now ends no further line.
    after_cr: bool,
    /// No line has been read yet.
    at_start: bool,
    /// An event had a name of its own.
    named: bool,
    fault: Option<SseFault>,
}

impl Splitter {
    /// A splitter that holds at most `limit_bytes` of an event.
    pub fn new(limit_bytes: usize) -> Self {
        Self {
            limit: limit_bytes,
            draft: Draft::default(),
            after_cr: false,
            at_start: true,
            named: false,
            fault: None,
        }
    }

    /// The bytes held of an event under way.
    pub fn held(&self) -> usize {
        self.draft.len()
    }

    /// Reads a chunk and appends to `out` what it completes. An event is complete with the first
    /// byte of its blank line's end, a comment with the first byte of its own.
    ///
    /// # Errors
    /// The blocks before the fault stand in `out`; the splitter reads nothing any more and repeats
    /// the fault.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<Block>) -> Result<(), SseFault> {
        self.unless_faulty(|splitter| splitter.split(chunk, out))
    }

    /// Ends the stream, and with it an event that lacks its end: some clients dispatch it.
    ///
    /// # Errors
    /// As [`Splitter::feed`].
    pub fn finish(&mut self, out: &mut Vec<Block>) -> Result<(), SseFault> {
        self.unless_faulty(|splitter| {
            if !splitter.draft.line().is_empty() {
                splitter.end_line(out)?;
            }
            splitter.end_event(out);
            Ok(())
        })
    }

    fn unless_faulty(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<(), SseFault>,
    ) -> Result<(), SseFault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let result = read(self);
        if let Err(fault) = result {
            self.fault = Some(fault);
            self.draft = Draft::default();
        }
        result
    }

    fn split(&mut self, chunk: &[u8], out: &mut Vec<Block>) -> Result<(), SseFault> {
        for piece in chunk.split_inclusive(|byte| matches!(byte, b'\r' | b'\n')) {
            let (line, end) = match piece.split_last() {
                Some((end @ (b'\r' | b'\n'), line)) => (line, Some(end)),
                _ => (piece, None),
            };
            if std::mem::take(&mut self.after_cr) && piece == b"\n" {
                continue;
            }
            self.hold(line)?;
            if let Some(end) = end {
                self.after_cr = *end == b'\r';
                self.end_line(out)?;
            }
        }
        Ok(())
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<(), SseFault> {
        if self.draft.len().saturating_add(bytes.len()) > self.limit {
            return Err(SseFault::TooLarge);
        }
        self.draft.extend(bytes);
        Ok(())
    }

    fn end_line(&mut self, out: &mut Vec<Block>) -> Result<(), SseFault> {
        if std::mem::take(&mut self.at_start) {
            self.draft.strip_prefix(BYTE_ORDER_MARK);
        }
        match line::read(self.draft.line())? {
            Line::Blank => self.end_event(out),
            Line::Comment => {
                self.draft.forget_line();
                out.push(Block::Comment);
            }
            Line::Dropped => self.draft.drop_line(),
            Line::Field(field) => self.draft.keep_line(field),
        }
        Ok(())
    }

    fn end_event(&mut self, out: &mut Vec<Block>) {
        match self.draft.end(self.named) {
            Ended::Event(event) => {
                self.named |= event.name() != MESSAGE;
                out.push(Block::Event(event));
            }
            Ended::Dropped => out.push(Block::Comment),
            Ended::Nothing => {}
        }
    }
}
