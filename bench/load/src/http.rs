//! As much of HTTP/1.1 as Envoy speaks to either side of this benchmark.

use std::io::{self, Error, ErrorKind, Read};

/// Room for one read; a TLS record is at most 16 KiB.
const READ_SIZE: usize = 64 * 1024;

/// The first line and what tells where the message ends.
#[derive(Debug, Default)]
pub struct Head {
    /// Request line or status line.
    pub first_line: String,
    /// The peer closes the connection after this message.
    pub close: bool,
    length: Option<usize>,
    chunked: bool,
}

/// Reads messages from a stream, one after the other.
pub struct Reader<S> {
    stream: S,
    buffer: Vec<u8>,
    start: usize,
}

impl<S: Read> Reader<S> {
    /// A reader at the beginning of the stream.
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::with_capacity(READ_SIZE),
            start: 0,
        }
    }

    /// The stream, for writing.
    pub fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// The head of the next message; `None` if the peer has closed between messages.
    pub fn head(&mut self) -> io::Result<Option<Head>> {
        let mut head = Head::default();
        let Some(line) = self.line()? else {
            return Ok(None);
        };
        head.first_line = line;
        loop {
            let line = self.line()?.ok_or(ErrorKind::UnexpectedEof)?;
            if line.is_empty() {
                return Ok(Some(head));
            }
            head.field(&line)?;
        }
    }

    /// The body that belongs to a head.
    pub fn body(&mut self, head: &Head, body: &mut Vec<u8>) -> io::Result<()> {
        body.clear();
        if !head.chunked {
            return self.take(head.length.unwrap_or(0), body);
        }
        // chunked-body = *( chunk-size CRLF chunk-data CRLF ) "0" CRLF CRLF (no extensions, no trailers here)
        loop {
            let line = self.line()?.ok_or(ErrorKind::UnexpectedEof)?;
            let size = usize::from_str_radix(&line, 16).map_err(malformed)?;
            self.take(size, body)?;
            self.line()?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        let mut searched = 0;
        loop {
            let held = &self.buffer[self.start..];
            if let Some(at) = held[searched..].iter().position(|byte| *byte == b'\n') {
                let line = held[..searched + at].trim_ascii_end();
                let text = std::str::from_utf8(line).map_err(malformed)?.to_owned();
                self.start += searched + at + 1;
                return Ok(Some(text));
            }
            searched = held.len();
            if self.fill()? {
                continue;
            }
            if searched == 0 {
                return Ok(None);
            }
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }

    fn take(&mut self, mut count: usize, body: &mut Vec<u8>) -> io::Result<()> {
        while count > 0 {
            let held = &self.buffer[self.start..];
            let piece = held.len().min(count);
            body.extend_from_slice(&held[..piece]);
            self.start += piece;
            count -= piece;
            if count > 0 && !self.fill()? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// Reads more; false at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let end = self.buffer.len();
        self.buffer.resize(end + READ_SIZE, 0);
        let read = self.stream.read(&mut self.buffer[end..]);
        self.buffer.truncate(end + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

impl Head {
    fn field(&mut self, line: &str) -> io::Result<()> {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| malformed("a field without a colon"))?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            self.length = Some(value.parse().map_err(malformed)?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            self.chunked = value.eq_ignore_ascii_case("chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            self.close = value.eq_ignore_ascii_case("close");
        }
        Ok(())
    }
}

fn malformed(reason: impl ToString) -> Error {
    Error::new(ErrorKind::InvalidData, reason.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Gives one byte per read.
    struct Trickle(&'static [u8]);

    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn messages_follow_one_another_however_they_are_cut() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc\
            HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n\
            3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
        let mut reader = Reader::new(Trickle(text));
        let mut body = Vec::new();
        let head = reader.head().unwrap().unwrap();
        assert_eq!(head.first_line, "HTTP/1.1 200 OK");
        reader.body(&head, &mut body).unwrap();
        assert_eq!(body, b"abc");
        let head = reader.head().unwrap().unwrap();
        assert!(head.close);
        reader.body(&head, &mut body).unwrap();
        assert_eq!(body, b"abc0123456789");
        assert!(reader.head().unwrap().is_none());
    }

    #[test]
    fn a_message_cut_short_is_an_error() {
        for text in [&b"HTTP/1.1 200"[..], b"HTTP/1.1 200 OK\r\n"] {
            assert!(Reader::new(text).head().is_err());
        }
        let mut reader = Reader::new(&b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab"[..]);
        let head = reader.head().unwrap().unwrap();
        assert!(reader.body(&head, &mut Vec::new()).is_err());
    }
}
