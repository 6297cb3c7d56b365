//! Bodies that are read as one JSON text: the answer to a request, or to a batch.

use super::message::Judge;
use super::outcome::{Filtered, Judged};
use crate::decision::Reason;
use crate::json::{Document, Edits, Value};
use crate::jsonrpc::Id;
use crate::request::{internal_error, response_message};

/// Judges a whole answer. Ok: the edited text, None if nothing changes.
pub(super) fn judge(
    judge: Judge<'_>,
    document: &Document,
    filtered: &mut Filtered,
) -> Result<Option<Vec<u8>>, Reason> {
    let root = document.root();
    if root.is_array() {
        return batch(judge, root, document, filtered);
    }
    match one(judge, root, filtered)? {
        edits if edits.is_empty() => Ok(None),
        edits => Ok(Some(
            edits.apply(document.bytes(), 0..document.bytes().len()),
        )),
    }
}

/// An answer that is one message must be a result or an error.
fn one(judge: Judge<'_>, message: Value<'_>, filtered: &mut Filtered) -> Result<Edits, Reason> {
    if message.get("method").is_some() {
        return Err(Reason::ResponseUnreadable);
    }
    match judge.message(message, filtered) {
        Judged::Pass(edits) => Ok(edits),
        Judged::Refuse(reason) => Err(reason),
        Judged::Drop | Judged::Replace(_) => Err(Reason::ResponseUnreadable),
    }
}

/// Some clients take an array in any answer, so its elements are judged one by one.
fn batch(
    judge: Judge<'_>,
    root: Value<'_>,
    document: &Document,
    filtered: &mut Filtered,
) -> Result<Option<Vec<u8>>, Reason> {
    let mut out = b"[".to_vec();
    let mut changed = false;
    for element in root.items() {
        let bytes = match judge.message(element, filtered) {
            Judged::Pass(edits) => {
                changed |= !edits.is_empty();
                edits.apply(document.bytes(), element.span())
            }
            Judged::Replace(bytes) => {
                changed = true;
                bytes
            }
            Judged::Drop => {
                changed = true;
                continue;
            }
            Judged::Refuse(reason) => {
                let id = element.get("id").and_then(Id::read).ok_or(reason)?;
                changed = true;
                internal_error(&id, response_message(reason))
            }
        };
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend(bytes);
    }
    out.push(b']');
    Ok(changed.then_some(out))
}

/// The answer to requests whose own answer is refused.
pub(super) fn errors(ids: &[Id], batch: bool, reason: Reason) -> Vec<u8> {
    let message = response_message(reason);
    let errors: Vec<Vec<u8>> = ids.iter().map(|id| internal_error(id, message)).collect();
    let joined = errors.join(&b","[..]);
    match batch {
        true => [b"[", joined.as_slice(), b"]"].concat(),
        false => joined,
    }
}
