//! Event streams (`text/event-stream`), as servers send them and as this guard writes them anew.
//!
//! Clients disagree about where a line ends, which line of data counts, whose name an event bears
//! and what an event without an end is. So nothing of a stream is passed on because it came:
//! [`Splitter`] reads it by the grammar of the HTML standard, and what is written holds only what
//! was read, in the one form that all clients read alike:
//!
//! - a line ends in LF; a field is `name: value` with one space and no other white space around
//!   its value; the fields stand in the order `event`, `id`, `retry`, `data`, each at most once;
//! - several lines of data become one, as in JSON text a line break means what a space means:
//!   mcp-go takes the last line, go-sdk the last run of lines;
//! - in data, a character at which some client ends a line is written as a JSON escape, such as
//!   U+2028: httpx ends lines where Python's `str.splitlines` does, java-sdk where `$` does;
//! - no `event` without data, as mcp-go keeps its name for the next event; and once an event bore
//!   a name of its own, `event: message` is written out, as Java's client keeps names, too;
//! - nothing else: comments become a bare `:`, unknown fields and a byte order mark are dropped,
//!   and so is an `event` or `id` that holds a control character or a line separator.
//!
//! A judge reads [`Event::data`] and then takes [`Event::canonical`] where it stands already, or
//! [`Event::write`], or [`Event::write_with`] for other data.

mod draft;
mod event;
mod line;
mod splitter;
#[cfg(test)]
mod tests;
mod write;

pub use event::Event;
pub use splitter::{Block, Splitter, SseFault};
pub use write::{write_comment, write_message};

/// The name of an event that states none.
pub const MESSAGE: &str = "message";
