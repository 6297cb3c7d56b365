//! The decision record, which access logs carry as filter state.

use crate::decision::{Decision, Reason, Target};
use crate::json::write_string;
use crate::jsonrpc::Id;
use crate::policy::Policy;
use crate::policy::format::Approval;

/// Version of the record's form.
pub const SCHEMA: u32 = 1;

/// Longest text in a record, in characters; longer ones are cut and end in `…`.
const LONGEST: usize = 512;

/// Bytes that most records fit in.
const USUAL: usize = 512;

/// What is recorded of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The server's name in the policy.
    pub server: String,
    /// MCP method, `batch`, or the HTTP method where there is no message.
    pub method: String,
    /// What the message names.
    pub target: Target,
    /// The request's id.
    pub id: Option<Id>,
    /// The peer's principal.
    pub caller: Option<String>,
    /// The human whom a trusted caller names.
    pub user: Option<String>,
    /// `x-request-id`.
    pub request_id: String,
    /// What the policy in force decided. None: nothing is enforced.
    pub enforced: Option<Judgement>,
    /// What the candidate would decide.
    pub candidate: Option<Judgement>,
}

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
    /// The decision if rules in dry run counted, where it differs: reason and rule.
    pub dry_run: Option<(Reason, Option<String>)>,
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
            dry_run: would.map(|would| (would.reason(), rule(would))),
        }
    }

    fn differs(&self, other: &Self) -> bool {
        self.reason != other.reason || self.approval != other.approval
    }
}

/// The name of a reason's outcome.
#[must_use]
pub fn decision_label(reason: Reason) -> &'static str {
    match reason {
        Reason::Allowed => "allow",
        _ => "deny",
    }
}

impl Record {
    /// Why the policy in force decided as it did; [`Reason::Allowed`] where none is.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.enforced
            .as_ref()
            .map_or(Reason::Allowed, |judgement| judgement.reason)
    }

    /// Notes that the answer was refused after the request had passed.
    pub(crate) fn refuse_answer(&mut self, reason: Reason) {
        if let Some(judgement) = self.enforced.as_mut() {
            judgement.reason = reason;
        }
    }

    /// Notes that the candidate would have refused the answer.
    pub(crate) fn candidate_refuses_answer(&mut self, reason: Reason) {
        if let Some(judgement) = self.candidate.as_mut() {
            judgement.reason = reason;
        }
    }

    /// The record as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut object = Writer::new();
        object.raw("schema", SCHEMA.to_string().as_bytes());
        object.some("server", &self.server);
        object.some("method", &self.method);
        let (key, name) = match &self.target {
            Target::None => ("", ""),
            Target::Tool(name) => ("tool", name.as_str()),
            Target::Prompt(name) => ("prompt", name.as_str()),
            Target::Resource(uri) => ("uri", uri.as_str()),
        };
        object.some(key, name);
        object.some("caller", self.caller.as_deref().unwrap_or_default());
        object.some("user", self.user.as_deref().unwrap_or_default());
        if let Some(id) = &self.id {
            object.id(id);
        }
        object.some("request_id", &self.request_id);
        self.write_judgements(&mut object);
        object.end()
    }

    fn write_judgements(&self, object: &mut Writer) {
        match &self.enforced {
            Some(judgement) => object.judgement(judgement),
            None => object.some("decision", decision_label(Reason::Allowed)),
        }
        let Some(candidate) = &self.candidate else {
            return;
        };
        if self
            .enforced
            .as_ref()
            .is_none_or(|enforced| enforced.differs(candidate))
        {
            let mut inner = Writer::new();
            inner.judgement(candidate);
            object.raw("candidate", &inner.end());
        }
    }
}

/// Writes one JSON object.
struct Writer(Vec<u8>);

impl Writer {
    fn new() -> Self {
        let mut json = Vec::with_capacity(USUAL);
        json.push(b'{');
        Self(json)
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    /// A key of the record's form, in which nothing needs an escape.
    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    fn raw(&mut self, key: &str, json: &[u8]) {
        self.key(key);
        self.0.extend_from_slice(json);
    }

    /// A member with that text, if there is any.
    fn some(&mut self, key: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        self.key(key);
        // As many bytes are as many characters or fewer.
        let cut = (text.len() > LONGEST)
            .then(|| text.char_indices().nth(LONGEST))
            .flatten();
        match cut.and_then(|(at, _)| text.get(..at)) {
            Some(head) => write_string(&mut self.0, &format!("{head}…")),
            None => write_string(&mut self.0, text),
        }
    }

    fn id(&mut self, id: &Id) {
        match id.as_bytes().len() > LONGEST {
            true => self.some("id", &String::from_utf8_lossy(id.as_bytes())),
            false => self.raw("id", id.as_bytes()),
        }
    }

    fn judgement(&mut self, judgement: &Judgement) {
        self.some("decision", decision_label(judgement.reason));
        self.some("reason", judgement.reason.label());
        self.some("rule", judgement.rule.as_deref().unwrap_or_default());
        self.some("approval", judgement.approval.label());
        self.some("policy", &judgement.policy);
        if let Some((reason, rule)) = &judgement.dry_run {
            let mut inner = Self::new();
            inner.some("decision", decision_label(*reason));
            inner.some("reason", reason.label());
            inner.some("rule", rule.as_deref().unwrap_or_default());
            self.raw("dry_run", &inner.end());
        }
    }
}
