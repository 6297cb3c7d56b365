//! What a server may ask of a client, and what the client may answer.

use super::{Question, Ruling, Trace};
use crate::json::Value;
use crate::mcp::{ServerRule, server_method};
use crate::policy::format::ServerRequestKind;
use crate::uri::{ResourceUri, TemplatePrefix};

/// Whether a client may send that result of a server's request. A result carries no method, so
/// its shape tells what it answers; one that has two shapes, or none, is refused.
pub(super) fn permits_answer<T: Trace>(ruling: Ruling<'_, T>, result: Value<'_>) -> bool {
    let has = |key: &str| result.get(key).is_some();
    let roots = has("roots");
    let elicitation = has("action");
    let sampling = has("role") && has("model");
    let tasks = has("task") || has("tasks") || has("taskId");
    let empty = result.entries().all(|(key, _)| key.is_str("_meta"));
    match (roots, elicitation, sampling, tasks) {
        (true, false, false, false) => ruling.permits_server_request(ServerRequestKind::Roots),
        (false, true, false, false) => {
            ruling.permits_server_request(ServerRequestKind::Elicitation)
        }
        (false, false, true, false) => SAMPLING
            .iter()
            .any(|kind| ruling.permits_server_request(*kind)),
        (false, false, false, true) => ruling.permits_tasks(),
        (false, false, false, false) => empty,
        _ => false,
    }
}

const SAMPLING: [ServerRequestKind; 3] = [
    ServerRequestKind::Sampling,
    ServerRequestKind::SamplingContext,
    ServerRequestKind::SamplingTools,
];

impl<T: Trace> Ruling<'_, T> {
    /// Whether a server may send that request or notification. A method that MCP does not have
    /// passes if a rule names it.
    #[must_use]
    pub fn permits_server_message(
        self,
        method: &str,
        params: Option<Value<'_>>,
        request: bool,
    ) -> bool {
        let Some(known) = server_method(method) else {
            return self.permits_method(method);
        };
        if known.request != request || self.denies_method(method) {
            return false;
        }
        match known.rule {
            ServerRule::Passes => true,
            ServerRule::Task => self.permits_tasks(),
            ServerRule::Asks(ServerRequestKind::Sampling) => self.permits_sampling(params),
            ServerRule::Asks(kind) => self.permits_server_request(kind),
            ServerRule::Resource => {
                let uri = params.and_then(|params| params.get("uri")?.as_str());
                uri.is_some_and(|uri| self.shows_resource(&uri))
            }
        }
    }

    /// Tools and the context of other servers each need a permission of their own.
    fn permits_sampling(self, params: Option<Value<'_>>) -> bool {
        let member = |key: &str| params.and_then(|params| params.get(key));
        let context = member("includeContext").is_some_and(|value| !value.is_str("none"));
        let tools = member("tools").is_some() || member("toolChoice").is_some();
        let needed = [
            (true, ServerRequestKind::Sampling),
            (context, ServerRequestKind::SamplingContext),
            (tools, ServerRequestKind::SamplingTools),
        ];
        needed
            .iter()
            .all(|(needed, kind)| !needed || self.permits_server_request(*kind))
    }

    /// Whether the caller may see a resource.
    #[must_use]
    pub fn shows_resource(self, uri: &str) -> bool {
        let Ok(parsed) = ResourceUri::parse(uri) else {
            return false;
        };
        self.asking(Question::Resource(uri))
            .grants(self.policy.resources().rules(&parsed))
    }

    /// Whether the caller may see a resource template.
    #[must_use]
    pub fn shows_template(self, template: &str) -> bool {
        let Ok(prefix) = TemplatePrefix::parse(template) else {
            return false;
        };
        let listed = self.policy.resources().rules_of_template(&prefix, template);
        self.asking(Question::Resource(template)).grants(listed)
    }
}
