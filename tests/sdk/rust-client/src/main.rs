//! The test client on the Rust SDK: `rmcp-client URL legacy|auto`.
//!
//! Runs the script of `python/script.py` and prints the line described there.

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequestParams, GetPromptRequestParams, ProtocolVersion, ReadResourceRequestParams,
};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::{Map, Value, json};

type Client = RunningService<RoleClient, ()>;
type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("no URL")?;
    let mode = lifecycle(&arguments.next().ok_or("no mode")?);
    let transport = StreamableHttpClientTransport::from_uri(url);
    let client = ().serve_with_lifecycle(transport, mode).await?;
    println!("{}", report(&client).await?);
    client.cancel().await?;
    Ok(())
}

fn lifecycle(mode: &str) -> ClientLifecycleMode {
    if mode == "legacy" {
        return ClientLifecycleMode::Initialize;
    }
    ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: None,
    }
}

async fn report(client: &Client) -> Result<Value, Failure> {
    let tools = serde_json::to_value(client.list_all_tools().await?)?;
    let resources = serde_json::to_value(client.list_all_resources().await?)?;
    let prompts = serde_json::to_value(client.list_all_prompts().await?)?;
    let info = client.peer_info().ok_or("no server info")?;
    let mut steps = Map::new();
    for (step, kind, target, arguments) in STEPS {
        steps.insert(
            step.into(),
            outcome(run(client, kind, target, arguments).await)?,
        );
    }
    Ok(json!({
        "protocol": info.protocol_version,
        "tools": column(&tools, "name"),
        "annotations": annotations(&tools),
        "resources": column(&resources, "uri"),
        "prompts": column(&prompts, "name"),
        "steps": steps,
    }))
}

/// Step, kind, what it is about, and the arguments as JSON.
const STEPS: [(&str, &str, &str, &str); 8] = [
    (
        "allowed_tool",
        "tool",
        "search_code",
        r#"{"query":"guard"}"#,
    ),
    ("denied_tool", "tool", "system_exec", r#"{"command":"id"}"#),
    (
        "flagged_tool",
        "tool",
        "delete_branch",
        r#"{"name":"main"}"#,
    ),
    (
        "allowed_resource",
        "resource",
        "repo://acme/app/README.md",
        "{}",
    ),
    ("denied_resource", "resource", "file:///etc/shadow", "{}"),
    ("allowed_prompt", "prompt", "review", "{}"),
    ("denied_prompt", "prompt", "secret_prompt", "{}"),
    (
        "allowed_again",
        "tool",
        "search_code",
        r#"{"query":"again"}"#,
    ),
];

async fn run(
    client: &Client,
    kind: &str,
    target: &str,
    arguments: &str,
) -> Result<Value, ServiceError> {
    let answer = match kind {
        "tool" => {
            let arguments = serde_json::from_str(arguments).unwrap_or_default();
            let call = CallToolRequestParams::new(target.to_owned()).with_arguments(arguments);
            json!(client.call_tool(call).await?)
        }
        "resource" => json!(
            client
                .read_resource(ReadResourceRequestParams::new(target))
                .await?
        ),
        _ => json!(
            client
                .get_prompt(GetPromptRequestParams::new(target))
                .await?
        ),
    };
    let text = [
        "/content/0/text",
        "/contents/0/text",
        "/messages/0/content/text",
    ]
    .iter()
    .find_map(|pointer| answer.pointer(pointer));
    let key = if answer["isError"] == json!(true) {
        "tool_error"
    } else {
        "ok"
    };
    Ok(json!({ key: text }))
}

/// Only JSON-RPC errors are an outcome; anything else ends the client, which fails the test.
fn outcome(result: Result<Value, ServiceError>) -> Result<Value, ServiceError> {
    match result {
        Err(ServiceError::McpError(error)) => {
            Ok(json!({ "error": { "code": error.code.0, "message": error.message } }))
        }
        other => other,
    }
}

fn column(list: &Value, key: &str) -> Vec<Value> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|one| one[key].clone())
        .collect()
}

fn annotations(tools: &Value) -> Map<String, Value> {
    let tools = tools.as_array().into_iter().flatten();
    let named =
        tools.filter_map(|tool| Some((tool["name"].as_str()?.to_owned(), tool.get("annotations"))));
    named
        .map(|(name, annotations)| (name, annotations.cloned().unwrap_or(json!({}))))
        .collect()
}
