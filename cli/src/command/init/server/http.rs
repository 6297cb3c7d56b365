//! One POST for each message, answered by JSON or by an event stream.

use crate::http::agent;
use mcp_guard_engine::sse::{Block, Splitter};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::time::Duration;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body};

/// Names and values.
pub(super) type Headers = Vec<(String, String)>;

/// Longest answer that is read.
const LONGEST: u32 = 16 << 20;

/// Longest time for one request.
const PATIENCE: Duration = Duration::from_secs(30);

/// The parts of an address that a policy names.
pub(super) struct Address {
    pub(super) port: Option<u16>,
    pub(super) path: String,
}

/// A server, and what is sent with every request.
pub(super) struct Client {
    agent: Agent,
    url: String,
    headers: Headers,
}

/// The answer to a request.
pub(super) struct Reply {
    pub(super) message: Value,
    pub(super) session: Option<String>,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let wrong = || format!("`{url}` is not an `http://` or `https://` address");
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        match uri.scheme_str() {
            Some("http" | "https") => Ok(Self {
                port: uri.port_u16(),
                path: uri.path().to_owned(),
            }),
            _ => Err(wrong()),
        }
    }
}

impl Client {
    pub(super) fn new(url: &str, headers: &[(String, String)]) -> Result<Self, String> {
        Ok(Self {
            // A redirect could lead the headers elsewhere.
            agent: agent(PATIENCE, 0)?,
            url: url.to_owned(),
            headers: headers.to_vec(),
        })
    }

    /// Sends a request and waits for its answer.
    pub(super) fn request(
        &self,
        id: usize,
        method: &str,
        params: &Value,
        headers: &Headers,
    ) -> Result<Reply, String> {
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let response = self.post(&message, headers)?;
        let session = header(&response, "mcp-session-id");
        let status = response.status();
        let message = answer(response, id)
            .map_err(|error| format!("`{method}` was answered with status {status}: {error}"))?;
        Ok(Reply { message, session })
    }

    /// Sends a notification.
    pub(super) fn notify(&self, method: &str, headers: &Headers) -> Result<(), String> {
        let response = self.post(&json!({"jsonrpc": "2.0", "method": method}), headers)?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(format!(
                "`{method}` was answered with status {}",
                response.status()
            )),
        }
    }

    /// Ends the session; a server need not let clients do so.
    pub(super) fn end(&self, headers: &Headers) {
        if !headers.iter().any(|(name, _)| name == "mcp-session-id") {
            return;
        }
        let mut request = self.agent.delete(&self.url);
        for (name, value) in self.headers.iter().chain(headers) {
            request = request.header(name, value);
        }
        let _ = request.call();
    }

    fn post(&self, message: &Value, headers: &Headers) -> Result<Response<Body>, String> {
        let mut request = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        for (name, value) in self.headers.iter().chain(headers) {
            request = request.header(name, value);
        }
        let sent = request.send(message.to_string().as_bytes());
        sent.map_err(|error| format!("cannot ask `{}`: {error}", self.url))
    }
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

/// The message with that id in the response; an error may have none.
fn answer(mut response: Response<Body>, id: usize) -> Result<Value, String> {
    let streams = header(&response, "content-type")
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/event-stream"));
    let reader = response.body_mut().as_reader().take(LONGEST.into());
    if streams {
        return from_events(BufReader::new(reader), id);
    }
    let read: Result<Value, _> = serde_json::from_reader(BufReader::new(reader));
    read.map_err(|error| format!("it is not JSON ({error})"))
}

/// The stream is read only up to the answer: it need not end.
fn from_events(mut reader: impl BufRead, id: usize) -> Result<Value, String> {
    let mut splitter = Splitter::new(usize::try_from(LONGEST).unwrap_or(usize::MAX));
    let mut blocks = Vec::new();
    loop {
        let chunk = reader.fill_buf().map_err(|error| error.to_string())?;
        if chunk.is_empty() {
            return Err("the event stream ended without an answer".to_owned());
        }
        let read = chunk.len();
        let fed = splitter.feed(chunk, &mut blocks);
        reader.consume(read);
        let mut messages = blocks.drain(..).filter_map(|block| message(&block));
        if let Some(answer) = messages.find(|message| message.get("id") == Some(&Value::from(id))) {
            return Ok(answer);
        }
        fed.map_err(|fault| fault.to_string())?;
    }
}

fn message(block: &Block) -> Option<Value> {
    match block {
        Block::Event(event) => serde_json::from_slice(event.data()?).ok(),
        Block::Comment => None,
    }
}

/// What the server says instead of a result.
pub(super) fn refusal(method: &str, message: &Value) -> String {
    let said = message.pointer("/error/message").and_then(Value::as_str);
    match said {
        Some(said) => format!("the server refuses `{method}`: {said:?}"),
        None => format!("the answer to `{method}` is neither a result nor an error"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, from_events};
    use serde_json::json;

    #[test]
    fn the_answer_is_found_among_events() {
        let stream = ": hello\n\ndata: {\"method\": \"x\"}\n\nevent: message\r\ndata: {\"id\": 3,\r\ndata: \"result\": {}}\r\n\r\ndata: never read";
        let answer = from_events(stream.as_bytes(), 3).unwrap();
        assert_eq!(answer, json!({"id": 3, "result": {}}));
        assert!(from_events(stream.as_bytes(), 4).is_err());
    }

    #[test]
    fn only_addresses_of_the_web_are_asked() {
        assert_eq!(
            Address::parse("http://127.0.0.1:9/mcp").unwrap().port,
            Some(9)
        );
        assert!(Address::parse("file:///etc/passwd").is_err());
        assert!(Address::parse("127.0.0.1").is_err());
    }
}
