//! From text to [`Node`]s.

use super::{Kind, Node};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Sources, Span, Spanned};
use granit_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};

/// Most bytes of a file: more than the largest compiled policy that Kubernetes stores.
const MOST_BYTES: usize = 8 << 20;

/// Most levels of nesting of a policy or deployment.
const DEEPEST: usize = 32;

/// Most levels of nesting of a manifest: schemas in custom resource definitions are deep.
const DEEPEST_MANIFEST: usize = 100;

/// Reads a file. None: it could not be read, and why is said.
///
/// Problems that do not keep the tree from being built (a key that stands twice, say) are said, and
/// the tree is returned all the same, so that the rest can be checked.
pub fn parse(sources: &Sources, file: FileId, found: &mut Diagnostics) -> Option<Node> {
    let mut builder = Builder::new(sources, file, DEEPEST, found)?;
    builder.document()
}

/// Reads the documents of a file of manifests, empty ones left out. What follows something that
/// cannot be read is left out, too, and that is said.
pub fn parse_documents(sources: &Sources, file: FileId, found: &mut Diagnostics) -> Vec<Node> {
    let mut documents = Vec::new();
    if let Some(mut builder) = Builder::new(sources, file, DEEPEST_MANIFEST, found) {
        // Why reading ended early was said.
        let _ = builder.documents(&mut documents);
    }
    documents
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    events: Parser<'a, StrInput<'a>>,
    found: &'a mut Diagnostics,
}

/// The rest of the file cannot be read; the reason has been said.
struct Unreadable;

type Next<'a> = (Event<'a>, Span);

impl<'a> Builder<'a> {
    fn new(
        sources: &'a Sources,
        file: FileId,
        deepest: usize,
        found: &'a mut Diagnostics,
    ) -> Option<Self> {
        let text = sources.text(file);
        if text.len() > MOST_BYTES {
            let span = Span {
                file,
                start: 0,
                end: 0,
            };
            let message = format!("the file is larger than {} MiB", MOST_BYTES >> 20);
            found.push(Diagnostic::new(Code::TooLarge, span, message));
            return None;
        }
        let options = granit_parser::options! {
            emit_unresolved_aliases: true,
            disallow_directives: true,
            emit_comments: false,
            flow_nesting_limit: deepest,
            block_nesting_limit: deepest,
        };
        Some(Self {
            file,
            text,
            events: Parser::new_from_str_with_options(text, options),
            found,
        })
    }

