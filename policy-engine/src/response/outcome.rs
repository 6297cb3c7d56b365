//! What judging a server's message yields.

use crate::decision::Reason;
use crate::json::{Edits, JsonFault, Value};
use crate::jsonrpc::Id;
use crate::record::{Removed, Said};
use crate::refusal;

/// What becomes of one message.
#[derive(Debug)]
pub(super) enum Judged {
    /// It passes, with these changes.
    Pass(Edits),
    /// It is left out.
    Drop,
    /// Another message takes its place.
    Replace(Vec<u8>),
    /// Its request is answered with an error.
    Refuse(Reason),
}

/// What stands in the place of one of several messages.
#[derive(Debug)]
pub(super) enum Settled {
    /// The message as it came.
    Same,
    /// These bytes; why, if the message was refused.
    Changed(Vec<u8>, Option<Reason>),
    /// Nothing.
    Nothing,
    /// Nothing, and it cannot be told whose answer it was.
    Lost(Reason),
}

impl Judged {
    /// Puts the judgement on `message`, which stands in `text`, into effect.
    pub(super) fn settle(self, message: Value<'_>, text: &[u8]) -> Settled {
        match self {
            Self::Pass(edits) if edits.is_empty() => Settled::Same,
            Self::Pass(edits) => Settled::Changed(edits.apply(text, message.span()), None),
            Self::Drop => Settled::Nothing,
            Self::Replace(bytes) => Settled::Changed(bytes, Some(Reason::ServerRequestRefused)),
            Self::Refuse(reason) => match answered_id(message) {
                Some(id) => Settled::Changed(refusal::of_answer(reason, &id), Some(reason)),
                None => Settled::Lost(reason),
            },
        }
    }
}

/// The id of the request that a message answers.
fn answered_id(message: Value<'_>) -> Option<Id> {
    message.get("result").or(message.get("error"))?;
    Id::read(message.get("id")?)
}

/// What a fault of the reader means for an answer.
pub(super) fn reason_of(fault: JsonFault) -> Reason {
    match fault {
        JsonFault::TooLarge => Reason::ResponseTooLarge,
        _ => Reason::ResponseUnreadable,
    }
}

/// What is found in an answer while it is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// What was taken out.
    pub(super) removed: Removed,
    /// How the server says it went.
    pub(super) said: Said,
    /// The approved call was answered: nothing that follows begins a round of it.
    pub(super) answered_approved: bool,
}

/// The kinds of what is taken out, by the names that records and metrics use.
pub(super) mod kind {
    pub(crate) const TOOLS: &str = "tools";
    pub(crate) const PROMPTS: &str = "prompts";
    pub(crate) const RESOURCES: &str = "resources";
    pub(crate) const RESOURCE_TEMPLATES: &str = "resource_templates";
    pub(crate) const RESOURCE_LINKS: &str = "resource_links";
    pub(crate) const SERVER_MESSAGES: &str = "server_messages";
}
