//! Keys that servers and clients read; a key that only equals one of them after folding case is
//! refused, since some readers take it for the other.

use crate::names::META_APPROVAL;

/// Members of a JSON-RPC message.
pub(crate) const MESSAGE: &[&str] = &["jsonrpc", "id", "method", "params", "result", "error"];

/// Members of `params` in any client message.
pub(crate) const PARAMS: &[&str] = &[
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
pub(crate) const META: &[&str] = &[
    META_VERSION,
    META_CAPABILITIES,
    META_CLIENT,
    "io.modelcontextprotocol/logLevel",
    "io.modelcontextprotocol/subscriptionId",
    META_APPROVAL,
    "progressToken",
];

/// Members of `params.ref` in `completion/complete`.
pub(crate) const REF: &[&str] = &["type", "name", "uri"];

/// Members of `params.notifications` in `subscriptions/listen`.
pub(crate) const LISTEN: &[&str] = &[
    "toolsListChanged",
    "promptsListChanged",
    "resourcesListChanged",
    "resourceSubscriptions",
    "taskIds",
];

/// Members by which the result of a server's request is told from others.
pub(crate) const CLIENT_RESULT: &[&str] = &[
    "_meta", "action", "content", "model", "role", "roots", "task", "taskId", "tasks",
];

/// Who the client says it is.
pub(crate) const META_CLIENT: &str = "io.modelcontextprotocol/clientInfo";

/// The key that makes a request modern.
pub(crate) const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// The other key that a modern request must have.
pub(crate) const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// Members of server messages that are judged, wherever they stand.
pub(crate) const SERVER: &[&str] = &[
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

/// Members of the parameters of a server's sampling request that need a permission of their own.
pub(crate) const SAMPLING: &[&str] = &["includeContext", "toolChoice", "tools"];

/// Members of a server's result.
pub(crate) const RESULT: &[&str] = &[
    "cacheScope",
    "content",
    "contents",
    "error",
    "inputRequests",
    "messages",
    "method",
    "params",
    "prompts",
    "requestState",
    "resourceTemplates",
    "resources",
    "result",
    "resultType",
    "tools",
    "ttlMs",
];

/// Members of one of a result's `messages`.
pub(crate) const PROMPT_MESSAGE: &[&str] = &["content", "role"];

/// Members of one of a result's `content`.
pub(crate) const BLOCK: &[&str] = &["type", "uri", "resource"];

/// Members of one of a result's `contents`.
pub(crate) const CONTENTS: &[&str] = &["uri", "text", "blob"];

/// Members of an error.
pub(crate) const ERROR: &[&str] = &["code", "data", "message"];

/// Members of an error's `data`.
pub(crate) const ERROR_DATA: &[&str] = &["elicitations"];

/// Members by which a client takes the body of a failed exchange for a message.
pub(crate) const ANSWER: &[&str] = &["jsonrpc", "method", "result"];

/// Members of such a body that are judged.
pub(crate) const FAILURE: &[&str] = &["error", "jsonrpc", "method", "result"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys_are_ascii() {
        let lists = [
            MESSAGE,
            PARAMS,
            META,
            REF,
            LISTEN,
            CLIENT_RESULT,
            SERVER,
            SAMPLING,
            RESULT,
            PROMPT_MESSAGE,
            BLOCK,
            CONTENTS,
            ERROR,
            ERROR_DATA,
            ANSWER,
            FAILURE,
        ];
        assert!(lists.concat().iter().all(|key| key.is_ascii()));
    }
}
