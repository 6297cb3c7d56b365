//! Java: java-sdk's `SseLineSubscriber`. Values are found by `^data:(.+)$` in multi-line mode,
//! which knows more line ends than the reader of lines before it; name and id stay until others
//! come; an event may lack its end. (The client gives up at a `retry`; here it goes on.)

use super::Seen;

pub(super) fn read(stream: &str) -> Vec<Seen> {
    let mut reader = Reader::default();
    let lines = stream.replace("\r\n", "\n").replace('\r', "\n");
    for line in lines.split('\n') {
        reader.line(line);
    }
    reader.line("");
    reader.events
}

#[derive(Default)]
struct Reader {
    data: String,
    id: String,
    name: String,
    events: Vec<Seen>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        if line.is_empty() && !self.data.is_empty() {
            let data = std::mem::take(&mut self.data);
            self.events.push(Seen {
                name: super::or_message(self.name.clone()),
                id: Some(self.id.clone()),
                data: trim(&data).to_owned(),
            });
        } else if let Some(value) = find(line, "data:") {
            self.data.push_str(&format!("{}\n", trim(value)));
        } else if let Some(value) = find(line, "id:") {
            trim(value).clone_into(&mut self.id);
        } else if let Some(value) = find(line, "event:") {
            trim(value).clone_into(&mut self.name);
        }
    }
}

/// What `Pattern.compile("^field(.+)$", MULTILINE)` finds in a line that starts with the field.
fn find<'a>(line: &'a str, field: &str) -> Option<&'a str> {
    let line = Some(line).filter(|line| line.starts_with(field))?;
    let mut lines = line.split(['\u{85}', '\u{2028}', '\u{2029}']);
    lines.find_map(|line| line.strip_prefix(field).filter(|value| !value.is_empty()))
}

/// `String.trim`.
fn trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}
