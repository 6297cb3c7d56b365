//! What is known of a request when its answer arrives.

use crate::jsonrpc::Id;
use crate::mcp::Era;
use crate::policy::format::EndpointKind;
use crate::policy::{Callers, Policy};
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

/// A forwarded request.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What was asked, with which redirects are compared.
    pub origin: Origin,
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
}
