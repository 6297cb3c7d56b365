//! What a line of the checklist rests on.

use super::{Line, Status};
use crate::artefact;
use crate::compilation::Compilation;
use crate::deployment::Deployment;
use crate::lower::Stage;

const NO_DEPLOYMENT: &str =
    "no deployment is given (`--deploy FILE`), so nothing is emitted for it";

const OBSERVES: &str = "`stage: observe` records what it would do, and refuses nothing";

/// Evidence, and whether any of it speaks against the line.
#[derive(Default)]
pub(super) struct Proof {
    pub(super) against: Vec<String>,
    in_favour: Vec<String>,
}

impl Proof {
    pub(super) fn for_it(&mut self, evidence: String) {
        self.in_favour.push(evidence);
    }

    pub(super) fn against(&mut self, evidence: String) {
        self.against.push(evidence);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.against.is_empty() && self.in_favour.is_empty()
    }

    pub(super) fn deployment<'a>(
        &mut self,
        compilation: &'a Compilation,
    ) -> Option<&'a Deployment> {
        if compilation.deployment.is_none() {
            self.against(NO_DEPLOYMENT.into());
        }
        compilation.deployment.as_ref()
    }

    /// The objects of a kind that are emitted, and what they say.
    pub(super) fn objects(&mut self, compilation: &Compilation, kind: &str, what: &str) {
        let objects = artefact::objects(compilation);
        let of_kind = objects.iter().filter(|object| object.kind() == kind);
        for object in of_kind {
            let (namespace, name) = (object.namespace(), object.name());
            self.for_it(format!("{kind} `{namespace}/{name}`: {what}"));
        }
    }

    pub(super) fn enforced(&mut self, compilation: &Compilation) {
        let deployment = compilation.deployment.as_ref();
        if deployment.is_some_and(|deployment| deployment.stage == Stage::Observe) {
            self.against(OBSERVES.into());
        }
    }

    /// What speaks against a line stands first; where there is any, the rest is no consolation.
    pub(super) fn line(self, id: &'static str, question: &'static str) -> Line {
        let status = match self.against.is_empty() {
            true => Status::Met,
            false => Status::NotMet,
        };
        Line {
            id,
            question,
            status,
            evidence: self.against.into_iter().chain(self.in_favour).collect(),
        }
    }
}

pub(super) fn met(id: &'static str, question: &'static str, evidence: String) -> Line {
    Line {
        id,
        question,
        status: Status::Met,
        evidence: vec![evidence],
    }
}

pub(super) fn foreign(id: &'static str, question: &'static str, evidence: String) -> Line {
    Line {
        status: Status::NotInOurHands,
        ..met(id, question, evidence)
    }
}
