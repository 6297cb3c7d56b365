//! Lists of what a server offers, without what the policy hides from this caller.

use super::message::Judge;
use super::outcome::{Findings, kind};
use super::tool;
use crate::decision::Reason;
use crate::json::{Edits, Value};
use crate::jsonrpc::{check_keys, is_identifier};
use crate::mcp::keys;

/// What becomes of an item.
enum Item {
    Keep,
    Change(Vec<u8>),
    Remove,
}

/// The governed lists of a result.
#[derive(Clone, Copy)]
enum List {
    Tools,
    Prompts,
    Resources,
    ResourceTemplates,
}

const LISTS: [(&str, List); 4] = [
    ("tools", List::Tools),
    ("prompts", List::Prompts),
    ("resources", List::Resources),
    ("resourceTemplates", List::ResourceTemplates),
];

impl List {
    fn kind(self) -> &'static str {
        match self {
            Self::Tools => kind::TOOLS,
            Self::Prompts => kind::PROMPTS,
            Self::Resources => kind::RESOURCES,
            Self::ResourceTemplates => kind::RESOURCE_TEMPLATES,
        }
    }

    /// The key that an item is known by.
    fn key(self) -> &'static str {
        match self {
            Self::Tools | Self::Prompts => "name",
            Self::Resources => "uri",
            Self::ResourceTemplates => "uriTemplate",
        }
    }
}

/// Filters the governed lists of a result; says whether it has any. An emptied list stays a list,
/// and `nextCursor` stays beside it.
pub(super) fn filter(
    judge: Judge<'_>,
    result: Value<'_>,
    edits: &mut Edits,
    found: &mut Findings,
) -> Result<bool, Reason> {
    let mut any = false;
    for (key, list) in LISTS {
        let Some(array) = result.get(key) else {
            continue;
        };
        if !array.is_array() {
            return Err(Reason::ResponseUnreadable);
        }
        any = true;
        filter_one(judge, list, array, edits, found);
    }
    Ok(any)
}

fn filter_one(
    judge: Judge<'_>,
    list: List,
    array: Value<'_>,
    edits: &mut Edits,
    found: &mut Findings,
) {
    let mut kept = b"[".to_vec();
    let mut changed = false;
    for item in array.items() {
        let bytes = match self::item(judge, list, item) {
            Item::Remove => {
                changed = true;
                let name = item.get(list.key()).and_then(Value::as_str);
                found.removed.add(list.kind(), name.as_deref());
                continue;
            }
            Item::Keep => item.raw().into(),
            Item::Change(bytes) => {
                changed = true;
                std::borrow::Cow::Owned(bytes)
            }
        };
        if kept.len() > 1 {
            kept.push(b',');
        }
        kept.extend_from_slice(&bytes);
    }
    if changed {
        kept.push(b']');
        edits.replace(array.span(), kept);
    }
}

/// An item without a string to know it by is removed, and so is one that some client reads another
/// way.
fn item(judge: Judge<'_>, list: List, item: Value<'_>) -> Item {
    if check_keys(item, keys::SERVER).is_err() {
        return Item::Remove;
    }
    let text = |key: &str| {
        let text = item.get(key).and_then(Value::as_str);
        text.filter(|text| is_identifier(text))
    };
    let ruling = judge.ruling;
    let shown = match list {
        List::Tools => {
            let level = text("name").and_then(|name| ruling.shows_tool(&name));
            return match level {
                None => Item::Remove,
                Some(level) => tool::flagged(item, level).map_or(Item::Keep, Item::Change),
            };
        }
        List::Prompts => text("name").is_some_and(|name| ruling.shows_prompt(&name)),
        List::Resources => text("uri").is_some_and(|uri| ruling.shows_resource(&uri)),
        List::ResourceTemplates => {
            text("uriTemplate").is_some_and(|template| ruling.shows_template(&template))
        }
    };
    match shown {
        true => Item::Keep,
        false => Item::Remove,
    }
}
