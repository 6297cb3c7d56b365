//! Python: httpx-sse 0.4.0 on httpx, whose lines are those of `str.splitlines`.

use super::Seen;

pub(super) fn read(stream: &str) -> Vec<Seen> {
    let mut reader = Reader::default();
    for line in splitlines(stream) {
        reader.line(line);
    }
    reader.events
}

/// The lines that are ended, and the last one, ended or not.
fn splitlines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some((line, after)) = rest.split_once(ends_line) {
        let cr = rest.as_bytes().get(line.len()) == Some(&b'\r');
        rest = match after.strip_prefix('\n') {
            Some(after_lf) if cr => after_lf,
            _ => after,
        };
        lines.push(line);
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}

fn ends_line(c: char) -> bool {
    "\n\r\u{B}\u{C}\u{1C}\u{1D}\u{1E}\u{85}\u{2028}\u{2029}".contains(c)
}

#[derive(Default)]
struct Reader {
    event: String,
    data: Vec<String>,
    last_event_id: String,
    events: Vec<Seen>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            self.events.push(Seen {
                name: super::or_message(event),
                id: Some(self.last_event_id.clone()),
                data: std::mem::take(&mut self.data).join("\n"),
            });
            return;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.event),
            "data" => self.data.push(value.to_owned()),
            "id" if !value.contains('\0') => value.clone_into(&mut self.last_event_id),
            _ => {}
        }
    }
}
