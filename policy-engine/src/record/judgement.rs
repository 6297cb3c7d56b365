//! One policy's decision, as it is recorded.

use super::tree::Fields;
use crate::decision::approval::Admission;
use crate::decision::{Decision, Reason};
use crate::policy::Policy;
use crate::policy::format::Approval;

/// One policy's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Why.
    pub reason: Reason,
    /// Id of the rule that decided.
    pub rule: Option<String>,
    /// Whether a human is asked.
    pub approval: Approval,
    /// Digest of the policy.
    pub policy: String,
    /// Whose approval let the call pass.
    pub admission: Option<Admission>,
    /// The decision if rules in dry run counted, where it differs: reason and rule.
    pub dry_run: Option<(Reason, Option<String>)>,
}

/// The name of a reason's outcome.
#[must_use]
pub fn decision_label(reason: Reason) -> &'static str {
    match reason {
        Reason::Allowed => "allow",
        _ => "deny",
    }
}

impl Judgement {
    pub(crate) fn new(policy: &Policy, decision: &Decision, would: Option<&Decision>) -> Self {
        let rule = |decision: &Decision| {
            decision
                .rule()
                .and_then(|index| policy.rule(index))
                .map(|rule| rule.id.clone())
        };
        Self {
            reason: decision.reason(),
            rule: rule(decision),
            approval: decision.approval(),
            policy: policy.digest.clone(),
            admission: None,
            dry_run: would.map(|would| (would.reason(), rule(would))),
        }
    }

    pub(super) fn differs(&self, other: &Self) -> bool {
        self.reason != other.reason || self.approval != other.approval
    }

    pub(super) fn add_to<'r>(&'r self, fields: &mut Fields<'r>) {
        fields.text("decision", decision_label(self.reason));
        fields.text("reason", self.reason.label());
        fields.maybe("rule", self.rule.as_deref());
        fields.text("approval", self.approval.label());
        if let Some(admission) = &self.admission {
            fields.text("approval_id", admission.id.as_str());
            fields.text("approval_issuer", admission.issuer.as_str());
            fields.text("approver", admission.approver.as_str());
        }
        fields.text("policy", self.policy.as_str());
        if let Some((reason, rule)) = &self.dry_run {
            let mut inner = Fields::default();
            inner.text("decision", decision_label(*reason));
            inner.text("reason", reason.label());
            inner.maybe("rule", rule.as_deref());
            fields.object("dry_run", inner);
        }
    }
}
