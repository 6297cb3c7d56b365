//! Readers of event streams as MCP's clients have them, each with its own peculiarities.

mod go_sdk;
mod html;
mod httpx;
mod java;
mod mcp_go;

use super::judged::{Judged, text};
use mcp_guard_engine::sse::Event;

/// An event, as a client sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) name: String,
    /// Absent where the client does not look at it.
    pub(super) id: Option<String>,
    pub(super) data: String,
}

/// How a client reads.
struct Dialect {
    title: &'static str,
    read: fn(&str) -> Vec<Seen>,
    id: Id,
}

/// Which id an event has.
#[derive(Clone, Copy)]
enum Id {
    /// The last one that the stream has stated.
    Last,
    /// Its own.
    Own,
    /// None.
    Ignored,
}

const DIALECTS: [Dialect; 5] = [
    Dialect {
        title: "HTML standard",
        read: html::read,
        id: Id::Last,
    },
    Dialect {
        title: "httpx-sse 0.4.0",
        read: httpx::read,
        id: Id::Last,
    },
    Dialect {
        title: "go-sdk",
        read: go_sdk::read,
        id: Id::Own,
    },
    Dialect {
        title: "mcp-go",
        read: mcp_go::read,
        id: Id::Ignored,
    },
    Dialect {
        title: "java-sdk",
        read: java::read,
        id: Id::Last,
    },
];

/// Every client reads from `output` what was judged, and nothing else.
pub(super) fn assert_all_read(output: &[u8], judged: &[Judged]) {
    for Dialect { title, read, id } in DIALECTS {
        let seen = with_data(read(text(output)));
        let expected: Vec<_> = judged.iter().map(|one| expected(one, id)).collect();
        assert_eq!(seen, expected, "{title}");
    }
}

/// The name and data of every event that has data, as every client reads them.
pub(in crate::fuzzing) fn seen_by_clients(stream: &[u8]) -> Vec<(String, String)> {
    let stream = text(stream);
    let seen = DIALECTS
        .iter()
        .flat_map(|dialect| with_data((dialect.read)(stream)));
    seen.map(|event| (event.name, event.data)).collect()
}

/// What was judged is what the HTML standard reads from what was sent, but for white space and
/// for names that cannot be kept.
pub(super) fn assert_read_as_html_does(stream: &[u8], events: &[&Event]) {
    let ended = [text(stream), "\n\n"].concat();
    let mut sent = html::read(&ended);
    for event in &mut sent {
        event.data = trimmed(&event.data);
    }
    let sent = with_data(sent);
    let events = events
        .iter()
        .filter_map(|event| Some((event.name(), text(event.data()?))));
    let events: Vec<_> = events.collect();
    let sent_data: Vec<_> = sent.iter().map(|seen| &seen.data).collect();
    let data: Vec<_> = events.iter().map(|(_, data)| data).collect();
    assert_eq!(data, sent_data);
    for (seen, (name, _)) in sent.iter().zip(events) {
        let sent_name = seen.name.trim();
        let kept = !sent_name.contains(|c: char| c.is_control() || "\u{2028}\u{2029}".contains(c));
        assert!(!kept || name == or_message(sent_name.to_owned()));
    }
}

fn with_data(mut seen: Vec<Seen>) -> Vec<Seen> {
    seen.retain(|event| !event.data.is_empty());
    seen
}

fn trimmed(data: &str) -> String {
    let lines = data.split('\n').map(str::trim);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn expected(judged: &Judged, id: Id) -> Seen {
    let mut seen = judged.seen.clone();
    match id {
        Id::Last => seen.id = Some(judged.last_id.clone()),
        Id::Own => {}
        Id::Ignored => seen.id = None,
    }
    seen
}

/// The event's type where a client has read this name.
fn or_message(name: String) -> String {
    match name.is_empty() {
        true => "message".to_owned(),
        false => name,
    }
}
