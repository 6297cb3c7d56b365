//! `mcp-guard init`, as it is run: from a file, and from a server.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod common;

use common::{Folder, Ran};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

const TOOLS: &str = r#"{"tools": [
  {"name": "search_code", "annotations": {"readOnlyHint": true}},
  {"name": "delete_repo", "annotations": {"readOnlyHint": true}},
  {"name": "ponder"}, {"name": "x: z"}, {"name": "a\n# b"}
]}"#;

#[test]
fn what_is_proposed_passes_check() {
    let folder = Folder::of(&[("tools.json", TOOLS)]);
    let run = folder.run(&["init", "--tools", "tools.json", "--out", "new", "--deploy"]);
    assert_eq!(run.status, 0, "{run:?}");
    let check = ["check", "new/policy.yaml", "--deploy", "new/deploy.yaml"];
    assert_eq!(
        folder.run(&check).status,
        0,
        "{}",
        folder.read("new/policy.yaml")
    );
    let ask = |tool: &str| {
        let run = folder.run(&["can-i", "new/policy.yaml", "--as", "gateway", "tool", tool]);
        run.stdout.split(':').next().unwrap_or_default().to_owned()
    };
    let answers = ["search_code", "delete_repo", "ponder", "x: y"].map(ask);
    assert_eq!(answers, ["yes", "no", "yes", "no"]);
}

#[test]
fn nothing_is_overwritten() {
    let folder = Folder::of(&[("tools.json", TOOLS), ("policy.yaml", "mine")]);
    let run = folder.run(&["init", "--tools", "tools.json"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert_eq!(folder.read("policy.yaml"), "mine");
}

#[test]
fn a_server_is_asked_page_by_page() {
    let folder = Folder::of(&[]);
    for modern in [false, true] {
        let url = serve(modern);
        let out = format!("out-{modern}");
        let run = folder.run(&["init", "--server", &url, "--out", &out]);
        assert_eq!(run.status, 0, "{run:?}");
        let policy = folder.read(&format!("{out}/policy.yaml"));
        for expected in ["mcp: [/mcp]", "- first", "- second"] {
            assert!(policy.contains(expected), "{policy}");
        }
        assert_eq!(policy.contains("server: test-server"), !modern, "{policy}");
    }
    let run = folder.run(&["init", "--server", "http://127.0.0.1:1/mcp"]);
    assert_eq!(run.status, 2, "{run:?}");
}

#[test]
fn authorities_are_taken_from_where_other_tools_take_them() {
    let folder = Folder::of(&[]);
    let arguments = ["init", "--server", "https://127.0.0.1:1/mcp"];
    let mut command = common::command(&folder.path(""), &arguments);
    let run = command
        .env("SSL_CERT_FILE", "missing.pem")
        .output()
        .unwrap();
    Ran::from(run).could_not_run("SSL_CERT_FILE");
}

/// A server of one era on a free port, for as long as the test runs.
fn serve(modern: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, modern);
        }
    });
    format!("http://127.0.0.1:{port}/mcp")
}

fn answer(mut stream: TcpStream, modern: bool) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim() {
            "" => break,
            text => head.push(text.to_ascii_lowercase()),
        }
    }
    let header = |name: &str| {
        let found = head
            .iter()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.map(str::to_owned)
    };
    let length = header("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let fits = match modern {
        true => header("mcp-protocol-version").as_deref() == Some("2026-07-28"),
        false => header("mcp-session-id").as_deref() == Some("s1"),
    };
    let (kind, text) = reply(&body, modern, fits);
    let status = if text.is_empty() {
        "202 Accepted"
    } else {
        "200 OK"
    };
    let length = text.len();
    write!(stream, "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nmcp-session-id: s1\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{text}").unwrap();
}

fn reply(body: &str, modern: bool, fits: bool) -> (&'static str, String) {
    let message: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let id = &message["id"];
    let json = "application/json";
    match message["method"].as_str() {
        Some("initialize") if modern => (
            json,
            format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"no"}}}}"#),
        ),
        Some("initialize") => (
            json,
            format!(
                r#"{{"jsonrpc":"2.0","id":{id},"result":{{"protocolVersion":"2025-11-25","capabilities":{{}},"serverInfo":{{"name":"Test Server","version":"1"}}}}}}"#
            ),
        ),
        Some("tools/list") if fits && message["params"]["cursor"] == "2" => (
            json,
            format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"tools":[{{"name":"second"}}]}}}}"#),
        ),
        Some("tools/list") if fits => (
            "text/event-stream",
            format!(
                ": hello\n\ndata: {{\"jsonrpc\":\"2.0\",\"id\":{id},\ndata: \"result\":{{\"tools\":[{{\"name\":\"first\"}}],\"nextCursor\":\"2\"}}}}\n\n"
            ),
        ),
        _ => (json, String::new()),
    }
}
