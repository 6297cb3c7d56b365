//! Reading nodes as what they should be. Every mistake is said, and reading goes on.

use super::scalar::{self, Scalar};
use super::{Kind, Node};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};
use crate::source::{Span, Spanned};

/// The keys of one map, of which the known ones are taken.
#[derive(Debug)]
pub struct Fields<'n> {
    /// Where the map stands.
    pub span: Span,
    entries: &'n [(Spanned<String>, Node)],
}

impl<'n> Fields<'n> {
    /// A map with these keys and no others. None: it is no map, and that is said.
    pub fn read(node: &'n Node, known: &[&str], found: &mut Diagnostics) -> Option<Self> {
        Self::read_as(node, known, "", found)
    }

    /// The same; `form` tells whoever wrote no map how the value is written as one.
    pub fn read_as(
        node: &'n Node,
        known: &[&str],
        form: &str,
        found: &mut Diagnostics,
    ) -> Option<Self> {
        let fields = Self::map(node, form, found)?;
        for (key, _) in fields.entries {
            if !known.contains(&key.value.as_str()) {
                found.push(unknown_key(key, known));
            }
        }
        Some(fields)
    }

    /// A map with keys of the author's choice, at least one: what an edit emptied must not turn into
    /// "no restriction".
    pub fn any(node: &'n Node, found: &mut Diagnostics) -> Option<Self> {
        Self::any_as(node, "", found)
    }

    /// The same; `form` tells whoever wrote no map how the value is written as one.
    pub fn any_as(node: &'n Node, form: &str, found: &mut Diagnostics) -> Option<Self> {
        let fields = Self::map(node, form, found)?;
        if fields.entries.is_empty() {
            found.push(empty(node, "map"));
        }
        Some(fields)
    }

    fn map(node: &'n Node, form: &str, found: &mut Diagnostics) -> Option<Self> {
        let entries: &[_] = match &node.kind {
            Kind::Mapping(entries) => entries,
            // `key:` with nothing behind it is an empty map.
            Kind::Scalar { text, plain: true } if scalar::resolve(text) == Scalar::Null => &[],
            _ => {
                let wrong = wrong_type(node, "a map");
                found.push(match form {
                    "" => wrong,
                    form => wrong.help(format!("write it as `{form}`")),
                });
                return None;
            }
        };
        Some(Self {
            span: node.span,
            entries,
        })
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|(name, _)| name.value == key)
            .map(|(_, value)| value)
    }

    /// A key as it was written.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<&'n Spanned<String>> {
        self.entries
            .iter()
            .find(|(name, _)| name.value == key)
            .map(|(name, _)| name)
    }

    /// The value of a key that must be there.
    pub fn require(&self, key: &str, found: &mut Diagnostics) -> Option<&'n Node> {
        let value = self.get(key);
        if value.is_none() {
            let message = format!("`{key}` is missing");
            found.push(Diagnostic::new(
                Code::MissingKey,
                self.span.start_line(),
                message,
            ));
        }
        value
    }

    /// All keys and values, in the order of the text.
    pub fn entries(&self) -> impl Iterator<Item = (&'n Spanned<String>, &'n Node)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Text.
    pub fn text(&self, key: &str, found: &mut Diagnostics) -> Option<Spanned<String>> {
        text(self.get(key)?, found)
    }

    /// The items of a list, at least one; none where the key is absent.
    pub fn items(&self, key: &str, found: &mut Diagnostics) -> &'n [Node] {
        let Some(node) = self.get(key) else {
            return &[];
        };
        let items = sequence(node, found);
        if items.is_some_and(<[Node]>::is_empty) {
            found.push(empty(node, "list"));
        }
        items.unwrap_or_default()
    }

    /// A list of texts, at least one; none where the key is absent.
    pub fn texts(&self, key: &str, found: &mut Diagnostics) -> Vec<Spanned<String>> {
        self.items(key, found)
            .iter()
            .filter_map(|item| text(item, found))
            .collect()
    }

    /// A truth value.
    pub fn flag(&self, key: &str, found: &mut Diagnostics) -> Option<Spanned<bool>> {
        let node = self.get(key)?;
        match plain(node) {
            Some(Scalar::Bool(value)) => Some(at(node, value)),
            _ => {
                found.push(wrong_type(node, "`true` or `false`"));
                None
            }
        }
    }

    /// A whole number from 0 up.
    pub fn whole<N: TryFrom<u64>>(&self, key: &str, found: &mut Diagnostics) -> Option<Spanned<N>> {
        whole(self.get(key)?, found)
    }

    /// The number of a port.
    pub fn port(&self, key: &str, found: &mut Diagnostics) -> Option<Spanned<u16>> {
        let port = self.whole::<u16>(key, found)?;
        if port.value == 0 {
            let message = "`0` is not a port";
            found.push(Diagnostic::new(Code::Malformed, port.span, message));
        }
        Some(port)
    }

    /// One of the words of `table`.
    pub fn word<T: Copy>(
        &self,
        key: &str,
        table: &[(&str, T)],
        found: &mut Diagnostics,
    ) -> Option<Spanned<T>> {
        word(self.get(key)?, table, found)
    }
}

