//! A record as a tree, which the writers turn into JSON and into protobuf.

use super::text::cut;
use std::borrow::Cow;

/// A value of a record, whose texts are borrowed where they are as they stand there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item<'r> {
    Text(Cow<'r, str>),
    Number(f64),
    Flag(bool),
    Null,
    List(Vec<Item<'r>>),
    Object(Fields<'r>),
}

/// The members of an object, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields<'r>(Vec<(Cow<'static, str>, Item<'r>)>);

impl<'r> Fields<'r> {
    /// Room for so many members.
    pub(super) fn with_capacity(members: usize) -> Self {
        Self(Vec::with_capacity(members))
    }

    /// A member.
    pub(super) fn add(&mut self, key: impl Into<Cow<'static, str>>, item: Item<'r>) {
        self.0.push((key.into(), item));
    }

    /// A text, if there is any; a long one is cut.
    pub(super) fn text(&mut self, key: &'static str, text: impl Into<Cow<'r, str>>) {
        let text = text.into();
        if !text.is_empty() {
            self.add(key, Item::Text(cut(text)));
        }
    }

    /// A text that may be missing.
    pub(super) fn maybe(&mut self, key: &'static str, text: Option<&'r str>) {
        self.text(key, text.unwrap_or_default());
    }

    /// A whole number.
    pub(super) fn number(&mut self, key: &'static str, number: u32) {
        self.add(key, Item::Number(f64::from(number)));
    }

    /// An object, unless it is empty.
    pub(super) fn object(&mut self, key: &'static str, fields: Self) {
        if !fields.0.is_empty() {
            self.add(key, Item::Object(fields));
        }
    }

    /// The members.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Item<'r>)> {
        self.0.iter().map(|(key, item)| (key.as_ref(), item))
    }
}