    fn documents(&mut self, documents: &mut Vec<Node>) -> Result<(), Unreadable> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(()),
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                _ => {
                    let node = self.node(event, span)?;
                    documents.extend(Some(node).filter(|node| !node.is_null()));
                }
            }
        }
    }

    fn document(&mut self) -> Option<Node> {
        self.try_document().ok().flatten()
    }

    fn try_document(&mut self) -> Result<Option<Node>, Unreadable> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_some() => {
                    let message = "the file holds more than one document";
                    self.say(
                        Diagnostic::new(Code::NotOneDocument, span, message)
                            .help("put each into a file of its own"),
                    );
                    return Err(Unreadable);
                }
                Event::DocumentStart(..) => {}
                _ => root = Some(self.node(event, span)?),
            }
        }
        if root.is_none() {
            let span = self.span(0, 0);
            self.say(Diagnostic::new(
                Code::NotOneDocument,
                span,
                "the file is empty",
            ));
        }
        Ok(root)
    }

    /// The node that an event begins. Depth is bounded by the parser's own limits.
    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, Unreadable> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if anchor != 0 || tag.is_some() {
                    self.say_decorated(span);
                }
                let kind = Kind::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                Ok(Node { span, kind })
            }
            Event::SequenceStart(_, anchor, tag) => {
                if anchor != 0 || tag.is_some() {
                    self.say_decorated(span);
                }
                self.sequence(span)
            }
            Event::MappingStart(_, anchor, tag) => {
                if anchor != 0 || tag.is_some() {
                    self.say_decorated(span);
                }
                self.mapping(span)
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.say_alias(span);
                let kind = Kind::Scalar {
                    text: self
                        .text
                        .get(span.start..span.end)
                        .unwrap_or_default()
                        .into(),
                    plain: false,
                };
                Ok(Node { span, kind })
            }
            _ => Err(Unreadable),
        }
    }

    fn sequence(&mut self, start: Span) -> Result<Node, Unreadable> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                let span = self.closed(start, items.last(), span);
                return Ok(Node {
                    span,
                    kind: Kind::Sequence(items),
                });
            }
            items.push(self.node(event, span)?);
        }
    }

    fn mapping(&mut self, start: Span) -> Result<Node, Unreadable> {
        let mut entries: Vec<(Spanned<String>, Node)> = Vec::new();
        let mut places = std::collections::BTreeMap::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                let last = entries.last().map(|(_, last)| last);
                return Ok(Node {
                    span: self.closed(start, last, span),
                    kind: Kind::Mapping(entries),
                });
            }
            let key = self.key(event, span)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span)?;
            let Some(key) = key else { continue };
            if let Some(first) = places.get(&key.value) {
                let message = format!("`{}` stands twice", key.value);
                let again = Diagnostic::new(Code::DuplicateKey, key.span, message)
                    .also(*first, "first here")
                    .help("keep one of them");
                self.say(again);
                continue;
            }
            places.insert(key.value.clone(), key.span);
            entries.push((key, value));
        }
    }

    /// A key is text. Any other is said and skipped.
    fn key(&mut self, event: Event<'a>, span: Span) -> Result<Option<Spanned<String>>, Unreadable> {
        let node = self.node(event, span)?;
        let Kind::Scalar { text, .. } = node.kind else {
            let message = format!("a key is text, and this is {}", node.describe());
            self.say(Diagnostic::new(Code::WrongType, node.span, message));
            return Ok(None);
        };
        Ok(Some(Spanned {
            value: text,
            span: node.span,
        }))
    }

    fn next(&mut self) -> Result<Next<'a>, Unreadable> {
        match self.events.next_event() {
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or_default();
                let span = self.span(range.start, range.end);
                Ok((event, span))
            }
            Some(Err(error)) => {
                self.say_unreadable(&error);
                Err(Unreadable)
            }
            None => Err(Unreadable),
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span {
            file: self.file,
            start,
            end,
        }
    }

    /// A block has no closing bracket: it ends with its last item.
    fn closed(&self, start: Span, last: Option<&Node>, end: Span) -> Span {
        let end = match last {
            Some(last) if end.start == end.end => last.span.end,
            _ => end.end,
        };
        self.span(start.start, end)
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    fn say_unreadable(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.text.len());
        let at = at.min(self.text.len());
        let span = self.span(at, at);
        if self.quotable(at) {
            return self.say_alias(self.token_at(at));
        }
        let code = match error.info().contains("limit") {
            true => Code::TooLarge,
            false => Code::InvalidYaml,
        };
        let message = format!("the file is not YAML: {}", error.info());
        self.say(Diagnostic::new(code, span, message));
    }

    /// A pattern that was meant as text: `*_org_*` begins like an alias, `!x` like a tag.
    fn say_alias(&mut self, span: Span) {
        let token = self.token_at(span.start);
        let written = self.text.get(token.start..token.end).unwrap_or_default();
        let message = format!("`{written}` is read as a YAML alias or tag, not as a pattern");
        let quoted = format!("\"{written}\"");
        self.say(
            Diagnostic::new(Code::AliasOrTag, token, message)
                .label("needs quotes")
                .help("put quotes around it")
                .patch(token, quoted),
        );
    }

    fn say_decorated(&mut self, span: Span) {
        // The decoration stands before the node; the token that begins with it shows both.
        let line_start = self
            .text
            .get(..span.start)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |newline| newline.saturating_add(1));
        let before = self.text.get(line_start..span.start).unwrap_or_default();
        let decoration = before.rfind(['&', '!']);
        match decoration {
            Some(at) => self.say_alias(self.token_at(line_start.saturating_add(at))),
            None => self.say_alias(span),
        }
    }

    fn quotable(&self, at: usize) -> bool {
        self.text
            .get(at..)
            .is_some_and(|rest| rest.starts_with(['*', '&', '!', '%', '@', '`']))
    }

    /// The run without blanks and flow punctuation that begins here.
    fn token_at(&self, start: usize) -> Span {
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}'))
            .unwrap_or(rest.len());
        self.span(start, start.saturating_add(length))
    }
}
