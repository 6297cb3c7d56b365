//! The algorithm of the HTML standard (9.2.6), word for word and without any regard for speed.

use super::Seen;

pub(super) fn read(stream: &str) -> Vec<Seen> {
    let stream = stream.strip_prefix('\u{FEFF}').unwrap_or(stream);
    let lines = stream.replace("\r\n", "\n").replace('\r', "\n");
    let Some((complete, _unterminated)) = lines.rsplit_once('\n') else {
        return Vec::new();
    };
    let mut reader = Reader::default();
    for line in complete.split('\n') {
        reader.line(line);
    }
    reader.dispatched
}

#[derive(Default)]
struct Reader {
    event_type: String,
    data: String,
    last_event_id: String,
    dispatched: Vec<Seen>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return self.dispatch();
        }
        let (name, value) = match line.split_once(':') {
            Some(("", _)) => return,
            Some((name, value)) => (name, value.strip_prefix(' ').unwrap_or(value)),
            None => (line, ""),
        };
        match name {
            "event" => value.clone_into(&mut self.event_type),
            "data" => self.data.push_str(&format!("{value}\n")),
            "id" if !value.contains('\0') => value.clone_into(&mut self.last_event_id),
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let event_type = std::mem::take(&mut self.event_type);
        let data = std::mem::take(&mut self.data);
        let Some(data) = data.strip_suffix('\n') else {
            return;
        };
        self.dispatched.push(Seen {
            name: super::or_message(event_type),
            id: Some(self.last_event_id.clone()),
            data: data.to_owned(),
        });
    }
}
