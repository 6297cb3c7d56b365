//! Keys that servers and clients read; a key that only equals one of them after folding case is
//! refused, since some readers take it for the other.

/// Members of a JSON-RPC message.
pub const MESSAGE: &[&str] = &["jsonrpc", "id", "method", "params", "result", "error"];

/// Members of `params` in any client message.
pub const PARAMS: &[&str] = &[
    "_meta",
    "argument",
    "arguments",
    "capabilities",
    "clientInfo",
    "context",
    "cursor",
    "inputResponses",
    "level",
    "name",
    "notifications",
    "protocolVersion",
    "ref",
    "requestId",
    "requestState",
    "task",
    "taskId",
    "uri",
];

/// Members of `params._meta`.
pub const META: &[&str] = &[
    META_VERSION,
    META_CAPABILITIES,
    "io.modelcontextprotocol/clientInfo",
    "io.modelcontextprotocol/logLevel",
    "io.modelcontextprotocol/subscriptionId",
    "progressToken",
];

/// Members of `params.ref` in `completion/complete`.
pub const REF: &[&str] = &["type", "name", "uri"];

/// Members of `params.notifications` in `subscriptions/listen`.
pub const LISTEN: &[&str] = &[
    "toolsListChanged",
    "promptsListChanged",
    "resourcesListChanged",
    "resourceSubscriptions",
    "taskIds",
];

/// Members by which the result of a server's request is told from others.
pub const CLIENT_RESULT: &[&str] = &[
    "_meta", "action", "content", "model", "role", "roots", "task", "taskId", "tasks",
];

/// The key that makes a request modern.
pub const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// The other key that a modern request must have.
pub const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// Members of server messages that are judged, wherever they stand.
pub const SERVER: &[&str] = &[
    "error",
    "id",
    "inputRequests",
    "jsonrpc",
    "method",
    "name",
    "params",
    "prompts",
    "resourceTemplates",
    "resources",
    "result",
    "tools",
    "uri",
    "uriTemplate",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys_are_ascii() {
        let lists = [MESSAGE, PARAMS, META, REF, LISTEN, CLIENT_RESULT, SERVER];
        assert!(lists.concat().iter().all(|key| key.is_ascii()));
    }
}
