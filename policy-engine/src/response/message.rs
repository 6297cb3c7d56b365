//! One message of a server.

use super::outcome::{Findings, Judged, kind};
use super::result::{error, params_are_plain, result};
use super::rounds::next_round;
use crate::decision::{Reason, Ruling};
use crate::exchange::Rounds;
use crate::json::{Edits, Value};
use crate::jsonrpc::{Id, check_keys};
use crate::mcp::{Era, keys};
use crate::refusal::unknown_method;

/// What a judge of server messages goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'p> {
    pub(super) ruling: Ruling<'p>,
    pub(super) era: Era,
    /// What the server's state is wrapped for.
    pub(super) rounds: Option<&'p Rounds>,
}

impl Judge<'_> {
    /// Judges one message.
    pub(super) fn message(self, message: Value<'_>, found: &mut Findings) -> Judged {
        let is_message = message
            .get("jsonrpc")
            .is_some_and(|version| version.is_str("2.0"));
        if !is_message || check_keys(message, keys::SERVER).is_err() {
            return Judged::Refuse(Reason::ResponseUnreadable);
        }
        let params = message.get("params");
        match (
            message.get("method"),
            message.get("result"),
            message.get("error"),
        ) {
            (Some(method), None, None) => self.call(message, method, params, found),
            (None, Some(value), None) => {
                found.said.note_result(value, &self.ruling.policy.audit);
                self.answer(
                    |edits, found| {
                        result(self, value, edits, found)?;
                        match self.rounds {
                            Some(rounds) => {
                                let next = self.begins_round(rounds, message, found);
                                next_round(rounds, value, next, edits)
                            }
                            None => Ok(()),
                        }
                    },
                    found,
                )
            }
            (None, None, Some(value)) => {
                found.said.note_error(value);
                self.answer(|_, _| error(self, value), found)
            }
            _ => Judged::Refuse(Reason::ResponseUnreadable),
        }
    }

    /// Whether a message may begin the next round of the approved call: its answer, the first one, to
    /// a client that knows rounds.
    fn begins_round(self, rounds: &Rounds, message: Value<'_>, found: &mut Findings) -> bool {
        let answered = message.get("id").and_then(Id::read);
        let awaited = self.era == Era::Modern && answered.is_some() && answered == rounds.id;
        awaited && !core::mem::replace(&mut found.answered_approved, true)
    }

    fn answer(
        self,
        judge: impl FnOnce(&mut Edits, &mut Findings) -> Result<(), Reason>,
        found: &mut Findings,
    ) -> Judged {
        let mut edits = Edits::default();
        match judge(&mut edits, found) {
            Ok(()) => Judged::Pass(edits),
            Err(reason) => Judged::Refuse(reason),
        }
    }

    /// A request or notification of the server. Refused requests become one that the client
    /// itself answers with an error, so that the server is not left waiting.
    fn call(
        self,
        message: Value<'_>,
        method: Value<'_>,
        params: Option<Value<'_>>,
        found: &mut Findings,
    ) -> Judged {
        let id = message.get("id");
        let mut edits = Edits::default();
        let readable = params.is_none_or(params_are_plain);
        let permitted = readable
            && method.as_str().is_some_and(|method| {
                self.ruling
                    .permits_server_message(&method, params, id.is_some())
                    && self.nested(&method, params, &mut edits, found)
            });
        if permitted {
            return Judged::Pass(edits);
        }
        let name = method.as_str();
        found.removed.add(kind::SERVER_MESSAGES, name.as_deref());
        match id.and_then(Id::read) {
            Some(id) => Judged::Replace(unknown_method(&id)),
            None => Judged::Drop,
        }
    }

    /// A task's notification carries the result, the error or the questions of its call.
    fn nested(
        self,
        method: &str,
        params: Option<Value<'_>>,
        edits: &mut Edits,
        found: &mut Findings,
    ) -> bool {
        let task = method.starts_with("notifications/tasks");
        params
            .filter(|_| task)
            .is_none_or(|params| result(self, params, edits, found).is_ok())
    }
}
