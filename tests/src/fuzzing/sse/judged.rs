//! What was judged, in the form in which clients should see it.

use super::dialects::Seen;
use mcp_guard_engine::sse::Event;

/// An event with data, as a client should see it.
#[derive(Debug)]
pub(super) struct Judged {
    /// Its name and data, and its own id.
    pub(super) seen: Seen,
    /// The last id that any event of the stream has stated so far.
    pub(super) last_id: String,
}

impl Judged {
    /// The events that have data.
    pub(super) fn all(events: &[&Event]) -> Vec<Self> {
        let mut last_id = String::new();
        let mut all = Vec::new();
        for event in events {
            if let Some(id) = event.id() {
                id.clone_into(&mut last_id);
            }
            let Some(data) = event.data().map(text) else {
                continue;
            };
            all.push(Self {
                seen: Seen {
                    name: event.name().to_owned(),
                    id: Some(event.id().unwrap_or_default().to_owned()),
                    data: one_line(data),
                },
                last_id: last_id.clone(),
            });
        }
        all
    }
}

/// What was written or judged is always UTF-8.
pub(super) fn text(bytes: &[u8]) -> &str {
    let text = str::from_utf8(bytes);
    assert!(text.is_ok(), "{bytes:?}");
    text.unwrap_or_default()
}

/// The same JSON text in one line, by any client's notion of a line.
fn one_line(data: &str) -> String {
    let mut line = String::new();
    for c in data.chars() {
        match c {
            '\n' => line.push(' '),
            '\t' => line.push(c),
            ..' ' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                line.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => line.push(c),
        }
    }
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(data) {
        assert_eq!(serde_json::from_str(&line).ok(), Some(value));
    }
    line
}
