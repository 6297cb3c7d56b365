//! Go: mcp-go's `readSSE`. Lines end in LF; the last line of data counts; the name is forgotten
//! only with an event that had data; a line without an end is ignored, an event without one not.

use super::Seen;

pub(super) fn read(stream: &str) -> Vec<Seen> {
    let mut event = Seen::default();
    let mut events = Vec::new();
    let (lines, _unterminated) = stream.rsplit_once('\n').unwrap_or_default();
    for line in lines.split('\n').chain([""]) {
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() && !event.data.is_empty() {
            let Seen { name, id, data } = std::mem::take(&mut event);
            let name = super::or_message(name);
            events.push(Seen { name, id, data });
        } else if let Some(name) = line.strip_prefix("event:") {
            name.trim().clone_into(&mut event.name);
        } else if let Some(data) = line.strip_prefix("data:") {
            data.trim().clone_into(&mut event.data);
        }
    }
    events
}
