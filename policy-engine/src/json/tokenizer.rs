//! The push tokenizer.
//!
//! ```abnf
//! JSON-text = ws value ws
//! object    = "{" [ member *( "," member ) ] "}"      member = string ":" value
//! array     = "[" [ value *( "," value ) ] "]"
//! value     = false / null / true / object / array / number / string
//! ws        = *( %x20 / %x09 / %x0A / %x0D )
//! ```

use super::keys::Keys;
use super::number;
use super::run;
use super::string::{Piece, Text};
use super::{JsonFault, Kind, Options, Sink, Token};

/// Reads one JSON text in pieces of any size.
#[derive(Debug)]
pub struct Tokenizer {
    options: Options,
    /// Bytes read so far.
    at: usize,
    /// Open containers, innermost last; true is an object.
    open: Vec<bool>,
    expect: Expect,
    lexeme: Lexeme,
    keys: Keys,
}

/// What may come next, outside of a lexeme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    Colon,
    CommaOrClose,
    Nothing,
}

/// The lexeme that is being read.
#[derive(Debug)]
enum Lexeme {
    None,
    Text {
        text: Text,
        key: bool,
        start: usize,
    },
    Number {
        begun: Vec<u8>,
        start: usize,
    },
    Literal {
        kind: Kind,
        rest: &'static [u8],
        start: usize,
    },
}