impl Span {
    /// The first bytes of a long span, so that a label does not cover a whole file.
    fn start_line(self) -> Self {
        Self {
            end: self.start.saturating_add(1).min(self.end),
            ..self
        }
    }
}

/// The items of a list.
pub fn sequence<'n>(node: &'n Node, found: &mut Diagnostics) -> Option<&'n [Node]> {
    match &node.kind {
        Kind::Sequence(items) => Some(items),
        _ => {
            let mut wrong = wrong_type(node, "a list");
            if let Kind::Scalar { .. } = node.kind {
                wrong = wrong.help("put it into brackets: `[…]`");
            }
            found.push(wrong);
            None
        }
    }
}

/// Text. What YAML reads as a number, truth value or nothing needs quotes to be text.
pub fn text(node: &Node, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let Kind::Scalar { text, .. } = &node.kind else {
        found.push(wrong_type(node, "text"));
        return None;
    };
    match plain(node) {
        None | Some(Scalar::Text) => Some(at(node, text.clone())),
        Some(_) => {
            let quoted = format!("\"{text}\"");
            found.push(
                wrong_type(node, "text")
                    .help("put quotes around it")
                    .patch(node.span, quoted),
            );
            None
        }
    }
}

/// A whole number from 0 up, that fits its type.
pub fn whole<N: TryFrom<u64>>(node: &Node, found: &mut Diagnostics) -> Option<Spanned<N>> {
    let number = match (&node.kind, plain(node)) {
        (Kind::Scalar { text, .. }, Some(Scalar::Number(_))) => {
            // `010` is 8 to some readers.
            let number = text.parse::<u64>().ok();
            number.filter(|number| number.to_string() == *text)
        }
        _ => None,
    };
    let number = number.and_then(|number| N::try_from(number).ok());
    if number.is_none() {
        found.push(wrong_type(node, "a whole number").label("as in `8080`"));
    }
    Some(at(node, number?))
}

/// One of the words of a table.
pub fn word<T: Copy>(
    node: &Node,
    table: &[(&str, T)],
    found: &mut Diagnostics,
) -> Option<Spanned<T>> {
    let Kind::Scalar { text, .. } = &node.kind else {
        found.push(wrong_type(node, "a word"));
        return None;
    };
    if let Some((_, value)) = table.iter().find(|(word, _)| word == text) {
        return Some(at(node, *value));
    }
    let words: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
    let message = format!("`{text}` is not known here");
    let unknown = Diagnostic::new(Code::UnknownValue, node.span, message)
        .label(format!("one of {}", listed(&words)));
    found.push(suggest(unknown, text, &words, node.span));
    None
}

/// A comparable value: text, a number, a truth value or null.
pub fn plain(node: &Node) -> Option<Scalar> {
    match &node.kind {
        Kind::Scalar { text, plain: true } => Some(scalar::resolve(text)),
        _ => None,
    }
}

/// The finding that a node is not what it should be.
#[must_use]
pub fn wrong_type(node: &Node, wanted: &str) -> Diagnostic {
    let message = format!("this should be {wanted}, and is {}", node.describe());
    Diagnostic::new(Code::WrongType, node.span, message)
}

fn empty(node: &Node, what: &str) -> Diagnostic {
    let message = format!("this {what} is empty");
    Diagnostic::new(Code::EmptyRule, node.span, message)
        .help("list what is meant, or remove the key")
}

fn unknown_key(key: &Spanned<String>, known: &[&str]) -> Diagnostic {
    let message = format!("`{}` is not a key here", key.value);
    let unknown = Diagnostic::new(Code::UnknownKey, key.span, message)
        .label(format!("one of {}", listed(known)));
    suggest(unknown, &key.value, known, key.span)
}

/// Adds the nearest known word.
#[must_use]
pub fn suggest(diagnostic: Diagnostic, word: &str, known: &[&str], span: Span) -> Diagnostic {
    match closest(word, known.iter().copied()) {
        Some(nearest) => diagnostic
            .help(format!("did you mean `{nearest}`?"))
            .patch(span, nearest),
        None => diagnostic,
    }
}

fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

fn at<T>(node: &Node, value: T) -> Spanned<T> {
    Spanned {
        value,
        span: node.span,
    }
}
