//! Bodies that are read as one JSON text: the answer to a request, or to a batch.

use super::message::Judge;
use super::outcome::{Findings, Judged, Settled};
use crate::decision::Reason;
use crate::json::{Document, Edits, Value};
use crate::jsonrpc::Id;
use crate::refusal;

/// An answer that reaches the client, at least in part.
#[derive(Debug)]
pub(super) struct Whole {
    /// The edited text. None: nothing changes.
    pub(super) changed: Option<Vec<u8>>,
    /// Why a part of it was refused.
    pub(super) refused: Option<Reason>,
}

/// Judges a whole answer.
pub(super) fn judge(
    judge: Judge<'_>,
    document: &Document,
    found: &mut Findings,
) -> Result<Whole, Reason> {
    let root = document.root();
    if root.is_array() {
        return batch(judge, root, document, found);
    }
    let edits = one(judge, root, found)?;
    let text = document.bytes();
    let changed = (!edits.is_empty()).then(|| edits.apply(text, 0..text.len()));
    Ok(Whole {
        changed,
        refused: None,
    })
}

/// An answer that is one message must be a result or an error.
fn one(judge: Judge<'_>, message: Value<'_>, found: &mut Findings) -> Result<Edits, Reason> {
    if message.get("method").is_some() {
        return Err(Reason::ResponseUnreadable);
    }
    match judge.message(message, found) {
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
    found: &mut Findings,
) -> Result<Whole, Reason> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    let mut changed = false;
    let mut refused = None;
    for element in root.items() {
        let judged = judge.message(element, found);
        let settled = judged.settle(element, document.bytes());
        changed |= !matches!(settled, Settled::Same);
        match settled {
            Settled::Same => messages.push(element.raw().to_vec()),
            Settled::Changed(message, reason) => {
                refused = reason.or(refused);
                messages.push(message);
            }
            Settled::Nothing => {}
            Settled::Lost(reason) => return Err(reason),
        }
    }
    Ok(Whole {
        changed: changed.then(|| array(&messages)),
        refused,
    })
}

fn array(elements: &[Vec<u8>]) -> Vec<u8> {
    [b"[", elements.join(&b","[..]).as_slice(), b"]"].concat()
}

/// The answer to requests whose own answer is refused.
pub(super) fn errors(ids: &[Id], batch: bool, reason: Reason) -> Vec<u8> {
    let errors: Vec<Vec<u8>> = ids
        .iter()
        .map(|id| refusal::of_answer(reason, id))
        .collect();
    match batch {
        true => array(&errors),
        false => errors.concat(),
    }
}
