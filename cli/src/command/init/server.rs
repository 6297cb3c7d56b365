//! Asks a running server for its tools, over Streamable HTTP.
//!
//! First as clients have done since 2025-03-26: `initialize`, `notifications/initialized`, then
//! `tools/list`, page by page. A server that knows no `initialize` is asked in the modern way
//! (2026-07-28), where every request stands alone.

mod http;

use super::Learnt;
use http::{Client, Headers};
use mcp_guard_engine::mcp::{self, MODERN};
use serde_json::{Value, json};

/// The newest version with `initialize`.
const LEGACY: &str = {
    let [.., newest] = mcp::LEGACY;
    newest
};
/// JSON-RPC: the method is not known.
const METHOD_NOT_FOUND: i64 = -32601;
/// More pages than any honest list has.
const MOST_PAGES: usize = 1000;

/// How requests are written after the greeting.
struct Session {
    headers: Headers,
    modern: bool,
    server_name: Option<String>,
}

/// Learns what the server at `url` offers.
pub(super) fn ask(url: &str, headers: &[(String, String)]) -> Result<Learnt, String> {
    let address = http::Address::parse(url)?;
    let client = Client::new(url, headers)?;
    let session = greet(&client)?;
    let tools = list(&client, &session);
    client.end(&session.headers);
    Ok(Learnt {
        name: session.server_name,
        port: address.port,
        path: Some(address.path),
        answer: json!({"tools": tools?}),
    })
}

fn greet(client: &Client) -> Result<Session, String> {
    let params = json!({
        "protocolVersion": LEGACY,
        "capabilities": {},
        "clientInfo": {"name": "mcp-guard", "version": env!("CARGO_PKG_VERSION")},
    });
    let reply = client.request(1, "initialize", &params, &Vec::new())?;
    let result = match (reply.message.get("result"), reply.message.get("error")) {
        (Some(result), _) => result,
        (None, Some(error)) if is_modern_only(error) => return Ok(modern()),
        (None, _) => return Err(http::refusal("initialize", &reply.message)),
    };
    let version = result.get("protocolVersion").and_then(Value::as_str);
    let version = version.ok_or("the server's answer to `initialize` names no version")?;
    let mut headers = vec![("mcp-protocol-version".to_owned(), version.to_owned())];
    headers.extend(reply.session.map(|id| ("mcp-session-id".to_owned(), id)));
    client.notify("notifications/initialized", &headers)?;
    let name = result.pointer("/serverInfo/name").and_then(Value::as_str);
    Ok(Session {
        headers,
        modern: false,
        server_name: name.map(str::to_owned),
    })
}

/// `initialize` is unknown, or its version is none that the server speaks.
fn is_modern_only(error: &Value) -> bool {
    let code = error.get("code").and_then(Value::as_i64);
    let supports_modern = error.pointer("/data/supported").and_then(Value::as_array);
    code == Some(METHOD_NOT_FOUND)
        || supports_modern.is_some_and(|versions| versions.contains(&Value::from(MODERN)))
}

fn modern() -> Session {
    Session {
        headers: vec![
            ("mcp-protocol-version".to_owned(), MODERN.to_owned()),
            ("mcp-method".to_owned(), "tools/list".to_owned()),
        ],
        modern: true,
        server_name: None,
    }
}

/// Every tool, of all pages.
fn list(client: &Client, session: &Session) -> Result<Vec<Value>, String> {
    let mut tools = Vec::new();
    let mut cursor = None;
    for page in 2..MOST_PAGES {
        let params = params(session, cursor.as_ref());
        let reply = client.request(page, "tools/list", &params, &session.headers)?;
        let result = reply.message.get("result");
        let result = result.ok_or_else(|| http::refusal("tools/list", &reply.message))?;
        let listed = result.get("tools").and_then(Value::as_array);
        tools.extend(listed.into_iter().flatten().cloned());
        cursor = result
            .get("nextCursor")
            .filter(|next| next.is_string())
            .cloned();
        if cursor.is_none() {
            return Ok(tools);
        }
    }
    Err("the list of tools does not end".to_owned())
}

fn params(session: &Session, cursor: Option<&Value>) -> Value {
    let mut params = serde_json::Map::new();
    if let Some(cursor) = cursor {
        params.insert("cursor".to_owned(), cursor.clone());
    }
    if session.modern {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "mcp-guard", "version": env!("CARGO_PKG_VERSION")},
        });
        params.insert("_meta".to_owned(), meta);
    }
    Value::Object(params)
}
