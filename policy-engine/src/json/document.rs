//! A JSON text with an index of its values.

use super::{JsonFault, Kind, Options, Sink, Token, Tokenizer, Value};

/// One key or value of the text, in the order in which they open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Span in the text.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index of the first node behind this one and all it contains.
    pub(super) next: u32,
    pub(super) kind: NodeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    /// A key.
    Key {
        /// Whether the key differs from its bytes on the wire.
        escaped: bool,
    },
    /// A string.
    Text {
        /// Whether the string differs from its bytes on the wire.
        escaped: bool,
    },
    /// Any other value.
    Other(Kind),
}

impl Node {
    /// Bytes in the text.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.end.saturating_sub(self.start)).unwrap_or(usize::MAX)
    }
}

impl NodeKind {
    /// Whether it is a string or key that differs from its bytes on the wire.
    pub(super) fn needs_decoding(self) -> bool {
        matches!(
            self,
            Self::Key { escaped: true } | Self::Text { escaped: true }
        )
    }
}

/// A whole JSON text and where its values stand in it.
#[derive(Debug)]
pub struct Document {
    pub(super) bytes: Vec<u8>,
    pub(super) nodes: Vec<Node>,
    keys: usize,
}

impl Document {
    /// Reads a whole text.
    ///
    /// # Errors
    /// The first fault.
    pub fn parse(bytes: Vec<u8>, options: Options) -> Result<Self, JsonFault> {
        let mut reader = Reader::new(options);
        reader.feed(bytes)?;
        reader.finish()
    }

    /// The value that the text is.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value::new(self, 0)
    }

    /// The text.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many keys all its objects have together.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.keys
    }

    /// Gives the text back.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Keys and values that most texts have at most, and how deep they are nested.
const USUAL_VALUES: usize = 64;
const USUAL_DEPTH: usize = 8;

/// Reads a text in pieces and keeps it.
#[derive(Debug)]
pub struct Reader {
    tokenizer: Tokenizer,
    builder: Builder,
    bytes: Vec<u8>,
}

impl Reader {
    /// A reader at the beginning of a text.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            tokenizer: Tokenizer::new(options),
            builder: Builder {
                nodes: Vec::new(),
                open: Vec::with_capacity(USUAL_DEPTH),
                escaped: false,
                most: options.values,
            },
            bytes: Vec::new(),
        }
    }

    /// Reads the next piece.
    ///
    /// # Errors
    /// The first fault. The reader is of no use after it.
    pub fn feed(&mut self, chunk: Vec<u8>) -> Result<(), JsonFault> {
        self.tokenizer.feed(&chunk, &mut self.builder)?;
        match self.bytes.is_empty() {
            // The usual case, a text in one piece, is not copied.
            true => self.bytes = chunk,
            false => self.bytes.extend_from_slice(&chunk),
        }
        Ok(())
    }

    /// Bytes of memory in use: the text, its index, the keys of open objects.
    #[must_use]
    pub fn memory(&self) -> usize {
        let nodes = self
            .builder
            .nodes
            .capacity()
            .saturating_mul(size_of::<Node>());
        let text = self.bytes.capacity().saturating_add(nodes);
        text.saturating_add(self.tokenizer.memory())
    }

    /// Ends the text.
    ///
    /// # Errors
    /// The text is not one whole value.
    pub fn finish(mut self) -> Result<Document, JsonFault> {
        self.tokenizer.finish(&mut self.builder)?;
        Ok(Document {
            bytes: self.bytes,
            nodes: self.builder.nodes,
            keys: self.tokenizer.keys(),
        })
    }
}

/// Turns tokens into nodes.
#[derive(Debug)]
struct Builder {
    nodes: Vec<Node>,
    /// Indexes of the containers that are open, innermost last.
    open: Vec<usize>,
    /// Whether the text that is being read holds escapes.
    escaped: bool,
    /// Most nodes.
    most: usize,
}

impl Sink for Builder {
    /// The document holds the bytes on the wire, and decodes what is asked for.
    const WANTS_TEXT: bool = false;

    fn token(&mut self, token: Token<'_>, start: usize, end: usize) -> Result<(), JsonFault> {
        match token {
            Token::Open(kind) => {
                self.open.push(self.nodes.len());
                self.push(NodeKind::Other(kind), start, end)
            }
            Token::Close => self.close(end),
            Token::TextStart { .. } => {
                self.escaped = false;
                Ok(())
            }
            Token::Text { escaped, .. } | Token::Skipped { escaped } => {
                self.escaped |= escaped;
                Ok(())
            }
            Token::TextEnd { key } => self.push(text(key, self.escaped), start, end),
            Token::Plain { key, .. } => self.push(text(key, false), start, end),
            Token::Number(_) => self.push(NodeKind::Other(Kind::Number), start, end),
            Token::Literal(kind) => self.push(NodeKind::Other(kind), start, end),
        }
    }
}

impl Builder {
    fn push(&mut self, kind: NodeKind, start: usize, end: usize) -> Result<(), JsonFault> {
        if self.nodes.len() >= self.most {
            return Err(JsonFault::TooManyValues);
        }
        if self.nodes.is_empty() {
            self.nodes.reserve(USUAL_VALUES);
        }
        let next = self.nodes.len().saturating_add(1);
        self.nodes.push(Node {
            start: offset(start)?,
            end: offset(end)?,
            next: offset(next)?,
            kind,
        });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), JsonFault> {
        let next = offset(self.nodes.len())?;
        let end = offset(end)?;
        let opened = self.open.pop().and_then(|index| self.nodes.get_mut(index));
        let node = opened.ok_or(JsonFault::Syntax)?;
        node.end = end;
        node.next = next;
        Ok(())
    }
}

fn text(key: bool, escaped: bool) -> NodeKind {
    match key {
        true => NodeKind::Key { escaped },
        false => NodeKind::Text { escaped },
    }
}

fn offset(at: usize) -> Result<u32, JsonFault> {
    u32::try_from(at).map_err(|_| JsonFault::TooLarge)
}
