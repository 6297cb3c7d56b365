//! What results carry: blocks of content, and contents of resources.

use super::message::Judge;
use super::outcome::{Findings, kind};
use crate::decision::Reason;
use crate::json::{Edits, Value, write_string};
use crate::jsonrpc::check_keys;
use crate::mcp::keys;

/// Judges the content of a result. Embedded resources are the payload of a permitted call and
/// pass; links are offers to read on, and contents are what was read.
pub(super) fn judge(
    judge: Judge<'_>,
    result: Value<'_>,
    edits: &mut Edits,
    found: &mut Findings,
) -> Result<(), Reason> {
    if let Some(contents) = result.get("contents") {
        contents_are_permitted(judge, contents)?;
    }
    if let Some(content) = result.get("content") {
        blocks(judge, content, edits, found)?;
    }
    let Some(messages) = result.get("messages") else {
        return Ok(());
    };
    for message in messages.items() {
        if check_keys(message, keys::PROMPT_MESSAGE).is_err() {
            return Err(Reason::ResponseUnreadable);
        }
        if let Some(content) = message.get("content") {
            blocks(judge, content, edits, found)?;
        }
    }
    Ok(())
}

/// Every resource that was read is one that may be read.
fn contents_are_permitted(judge: Judge<'_>, contents: Value<'_>) -> Result<(), Reason> {
    if !contents.is_array() {
        return Err(Reason::ResponseUnreadable);
    }
    let permitted = |item: Value<'_>| {
        check_keys(item, keys::CONTENTS).is_ok()
            && item
                .get("uri")
                .and_then(Value::as_str)
                .is_some_and(|uri| judge.ruling.shows_resource(&uri))
    };
    match contents.items().all(permitted) {
        true => Ok(()),
        false => Err(Reason::ResourceContentRefused),
    }
}

/// One block of content, or an array of them.
fn blocks(
    judge: Judge<'_>,
    content: Value<'_>,
    edits: &mut Edits,
    found: &mut Findings,
) -> Result<(), Reason> {
    if content.is_object() {
        return block(judge, content, edits, found);
    }
    for item in content.items() {
        block(judge, item, edits, found)?;
    }
    Ok(())
}

fn block(
    judge: Judge<'_>,
    block: Value<'_>,
    edits: &mut Edits,
    found: &mut Findings,
) -> Result<(), Reason> {
    if check_keys(block, keys::BLOCK).is_err() {
        return Err(Reason::ResponseUnreadable);
    }
    if !block
        .get("type")
        .is_some_and(|kind| kind.is_str("resource_link"))
    {
        return Ok(());
    }
    let uri = block.get("uri").and_then(Value::as_str).unwrap_or_default();
    if judge.ruling.shows_resource(&uri) {
        return Ok(());
    }
    found.removed.add(kind::RESOURCE_LINKS, Some(&uri));
    let mut text = b"{\"type\":\"text\",\"text\":".to_vec();
    write_string(
        &mut text,
        &format!("resource link removed by policy: {uri}"),
    );
    text.push(b'}');
    edits.replace(block.span(), text);
    Ok(())
}
