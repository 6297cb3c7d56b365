//! Go: go-sdk's `scanEvents`. Lines end in LF; values lose all white space around them; of data
//! lines, the last unbroken run counts; an event may lack its end; a line without a colon is the
//! end of the stream.

use super::Seen;

pub(super) fn read(stream: &str) -> Vec<Seen> {
    let mut reader = Reader::default();
    for line in stream.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            reader.yield_event();
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        reader.field(name, value.trim());
    }
    reader.yield_event();
    reader.events
}

#[derive(Default)]
struct Reader {
    event: Seen,
    /// The data, while the field before was data, too.
    run: Option<String>,
    events: Vec<Seen>,
}

impl Reader {
    fn field(&mut self, name: &str, value: &str) {
        if name == "data" {
            self.run = Some(match self.run.take() {
                Some(run) => format!("{run}\n{value}"),
                None => value.to_owned(),
            });
            return;
        }
        self.flush();
        match name {
            "event" => value.clone_into(&mut self.event.name),
            "id" => self.event.id = Some(value.to_owned()),
            _ => {}
        }
    }

    fn flush(&mut self) {
        if let Some(run) = self.run.take() {
            self.event.data = run;
        }
    }

    fn yield_event(&mut self) {
        self.flush();
        let event = std::mem::take(&mut self.event);
        self.events.push(Seen {
            name: super::or_message(event.name),
            id: Some(event.id.unwrap_or_default()),
            data: event.data,
        });
    }
}