impl Tokenizer {
    /// A tokenizer at the beginning of a text.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            at: 0,
            open: Vec::new(),
            expect: Expect::Value,
            lexeme: Lexeme::None,
            keys: Keys::default(),
        }
    }

    /// Reads the next piece of the text.
    ///
    /// # Errors
    /// The first fault, of the text or of the sink. The tokenizer is of no use after it.
    pub fn feed(&mut self, chunk: &[u8], sink: &mut impl Sink) -> Result<(), JsonFault> {
        // What fits is read first, so that a text that is broken and too large has the same fault
        // however it is cut.
        let room = self.options.bytes.saturating_sub(self.at);
        match chunk.get(..room).filter(|head| head.len() < chunk.len()) {
            None => self.read(chunk, sink),
            Some(head) => self.read(head, sink).and(Err(JsonFault::TooLarge)),
        }
    }

    fn read(&mut self, mut chunk: &[u8], sink: &mut impl Sink) -> Result<(), JsonFault> {
        while !chunk.is_empty() {
            let taken = match self.lexeme {
                Lexeme::None => self.between(chunk, sink)?,
                Lexeme::Text { .. } => self.text(chunk, sink)?,
                Lexeme::Number { .. } => self.number(chunk, sink)?,
                Lexeme::Literal { .. } => self.literal(chunk, sink)?,
            };
            self.at = self.at.saturating_add(taken);
            chunk = chunk.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// How many keys there were so far.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.keys.total()
    }

    /// Bytes of memory in use.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.keys.memory()
    }

    /// Ends the text.
    ///
    /// # Errors
    /// [`JsonFault::Incomplete`] if the value is not whole, or what its last number is guilty of.
    pub fn finish(&mut self, sink: &mut impl Sink) -> Result<(), JsonFault> {
        if matches!(self.lexeme, Lexeme::Number { .. }) {
            self.end_number(&[], sink)?;
        }
        if matches!(self.lexeme, Lexeme::None) && self.expect == Expect::Nothing {
            return Ok(());
        }
        Err(JsonFault::Incomplete)
    }

    /// White space, punctuation, or a lexeme: whole if it is all in the chunk, else its beginning.
    fn between(&mut self, chunk: &[u8], sink: &mut impl Sink) -> Result<usize, JsonFault> {
        let Some((&byte, rest)) = chunk.split_first() else {
            return Ok(0);
        };
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {}
            b'{' | b'[' => self.open(byte == b'{', sink)?,
            b'}' | b']' => self.close(byte == b'}', sink)?,
            b',' if self.expect == Expect::CommaOrClose => {
                let object = self.open.last() == Some(&true);
                self.expect = if object { Expect::Key } else { Expect::Value };
            }
            b':' if self.expect == Expect::Colon => self.expect = Expect::Value,
            b'"' => return self.begin_text(rest, sink),
            _ => return self.begin_scalar(byte, chunk, sink),
        }
        Ok(1)
    }

    fn open(&mut self, object: bool, sink: &mut impl Sink) -> Result<(), JsonFault> {
        self.value_may_begin()?;
        if self.open.len() >= self.options.depth {
            return Err(JsonFault::TooDeep);
        }
        self.open.push(object);
        self.keys.open();
        let kind = if object { Kind::Object } else { Kind::Array };
        self.expect = if object {
            Expect::KeyOrClose
        } else {
            Expect::ValueOrClose
        };
        sink.token(Token::Open(kind), self.at, self.at.saturating_add(1))
    }

    fn close(&mut self, object: bool, sink: &mut impl Sink) -> Result<(), JsonFault> {
        let empty = if object {
            Expect::KeyOrClose
        } else {
            Expect::ValueOrClose
        };
        if self.expect != Expect::CommaOrClose && self.expect != empty {
            return Err(self.unexpected());
        }
        if self.open.pop() != Some(object) {
            return Err(JsonFault::Syntax);
        }
        self.keys.close()?;
        self.value_ended();
        sink.token(Token::Close, self.at, self.at.saturating_add(1))
    }

    fn begin_text(&mut self, rest: &[u8], sink: &mut impl Sink) -> Result<usize, JsonFault> {
        let key = matches!(self.expect, Expect::Key | Expect::KeyOrClose);
        if !key {
            self.value_may_begin()?;
        }
        let run = run::plain(rest);
        let bytes = rest.get(..run.len).unwrap_or_default();
        let whole = rest.get(run.len) == Some(&b'"');
        if whole && (run.ascii || core::str::from_utf8(bytes).is_ok()) {
            if key {
                self.keys.piece(bytes);
            }
            self.text_ended(key)?;
            let taken = run.len.saturating_add(2);
            sink.token(
                Token::Plain { key, bytes },
                self.at,
                self.at.saturating_add(taken),
            )?;
            return Ok(taken);
        }
        self.lexeme = Lexeme::Text {
            text: Text::new(self.options.surrogates),
            key,
            start: self.at,
        };
        sink.token(Token::TextStart { key }, self.at, self.at.saturating_add(1))?;
        Ok(1)
    }

    fn begin_scalar(
        &mut self,
        byte: u8,
        chunk: &[u8],
        sink: &mut impl Sink,
    ) -> Result<usize, JsonFault> {
        if self.at == 0 && byte == 0xef {
            return Err(JsonFault::ByteOrderMark);
        }
        self.value_may_begin()?;
        let start = self.at;
        let (kind, word): (Kind, &'static [u8]) = match byte {
            b't' => (Kind::True, b"true"),
            b'f' => (Kind::False, b"false"),
            b'n' => (Kind::Null, b"null"),
            b'-' | b'0'..=b'9' => {
                if let Some(whole) = number::whole(chunk) {
                    self.whole_number(whole, start, sink)?;
                    return Ok(whole.len());
                }
                self.lexeme = Lexeme::Number {
                    begun: Vec::new(),
                    start,
                };
                return self.number(chunk, sink);
            }
            _ => return Err(JsonFault::Syntax),
        };
        if chunk.starts_with(word) {
            self.value_ended();
            let end = start.saturating_add(word.len());
            sink.token(Token::Literal(kind), start, end)?;
            return Ok(word.len());
        }
        self.lexeme = Lexeme::Literal {
            kind,
            rest: word,
            start,
        };
        Ok(0)
    }

    fn text<S: Sink>(&mut self, chunk: &[u8], sink: &mut S) -> Result<usize, JsonFault> {
        let Lexeme::Text { text, key, start } = &mut self.lexeme else {
            return Err(JsonFault::Syntax);
        };
        let (key, start) = (*key, *start);
        if !key && !S::WANTS_TEXT {
            let skipped = text.skip(chunk);
            if skipped.len > 0 {
                let end = self.at.saturating_add(skipped.len);
                let escaped = skipped.escaped;
                sink.token(Token::Skipped { escaped }, end, end)?;
                return Ok(skipped.len);
            }
        }
        let (piece, taken) = text.step(chunk)?;
        let end = self.at.saturating_add(taken);
        let decoded;
        let (bytes, escaped) = match piece {
            Piece::Nothing => return Ok(taken),
            Piece::Plain(bytes) => (bytes, false),
            Piece::Decoded(piece) => {
                decoded = piece;
                (decoded.as_bytes(), true)
            }
            Piece::End => {
                self.end_text(key)?;
                sink.token(Token::TextEnd { key }, start, end)?;
                return Ok(taken);
            }
        };
        if key {
            self.keys.piece(bytes);
        }
        sink.token(Token::Text { bytes, escaped }, end, end)?;
        Ok(taken)
    }

    fn end_text(&mut self, key: bool) -> Result<(), JsonFault> {
        self.lexeme = Lexeme::None;
        self.text_ended(key)
    }

    fn text_ended(&mut self, key: bool) -> Result<(), JsonFault> {
        if !key {
            self.value_ended();
            return Ok(());
        }
        self.expect = Expect::Colon;
        self.keys.end_key(self.options.keys)
    }

    fn number(&mut self, chunk: &[u8], sink: &mut impl Sink) -> Result<usize, JsonFault> {
        let Lexeme::Number { begun, .. } = &mut self.lexeme else {
            return Err(JsonFault::Syntax);
        };
        let end = chunk.iter().position(|&byte| !number::is_part(byte));
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        if begun.len().saturating_add(part.len()) > number::LONGEST {
            return Err(JsonFault::NumberRange);
        }
        if end.is_none() {
            begun.extend_from_slice(part);
        } else {
            self.end_number(part, sink)?;
        }
        Ok(part.len())
    }

    fn end_number(&mut self, part: &[u8], sink: &mut impl Sink) -> Result<(), JsonFault> {
        let Lexeme::Number { mut begun, start } =
            core::mem::replace(&mut self.lexeme, Lexeme::None)
        else {
            return Err(JsonFault::Syntax);
        };
        let whole = if begun.is_empty() {
            part
        } else {
            begun.extend_from_slice(part);
            &begun
        };
        self.whole_number(whole, start, sink)
    }

    fn whole_number(
        &mut self,
        whole: &[u8],
        start: usize,
        sink: &mut impl Sink,
    ) -> Result<(), JsonFault> {
        if whole.len() > number::LONGEST {
            return Err(JsonFault::NumberRange);
        }
        number::check(whole)?;
        self.value_ended();
        let end = start.saturating_add(whole.len());
        sink.token(Token::Number(whole), start, end)
    }

    fn literal(&mut self, chunk: &[u8], sink: &mut impl Sink) -> Result<usize, JsonFault> {
        let Lexeme::Literal { kind, rest, start } = &mut self.lexeme else {
            return Err(JsonFault::Syntax);
        };
        let (kind, start) = (*kind, *start);
        match (rest.split_first(), chunk.first()) {
            (Some((expected, left)), Some(byte)) if expected == byte => *rest = left,
            _ => return Err(JsonFault::Syntax),
        }
        if rest.is_empty() {
            self.lexeme = Lexeme::None;
            self.value_ended();
            sink.token(Token::Literal(kind), start, self.at.saturating_add(1))?;
        }
        Ok(1)
    }

    fn value_may_begin(&self) -> Result<(), JsonFault> {
        match self.expect {
            Expect::Value | Expect::ValueOrClose => Ok(()),
            _ => Err(self.unexpected()),
        }
    }

    fn unexpected(&self) -> JsonFault {
        match self.expect {
            Expect::Nothing => JsonFault::TrailingBytes,
            _ => JsonFault::Syntax,
        }
    }

    fn value_ended(&mut self) {
        self.expect = match self.open.is_empty() {
            true => Expect::Nothing,
            false => Expect::CommaOrClose,
        };
    }
}
