//! What is known of a request when its answer arrives.

use crate::decision::Ask;
use crate::decision::approval::Admission;
use crate::jsonrpc::Id;
use crate::mcp::Era;
use crate::policy::format::EndpointKind;
use crate::policy::{Callers, Policy};
use crate::request::HeadFacts;
use crate::state::{Binding, Secret};
use std::rc::Rc;

/// What a request asked for, which tells how its answer is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Anything: nobody looks at the answer.
    Anything,
    /// A discovery document.
    Discovery,
    /// Nothing: a notification, an answer, the end of a session, a preflight.
    Nothing,
    /// A stream of server messages.
    Stream,
    /// The answers to these requests.
    Answers {
        /// Their ids, in order.
        ids: Vec<Id>,
        /// Whether they came as an array.
        batch: bool,
    },
}

/// The scheme and authority of a request, as it names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `:scheme`.
    pub scheme: Vec<u8>,
    /// `:authority`.
    pub authority: Vec<u8>,
}

/// An approved call, whose further rounds pass without another approval (2026-07-28, MRTR).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// What states are authenticated with.
    pub(crate) secret: Secret,
    /// The call.
    pub(crate) binding: Binding,
    /// Whose approval it was.
    pub(crate) admission: Admission,
    /// The id of the request that asks for this round.
    pub(crate) id: Option<Id>,
    /// The round that its answer begins, counted from 1.
    pub(crate) number: u32,
    /// When all rounds have to be over, in seconds since 1970.
    pub(crate) expires: u64,
}

/// What is kept of a request for as long as its answer lasts: enough for another policy to judge it.
#[derive(Debug)]
pub struct Forwarded {
    pub(crate) head: Rc<HeadFacts>,
    /// What its messages ask for; answers ask for nothing. None: nobody has read them, or it is too
    /// much to be kept.
    pub(crate) asks: Option<Vec<Ask>>,
}

/// Most bytes of what one request asks for: no limit counts them, and a stream may last for hours.
const MOST_ASKED: usize = 16 * 1024;

impl Forwarded {
    pub(crate) fn new(head: Rc<HeadFacts>, asks: Option<Vec<Ask>>) -> Self {
        let memory = |asks: &Vec<Ask>| {
            let asks = asks.iter().map(Ask::memory);
            asks.fold(0, usize::saturating_add)
        };
        Self {
            head,
            asks: asks.filter(|asks| memory(asks) <= MOST_ASKED),
        }
    }
}

/// A forwarded request.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request.
    pub request: Rc<Forwarded>,
    /// The lane whose judgement acts.
    pub enforced: Option<ExchangeLane>,
    /// The lane that is only recorded.
    pub candidate: Option<ExchangeLane>,
}

/// One policy's view of a forwarded request.
#[derive(Clone, Debug)]
pub struct ExchangeLane {
    /// The policy.
    pub policy: Rc<Policy>,
    /// Who called.
    pub callers: Rc<Callers>,
    /// What was asked for.
    pub asked: Asked,
    /// The era that the client speaks.
    pub era: Era,
    /// The endpoint's transport.
    pub kind: EndpointKind,
    /// What the server's own state is wrapped for. None: the call needed no approval.
    pub rounds: Option<Rounds>,
}
