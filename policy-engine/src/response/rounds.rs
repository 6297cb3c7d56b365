//! Rounds of an approved call (2026-07-28, MRTR): the server's state is wrapped in the guard's own,
//! which admits the next round.

use crate::decision::Reason;
use crate::exchange::Rounds;
use crate::json::{Edits, Value};
use crate::state::{Purpose, State};

/// Longest state of a server that is wrapped; it travels as a third more.
const LONGEST: usize = 64 * 1024;

/// Most rounds of an approved call, since each runs it once more.
const MOST_ROUNDS: u32 = 8;

/// Wraps the state of a result that asks for another round, which gets one where the server sends none.
/// Any other result of an approved call loses its state: it would admit the call again.
pub(super) fn next_round(
    rounds: &Rounds,
    result: Value<'_>,
    begins: bool,
    edits: &mut Edits,
) -> Result<(), Reason> {
    let state = result.get("requestState");
    let asks = result
        .get("resultType")
        .is_some_and(|kind| kind.is_str("input_required"));
    if !begins || !asks {
        drop_state(result, edits);
        return Ok(());
    }
    if rounds.number > MOST_ROUNDS {
        return Err(Reason::ServerRequestRefused);
    }
    let inner = state.map(|state| match state.as_str() {
        Some(_) if state.raw().len() <= LONGEST => Ok(state.raw().to_vec()),
        _ => Err(Reason::ResponseUnreadable),
    });
    let own = State {
        expires: rounds.expires,
        binding: rounds.binding,
        purpose: Purpose::Round {
            number: rounds.number,
            admission: rounds.admission.clone(),
            inner: inner.transpose()?,
        },
    };
    let sealed = own.seal(&rounds.secret).ok_or(Reason::ResponseUnreadable)?;
    put_state(result, &sealed, edits);
    Ok(())
}

/// Puts a state in: of base64url and dots, so that nothing in it needs an escape.
fn put_state(result: Value<'_>, sealed: &str, edits: &mut Edits) {
    if let Some(state) = result.get("requestState") {
        edits.replace(state.span(), format!("\"{sealed}\""));
        return;
    }
    let end = result.span().end.saturating_sub(1);
    let separator = match result.entries().next() {
        Some(_) => ",",
        None => "",
    };
    edits.insert(end, format!("{separator}\"requestState\":\"{sealed}\""));
}

/// Takes the state out, and the comma that parts it from its neighbour.
fn drop_state(result: Value<'_>, edits: &mut Edits) {
    let mut end_before = None;
    let mut entries = result.entries().peekable();
    while let Some((key, value)) = entries.next() {
        if !key.is_str("requestState") {
            end_before = Some(value.span().end);
            continue;
        }
        let next = entries.peek().map(|(key, _)| key.span().start);
        let from = end_before.unwrap_or(key.span().start);
        // After the first member the comma before it goes, else the one behind it.
        let until = match (end_before, next) {
            (None, Some(next)) => next,
            _ => value.span().end,
        };
        edits.replace(from..until, Vec::new());
        return;
    }
}
