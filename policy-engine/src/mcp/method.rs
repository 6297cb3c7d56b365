//! Every method and notification of MCP, and the rule that governs each.
//!
//! Source: the unions of `schema.ts` of all five versions, and the tasks extension of 2026-07-28.

use super::Era;
use crate::policy::format::ServerRequestKind;

/// A message that clients send.
#[derive(Debug, PartialEq, Eq)]
pub struct ClientMethod {
    /// Its name on the wire.
    pub name: &'static str,
    /// Where it exists.
    legacy: bool,
    modern: bool,
    /// Whether it awaits an answer.
    pub request: bool,
    /// What decides about it.
    pub governs: Governs,
}

/// What decides about a client's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Governs {
    /// Permitted unless the policy denies the method.
    Housekeeping,
    /// `params.name` is a tool.
    Tool,
    /// `params.name` is a prompt.
    Prompt,
    /// `params.uri` is a resource.
    Resource,
    /// `params.ref` is a prompt, a resource or a resource template.
    Completion,
    /// `params.notifications.resourceSubscriptions` are resources.
    Listen,
    /// Tasks are permitted.
    Task,
}

impl ClientMethod {
    /// Whether the method exists in that era.
    #[must_use]
    pub fn is_in(&self, era: Era) -> bool {
        match era {
            Era::Legacy => self.legacy,
            Era::Modern => self.modern,
        }
    }
}

/// The one table of client methods.
const CLIENT: &[ClientMethod] = &[
    // Housekeeping: permitted by default.
    request("initialize", true, false, Governs::Housekeeping),
    request("server/discover", false, true, Governs::Housekeeping),
    request("ping", true, false, Governs::Housekeeping),
    request("tools/list", true, true, Governs::Housekeeping),
    request("resources/list", true, true, Governs::Housekeeping),
    request(
        "resources/templates/list",
        true,
        true,
        Governs::Housekeeping,
    ),
    request("prompts/list", true, true, Governs::Housekeeping),
    request("logging/setLevel", true, false, Governs::Housekeeping),
    notification("notifications/initialized", Governs::Housekeeping),
    notification("notifications/cancelled", Governs::Housekeeping),
    notification("notifications/progress", Governs::Housekeeping),
    notification("notifications/roots/list_changed", Governs::Housekeeping),
    // Governed by what they name.
    request("tools/call", true, true, Governs::Tool),
    request("prompts/get", true, true, Governs::Prompt),
    request("resources/read", true, true, Governs::Resource),
    request("resources/subscribe", true, false, Governs::Resource),
    request("resources/unsubscribe", true, false, Governs::Resource),
    request("completion/complete", true, true, Governs::Completion),
    request("subscriptions/listen", false, true, Governs::Listen),
    // Only where tasks are permitted.
    request("tasks/get", true, true, Governs::Task),
    request("tasks/result", true, false, Governs::Task),
    request("tasks/list", true, false, Governs::Task),
    request("tasks/cancel", true, true, Governs::Task),
    request("tasks/update", false, true, Governs::Task),
    notification("notifications/tasks/status", Governs::Task),
];

const fn request(name: &'static str, legacy: bool, modern: bool, governs: Governs) -> ClientMethod {
    ClientMethod {
        name,
        legacy,
        modern,
        request: true,
        governs,
    }
}

const fn notification(name: &'static str, governs: Governs) -> ClientMethod {
    ClientMethod {
        name,
        legacy: true,
        modern: true,
        request: false,
        governs,
    }
}

/// The client method of that name, if MCP has one.
#[must_use]
pub fn client_method(name: &str) -> Option<&'static ClientMethod> {
    CLIENT.iter().find(|method| method.name == name)
}

/// The names of all methods and notifications of MCP, clients' first; some stand in both tables.
pub fn method_names() -> impl Iterator<Item = &'static str> {
    let client = CLIENT.iter().map(|method| method.name);
    client.chain(SERVER.iter().map(|method| method.name))
}

/// A message that servers send.
#[derive(Debug, PartialEq, Eq)]
pub struct ServerMethod {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether it awaits an answer.
    pub request: bool,
    /// What decides about it.
    pub rule: ServerRule,
}

/// What decides about a server's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerRule {
    /// It passes.
    Passes,
    /// The policy permits that kind of request.
    Asks(ServerRequestKind),
    /// Tasks are permitted.
    Task,
    /// `params.uri` is a permitted resource.
    Resource,
}

/// The one table of server methods.
const SERVER: &[ServerMethod] = &[
    asks(
        "sampling/createMessage",
        ServerRule::Asks(ServerRequestKind::Sampling),
    ),
    asks(
        "elicitation/create",
        ServerRule::Asks(ServerRequestKind::Elicitation),
    ),
    asks("roots/list", ServerRule::Asks(ServerRequestKind::Roots)),
    asks("ping", ServerRule::Passes),
    asks("tasks/get", ServerRule::Task),
    asks("tasks/result", ServerRule::Task),
    asks("tasks/list", ServerRule::Task),
    asks("tasks/cancel", ServerRule::Task),
    tells("notifications/message", ServerRule::Passes),
    tells("notifications/progress", ServerRule::Passes),
    tells("notifications/cancelled", ServerRule::Passes),
    tells("notifications/tools/list_changed", ServerRule::Passes),
    tells("notifications/prompts/list_changed", ServerRule::Passes),
    tells("notifications/resources/list_changed", ServerRule::Passes),
    tells("notifications/resources/updated", ServerRule::Resource),
    tells(
        "notifications/subscriptions/acknowledged",
        ServerRule::Passes,
    ),
    tells(
        "notifications/elicitation/complete",
        ServerRule::Asks(ServerRequestKind::Elicitation),
    ),
    tells("notifications/tasks/status", ServerRule::Task),
    tells("notifications/tasks", ServerRule::Task),
];

const fn asks(name: &'static str, rule: ServerRule) -> ServerMethod {
    ServerMethod {
        name,
        request: true,
        rule,
    }
}

const fn tells(name: &'static str, rule: ServerRule) -> ServerMethod {
    ServerMethod {
        name,
        request: false,
        rule,
    }
}

/// The server method of that name, if MCP has one.
#[must_use]
pub fn server_method(name: &str) -> Option<&'static ServerMethod> {
    SERVER.iter().find(|method| method.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (index, method) in CLIENT.iter().enumerate() {
            assert!(
                CLIENT
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.name != method.name)
            );
        }
        for (index, method) in SERVER.iter().enumerate() {
            assert!(
                SERVER
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.name != method.name)
            );
        }
    }
}
