//! The decision record, which access logs carry as filter state. `docs/audit.md` is its description.

mod answer;
mod json;
mod judgement;
mod payload;
mod protobuf;
mod redact;
mod text;
mod tree;

pub use answer::{Answer, Ending, Removed, Said};
pub use judgement::{Judgement, decision_label};
pub use payload::Payload;
pub use redact::Redaction;

use crate::decision::{Reason, Target};
use crate::jsonrpc::Id;
use std::rc::Rc;
use tree::{Fields, Item};

/// Version of the record's form.
pub const SCHEMA: u32 = 2;

/// What a request is called whose decision never came: the client went away before its end.
const UNDECIDED: &str = "undecided";

/// Members that most records have at most.
const USUAL_MEMBERS: usize = 24;

/// What is recorded of one request and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The server's name in the policy.
    pub server: String,
    /// MCP method, or `batch`; empty where there is no message.
    pub method: String,
    /// The HTTP method.
    pub http_method: String,
    /// What the message names.
    pub target: Target,
    /// The request's id.
    pub id: Option<Id>,
    /// Who calls.
    pub caller: Caller,
    /// `x-request-id`.
    pub request_id: String,
    /// The session, by its digest: who knows the id itself can take part in it.
    pub session: Option<String>,
    /// The protocol version that the request names.
    pub protocol: Option<String>,
    /// Name and version of the client, where the message tells.
    pub client: Option<String>,
    /// The arguments of a call.
    pub arguments: Payload,
    /// What never enters the record.
    pub redaction: Rc<Redaction>,
    /// Whether a decision was come to.
    pub decided: bool,
    /// What the policy in force decided. None: nothing is enforced.
    pub enforced: Option<Judgement>,
    /// What the candidate would decide.
    pub candidate: Option<Judgement>,
    /// What became of the answer.
    pub answer: Answer,
    /// What would have become of it under the candidate.
    pub candidate_answer: Answer,
    /// What a later policy decided, which ended the answer.
    pub superseded: Option<Judgement>,
}

/// Who calls, as far as it is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The principal of the peer's certificate.
    pub principal: Option<String>,
    /// Issuer and subject of the token that jwt_authn verified.
    pub token: Option<(String, String)>,
    /// The callers of the policy that this is.
    pub names: Vec<String>,
    /// The human whom a caller names that the policy believes.
    pub user: Option<String>,
}

impl Record {
    /// Why the policy in force decided as it did; [`Reason::Allowed`] where none is.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.enforced
            .as_ref()
            .map_or(Reason::Allowed, |judgement| judgement.reason)
    }

    /// Notes that the exchange ended before it was whole.
    pub fn break_off(&mut self) {
        let permitted = self.decided && self.reason() == Reason::Allowed;
        let open = matches!(
            self.answer.ending,
            Ending::None | Ending::Passed | Ending::Filtered
        );
        if permitted && open {
            self.answer.ending = Ending::BrokenOff;
        }
    }

    /// Notes that a later policy does not permit the request, so that the answer ended.
    pub fn supersede(&mut self, by: Judgement) {
        self.answer.ending = Ending::BrokenOff;
        self.answer.reason = Some(Reason::PolicySuperseded);
        self.superseded = Some(by);
    }

    /// The record as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        json::write(&self.fields())
    }

    /// The record as `google.protobuf.Struct`.
    #[must_use]
    pub fn to_struct(&self) -> Vec<u8> {
        protobuf::write(&self.fields())
    }

    fn fields(&self) -> Fields<'_> {
        let mut fields = Fields::with_capacity(USUAL_MEMBERS);
        fields.number("schema", SCHEMA);
        fields.text("server", self.server.as_str());
        let clean = |text| self.redaction.text(text);
        match self.method.is_empty() {
            true => fields.text("http.request.method", clean(&self.http_method)),
            false => fields.text("mcp.method.name", clean(&self.method)),
        }
        let key = match &self.target {
            Target::None => "",
            Target::Tool(_) => "gen_ai.tool.name",
            Target::Prompt(_) => "gen_ai.prompt.name",
            Target::Resource(_) => "mcp.resource.uri",
        };
        fields.text(key, clean(self.target.name()));
        if let Some(id) = &self.id {
            fields.add("jsonrpc.request.id", id_item(id, &self.redaction));
        }
        fields.maybe("mcp.session.id", self.session.as_deref());
        fields.maybe("mcp.protocol.version", self.protocol.as_deref());
        fields.text("client", clean(self.client.as_deref().unwrap_or_default()));
        self.caller.add_to(&mut fields);
        fields.text("request_id", clean(&self.request_id));
        let arguments = ("arguments_digest", "gen_ai.tool.call.arguments");
        self.arguments.add_to(&mut fields, arguments.0, arguments.1);
        self.add_judgements(&mut fields);
        fields.object("response", self.answer.fields(&self.redaction));
        if let Some(by) = &self.superseded {
            let mut inner = Fields::default();
            by.add_to(&mut inner);
            fields.object("superseded", inner);
        }
        fields
    }

    fn add_judgements<'r>(&'r self, fields: &mut Fields<'r>) {
        match &self.enforced {
            _ if !self.decided => fields.text("decision", UNDECIDED),
            Some(judgement) => judgement.add_to(fields),
            None => fields.text("decision", decision_label(Reason::Allowed)),
        }
        let Some(candidate) = &self.candidate else {
            return;
        };
        let differs = match &self.enforced {
            Some(enforced) => enforced.differs(candidate),
            None => true,
        };
        if differs || self.candidate_answer.differs(&self.answer) {
            let mut inner = Fields::default();
            candidate.add_to(&mut inner);
            inner.object("response", self.candidate_answer.fields(&self.redaction));
            fields.object("candidate", inner);
        }
    }
}

impl Caller {
    /// What an approval binds: the principal, and issuer and subject of a token behind it, with a
    /// space between them; empty for nobody.
    #[must_use]
    pub fn identity(&self) -> String {
        let token = self.token.iter();
        let parts = token.flat_map(|(issuer, subject)| [issuer, subject]);
        let parts: Vec<&str> = self
            .principal
            .iter()
            .chain(parts)
            .map(String::as_str)
            .collect();
        parts.join(" ")
    }

    fn add_to<'r>(&'r self, fields: &mut Fields<'r>) {
        fields.maybe("caller", self.principal.as_deref());
        if let Some((issuer, subject)) = &self.token {
            fields.text("token_issuer", issuer.as_str());
            fields.text("token_subject", subject.as_str());
        }
        let source = match (&self.principal, &self.token) {
            (Some(_), Some(_)) => "certificate and token",
            (Some(_), None) => "certificate",
            (None, Some(_)) => "token",
            (None, None) => "",
        };
        fields.text("caller_source", source);
        if !self.names.is_empty() {
            let names = self.names.iter();
            let names = names.map(|name| Item::Text(name.into())).collect();
            fields.add("caller_names", Item::List(names));
        }
        fields.maybe("user", self.user.as_deref());
    }
}

/// An id as it stands on the wire: a number stays one, as the reader takes none that a double does
/// not hold.
fn id_item<'r>(id: &'r Id, redaction: &Redaction) -> Item<'r> {
    match id.as_bytes().first() {
        Some(b'"') => Item::Text(text::cut(redaction.text(id.text()))),
        _ => match id.text().parse() {
            Ok(number) => Item::Number(number),
            Err(_) => Item::Null,
        },
    }
}
