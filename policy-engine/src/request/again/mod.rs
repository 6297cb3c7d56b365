//! Requests that were forwarded under one policy, before the policy that has come after it.

use super::lane::Lane;
use super::route::Route;
use crate::decision::{Decision, Reason, Ruling, Watch};
use crate::exchange::{Forwarded, Origin};
use crate::policy::{Guard, Peer};
use crate::record::Judgement;

impl Guard {
    /// Whether this configuration refuses what another let pass, whose answer is still streaming. Who
    /// calls is found out anew, from what the host verified. None: it goes on.
    #[must_use]
    pub fn forbids(&self, request: &Forwarded, peer: &Peer) -> Option<Judgement> {
        // What is only recorded ends nothing.
        let policy = self.enforced.as_ref()?;
        let decision = Lane::new(policy, peer, &request.head).decide_again(request);
        (!decision.is_permit()).then(|| Judgement::new(policy, &decision, None))
    }
}

impl Lane {
    fn decide_again(&self, request: &Forwarded) -> Decision {
        let ruling = Ruling {
            policy: &self.policy,
            callers: &self.callers,
            dry_run: false,
            trace: Watch::silent(),
        };
        match (self.route, request.asks.as_deref()) {
            (Err(reason), _) => reason.into(),
            // Its path was open, it was refused by who only watched, or it asks for too much.
            (Ok(Route::Message(_)), None) => Reason::ParseError.into(),
            (Ok(Route::Message(_)), Some(asks @ [_, ..])) => {
                Decision::of_all(asks.iter().map(|ask| ask.decide(ruling)))
            }
            (Ok(_), _) => Decision::of_head(),
        }
    }
}

impl Forwarded {
    /// What was asked, with which redirects are compared.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.head.server
    }
}

#[cfg(test)]
mod tests;
