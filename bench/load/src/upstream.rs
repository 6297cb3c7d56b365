//! The MCP server behind Envoy: it answers `…?answer=NAME` with the file `NAME.json`, and parses nothing.

use crate::http::Reader;
use crate::{Arguments, Failure};
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;

type Answers = HashMap<String, Vec<u8>>;

/// Listens on a free port, prints it, and serves until it is killed.
pub fn serve(arguments: &Arguments) -> Result<(), Failure> {
    let answers = Arc::new(read_answers(&arguments.path("answers")?)?);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let (stream, answers) = (stream?, answers.clone());
        // Envoy resets the connection of a request that a filter refuses: that is no failure of ours.
        thread::spawn(move || converse(stream, &answers));
    }
    Ok(())
}

fn read_answers(directory: &Path) -> Result<Answers, Failure> {
    let mut answers = Answers::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        answers.insert(name.into_owned(), with_head("200 OK", &fs::read(&path)?));
    }
    Ok(answers)
}

fn with_head(status: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn converse(stream: TcpStream, answers: &Answers) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = Reader::new(stream);
    let mut body = Vec::new();
    let unknown = with_head("404 Not Found", b"");
    while let Some(head) = reader.head()? {
        reader.body(&head, &mut body)?;
        let answer = answers.get(answer_name(&head.first_line));
        reader.stream().write_all(answer.unwrap_or(&unknown))?;
    }
    Ok(())
}

/// `POST /mcp?answer=NAME HTTP/1.1` → `NAME`.
fn answer_name(request_line: &str) -> &str {
    let target = request_line.split(' ').nth(1).unwrap_or_default();
    target.split_once("answer=").map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_names_the_answer() {
        assert_eq!(answer_name("POST /mcp?answer=list HTTP/1.1"), "list");
        assert_eq!(answer_name("POST /mcp HTTP/1.1"), "");
        assert_eq!(answer_name(""), "");
    }
}
