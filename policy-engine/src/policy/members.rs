//! Reading typed members of JSON objects, with faults that name the key.

use super::PolicyFault;
use crate::json::{Kind, Value};
use std::collections::BTreeMap;

/// How one value is read; `at` is its path.
pub(crate) type Read<'d, T> = fn(Value<'d>, &str) -> Result<T, PolicyFault>;

/// An object whose members are taken one by one; what is left at the end is unknown.
pub(crate) struct Members<'d> {
    object: Value<'d>,
    at: String,
    known: Vec<&'static str>,
    missing: Option<&'static str>,
}

impl<'d> Members<'d> {
    pub(crate) fn of(object: Value<'d>, at: &str) -> Result<Self, PolicyFault> {
        match object.is_object() {
            true => Ok(Self {
                object,
                at: at.into(),
                known: Vec::new(),
                missing: None,
            }),
            false => Err(wrong(at, "an object", object)),
        }
    }

    /// The member with that key, if there is one.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        read: Read<'d, T>,
    ) -> Result<Option<T>, PolicyFault> {
        match self.take(key) {
            Some((value, at)) => read(value, &at).map(Some),
            None => Ok(None),
        }
    }

    /// The untyped part of [`Members::optional`], compiled once.
    fn take(&mut self, key: &'static str) -> Option<(Value<'d>, String)> {
        self.known.push(key);
        let value = self.object.get(key)?;
        Some((value, join(&self.at, key)))
    }

    /// The member with that key, or its type's default.
    pub(crate) fn or_default<T: Default>(
        &mut self,
        key: &'static str,
        read: Read<'d, T>,
    ) -> Result<T, PolicyFault> {
        self.optional(key, read).map(Option::unwrap_or_default)
    }

    /// The member with that key. That it is missing is said at the end, after what may be its
    /// misspelling.
    pub(crate) fn required<T: Default>(
        &mut self,
        key: &'static str,
        read: Read<'d, T>,
    ) -> Result<T, PolicyFault> {
        let value = self.optional(key, read)?;
        if value.is_none() {
            self.missing = self.missing.or(Some(key));
        }
        Ok(value.unwrap_or_default())
    }

    /// Refuses members that nobody took, and the lack of those that are required.
    pub(crate) fn end(self) -> Result<(), PolicyFault> {
        for (key, _) in self.object.entries() {
            let key = key.as_str().unwrap_or_default();
            if !self.known.contains(&key.as_ref()) {
                let problem = format!("is no key here; the keys are `{}`", self.known.join("`, `"));
                return Err(PolicyFault::new(join(&self.at, &key), problem));
            }
        }
        match self.missing {
            Some(key) => Err(PolicyFault::new(join(&self.at, key), "is missing")),
            None => Ok(()),
        }
    }
}

/// A string.
pub(crate) fn text(value: Value<'_>, at: &str) -> Result<String, PolicyFault> {
    let text = value.as_str().map(std::borrow::Cow::into_owned);
    text.ok_or_else(|| wrong(at, "a string", value))
}

/// `true` or `false`.
pub(crate) fn flag(value: Value<'_>, at: &str) -> Result<bool, PolicyFault> {
    match value.kind() {
        Kind::True => Ok(true),
        Kind::False => Ok(false),
        _ => Err(wrong(at, "`true` or `false`", value)),
    }
}

/// A whole number of 32 bits.
pub(crate) fn whole(value: Value<'_>, at: &str) -> Result<u32, PolicyFault> {
    let number = value.as_number().and_then(|text| text.parse().ok());
    number.ok_or_else(|| wrong(at, "a whole number below 2^32", value))
}

/// A number.
pub(crate) fn number(value: Value<'_>, at: &str) -> Result<f64, PolicyFault> {
    let number = value.as_number().and_then(|text| text.parse().ok());
    number.ok_or_else(|| wrong(at, "a number", value))
}

/// A list of strings.
pub(crate) fn texts(value: Value<'_>, at: &str) -> Result<Vec<String>, PolicyFault> {
    list(value, at, text)
}

/// A list.
pub(crate) fn list<'d, T>(
    value: Value<'d>,
    at: &str,
    read: Read<'d, T>,
) -> Result<Vec<T>, PolicyFault> {
    if !value.is_array() {
        return Err(wrong(at, "a list", value));
    }
    let mut items = Vec::new();
    for (index, item) in value.items().enumerate() {
        // The path is written only where it is needed: lists are long.
        let read = read(item, "");
        items.push(read.map_err(|fault| fault.at(&format!("{at}[{index}]")))?);
    }
    Ok(items)
}

/// An object that maps names to values of one kind.
pub(crate) fn map<'d, T>(
    value: Value<'d>,
    at: &str,
    read: Read<'d, T>,
) -> Result<BTreeMap<String, T>, PolicyFault> {
    if !value.is_object() {
        return Err(wrong(at, "an object", value));
    }
    let mut entries = BTreeMap::new();
    for (key, value) in value.entries() {
        let key = text(key, at)?;
        let value = read(value, &join(at, &key))?;
        entries.insert(key, value);
    }
    Ok(entries)
}

/// One of several words.
pub(crate) fn word<T: Copy>(
    value: Value<'_>,
    at: &str,
    words: &[(&str, T)],
) -> Result<T, PolicyFault> {
    let text = text(value, at)?;
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        PolicyFault::new(at, format!("`{text}` is none of `{}`", all.join("`, `")))
    })
}

fn wrong(at: &str, wanted: &str, value: Value<'_>) -> PolicyFault {
    let found = match value.kind() {
        Kind::Object => "an object",
        Kind::Array => "a list",
        Kind::String => "a string",
        Kind::Number => "a number",
        Kind::True | Kind::False => "a truth value",
        Kind::Null => "`null`",
    };
    PolicyFault::new(at, format!("must be {wanted}, not {found}"))
}

fn join(at: &str, key: &str) -> String {
    match at.is_empty() {
        true => key.into(),
        false => format!("{at}.{key}"),
    }
}
