use super::callers::{self, Caller, Callers};
use super::format::{Approval, RuleSpec, ServerRequestKind};
use super::{Condition, PolicyFault};
use crate::decision::approval::default_for;

/// The place of a rule in its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleIndex(pub(super) usize);

/// What a rule does with what it lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It grants it.
    Allow,
    /// It refuses it, whatever other rules grant.
    Deny,
}

impl Effect {
    /// The key under which such rules stand.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// One rule, without the names that it lists: those are in the policy's indexes.
#[derive(Debug)]
pub struct Rule {
    /// Its author's name for it.
    pub id: String,
    /// Whether it grants or refuses.
    pub effect: Effect,
    /// Recorded, but without effect.
    pub dry_run: bool,
    /// Whether a human is asked; None: decided by the tool's name.
    pub approval: Option<Approval>,
    /// Conditions on arguments; all must hold.
    pub conditions: Vec<Condition>,
    /// Whether it covers tasks.
    pub tasks: bool,
    server_requests: Vec<ServerRequestKind>,
    /// Indexes of callers; empty: every declared caller.
    callers: Vec<usize>,
}

impl Rule {
    pub(super) fn new(
        effect: Effect,
        id: &str,
        spec: &RuleSpec,
        declared: &[Caller],
        at: &str,
    ) -> Result<Self, PolicyFault> {
        if effect == Effect::Deny && spec.approval.is_some() {
            return Err(PolicyFault::new(
                format!("{at}.approval"),
                "a denied call needs none",
            ));
        }
        if !spec.arguments.is_empty() && spec.tools.is_empty() {
            return Err(PolicyFault::new(
                format!("{at}.arguments"),
                "the rule lists no tools",
            ));
        }
        let conditions = spec.arguments.iter().enumerate().map(|(index, argument)| {
            Condition::new(argument)
                .map_err(|fault| fault.within(&format!("{at}.arguments[{index}]")))
        });
        Ok(Self {
            id: id.into(),
            effect,
            dry_run: spec.dry_run,
            approval: spec.approval,
            conditions: conditions.collect::<Result<_, _>>()?,
            tasks: spec.tasks,
            server_requests: spec.server_requests.clone(),
            callers: callers::resolve(&spec.callers, declared, at)?,
        })
    }

    /// Whether the rule holds for these callers.
    #[must_use]
    pub fn holds_for(&self, callers: &Callers) -> bool {
        callers.are_any_of(&self.callers)
    }

    /// Whether a human is asked before that tool runs, if this rule had it alone.
    pub(crate) fn level(&self, tool: &str) -> Approval {
        self.approval.unwrap_or_else(|| default_for(tool))
    }

    /// Whether it covers that kind of server request.
    #[must_use]
    pub fn covers(&self, kind: ServerRequestKind) -> bool {
        self.server_requests.contains(&kind)
    }
}
