//! Rounds of an approved call (2026-07-28, MRTR): the server's state is wrapped in the guard's own,
//! which admits the next round.

use crate::decision::Reason;
use crate::exchange::Rounds;
use crate::json::{Edits, Value};
use crate::state::{Purpose, State};

/// Longest state of a server that is wrapped; it travels as a third more.
const LONGEST: usize = 64 * 1024;

/// Wraps the state of a result that asks for another round. It gets one where the server sends none.
pub(super) fn wrap(rounds: &Rounds, result: Value<'_>, edits: &mut Edits) -> Result<(), Reason> {
    let state = result.get("requestState");
    let asks = result
        .get("resultType")
        .is_some_and(|kind| kind.is_str("input_required"));
    if state.is_none() && !asks && result.get("inputRequests").is_none() {
        return Ok(());
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
    // Of base64url and dots, so that nothing in it needs an escape.
    match state {
        Some(state) => edits.replace(state.span(), format!("\"{sealed}\"")),
        None => {
            let end = result.span().end.saturating_sub(1);
            let separator = if result.entries().next().is_some() {
                ","
            } else {
                ""
            };
            edits.insert(end, format!("{separator}\"requestState\":\"{sealed}\""));
        }
    }
    Ok(())
}
