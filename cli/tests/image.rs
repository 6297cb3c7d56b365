//! `mcp-guard check --image`, against a registry on this machine.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests may fail loudly"
)]

mod common;

use common::{DEPLOY, Folder, POLICY};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// SHA-256 of `{}`.
const EMPTY: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// A registry that gives everyone a token; it lives as long as the test process.
fn registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let host = address.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let host = host.clone();
            std::thread::spawn(move || answer(stream.unwrap(), &host));
        }
    });
    address
}

fn answer(mut stream: TcpStream, host: &str) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let request = lines.next().unwrap().unwrap();
    let headers: Vec<String> = lines
        .map(Result::unwrap)
        .take_while(|line| !line.is_empty())
        .collect();
    let path = request.split(' ').nth(1).unwrap();
    let has = |wanted: &str| headers.iter().any(|line| line.eq_ignore_ascii_case(wanted));
    let (status, extra, body) = if path.starts_with("/token?") {
        assert!(
            path.contains("scope=repository%3Aguard%2Ffilter%3Apull"),
            "{path}"
        );
        (200, String::new(), "{\"token\":\"open\"}")
    } else if !has("authorization: Bearer open") {
        let challenge = format!(
            "www-authenticate: Bearer realm=\"http://{host}/token\",service=\"r\",scope=\"repository:guard/filter:pull\"\r\n"
        );
        (401, challenge, "")
    } else {
        let kind = |kind: &str| format!("content-type: {kind}\r\n");
        match path {
            "/v2/guard/filter/manifests/1" => (200, kind(IMAGE), "{}"),
            "/v2/guard/filter/manifests/many" => (
                200,
                kind(INDEX),
                "{\"manifests\":[{\"digest\":\"sha256:ab\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},{\"digest\":\"sha256:cd\",\"platform\":{\"os\":\"unknown\"}}]}",
            ),
            path if path.ends_with(EMPTY) => (200, kind(IMAGE), "{}"),
            path if path.contains("sha256:0") => (200, kind(IMAGE), "{ }"),
            _ => (404, String::new(), ""),
        }
    };
    let response = format!(
        "HTTP/1.1 {status} x\r\n{extra}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(response.as_bytes()).unwrap();
}

#[test]
fn a_pinned_manifest_of_a_platform_is_right() {
    let (folder, host) = (Folder::new(), registry());
    let ran = folder.run(&["check", "--image", &format!("{host}/guard/filter@{EMPTY}")]);
    assert!(ran.is_silent_success(), "{ran:?}");
}

#[test]
fn each_other_answer_is_a_finding() {
    let (folder, host) = (Folder::new(), registry());
    let other = format!("@sha256:{}", "0".repeat(64));
    for (reference, code, what) in [
        (":1", "MCP0401", EMPTY),
        (":many", "MCP0420", "`sha256:ab` (linux/amd64)"),
        (":none", "MCP0421", "404"),
        (&other, "MCP0421", "the registry answers"),
    ] {
        let ran = folder.run(&[
            "check",
            "--image",
            &format!("oci://{host}/guard/filter{reference}"),
        ]);
        ran.finds(code);
        ran.finds(what);
        assert!(
            !ran.stderr.contains("sha256:cd"),
            "an attestation is no platform"
        );
    }
}

#[test]
fn a_registry_that_is_not_there_is_a_finding() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let folder = Folder::new();
    folder
        .run(&["check", "--image", &format!("{address}/guard/filter:1")])
        .finds("MCP0421");
    folder
        .run(&["check", "--image", "NOT AN IMAGE"])
        .could_not_run("no reference");
    folder.run(&["check"]).could_not_run("POLICY");
}

#[test]
fn the_deployments_image_is_found_where_it_is_named() {
    let host = registry();
    let deploy = DEPLOY.replace(
        "registry.example.com/mcp-guard-filter:0.1.0",
        &format!("{host}/guard/filter:1"),
    );
    let folder = Folder::new()
        .file("policy.yaml", POLICY)
        .file("deploy.yaml", &deploy);
    let ran = folder.run(&["check", ".", "--images"]);
    ran.finds("MCP0421");
    ran.finds("deploy.yaml:6");
    assert_eq!(folder.run(&["check", "."]).status, 0);
}
