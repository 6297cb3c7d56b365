//! `mcp-guard approve`: keys, approvals from a challenge, and what is said of them.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "../common/mod.rs"]
mod common;
mod under_policy;

use common::{Folder, Ran};
use mcp_guard_engine::approval::Fault;

/// What a client is told whose call waits, shortened to what counts.
const CHALLENGE: &str = r#"{"jsonrpc":"2.0","id":7,"result":{"isError":true,"content":[],"_meta":{"dev.mcp-guard/approval":{
    "server":"files","tool":"delete_file","arguments":"RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o",
    "caller":"cluster.local/ns/gateway/sa/ai-gateway","policy":"abcd","max_lifetime":30,"user":"sam",
    "requested":1800000000,"expires":1800000600,"reason":"approval_required"}}}}"#;

/// RFC 8037, appendix A.1, as PKCS #8; and a key of P-256 as SEC1.
const ED25519_PEM: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

fn folder() -> Folder {
    let folder = Folder::of(&[("challenge.json", CHALLENGE)]);
    let made = folder.run(&["approve", "--new-key", "desk.jwk", "--kid", "k1"]);
    made.status_is(0);
    folder.write("desk.pub.jwk", &made.stdout);
    folder
}

fn approve(folder: &Folder, more: &[&str]) -> Ran {
    let arguments = [
        "approve",
        "--challenge",
        "challenge.json",
        "--issuer",
        "desk",
        "--approver",
        "kim",
    ];
    folder.run(&[&arguments[..], more].concat())
}

fn inspect(folder: &Folder, token: &str) -> serde_json::Value {
    let run = folder.run(&["approve", "--inspect", token.trim(), "--format", "json"]);
    run.status_is(0);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_private_key_is_written_for_its_owner_alone_and_never_shown() {
    let folder = folder();
    let private: serde_json::Value = serde_json::from_str(&folder.read("desk.jwk")).unwrap();
    let public: serde_json::Value = serde_json::from_str(&folder.read("desk.pub.jwk")).unwrap();
    assert_eq!(public.get("kid").unwrap(), "k1");
    assert_eq!(public.get("d"), None);
    assert_eq!(public.get("x"), private.get("x"));
    assert!(private.get("d").is_some());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path("desk.jwk"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = folder.run(&["approve", "--new-key", "desk.jwk", "--kid", "k1"]);
    again.could_not_run("cannot write `desk.jwk`");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&folder.read("desk.jwk")).unwrap(),
        private
    );
    let secret = private.get("d").unwrap().as_str().unwrap();
    let signed = approve(&folder, &["--key", "desk.jwk"]);
    for shown in [&signed.stdout, &signed.stderr] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn a_challenge_is_approved_as_it_stands() {
    let folder = folder();
    let run = approve(&folder, &["--key", "desk.jwk"]);
    run.status_is(0);
    assert!(run.stderr.contains("tool       delete_file\n"), "{run:?}");
    let token = inspect(&folder, &run.stdout);
    assert_eq!(token.pointer("/header/kid").unwrap(), "k1");
    let claim = |name: &str| token.pointer(&format!("/claims/{name}")).unwrap();
    assert_eq!(claim("iss"), "desk");
    assert_eq!(claim("approver"), "kim");
    assert_eq!(claim("aud"), "files");
    assert_eq!(claim("tool"), "delete_file");
    assert_eq!(claim("caller"), "cluster.local/ns/gateway/sa/ai-gateway");
    assert_eq!(claim("user"), "sam");
    assert_eq!(claim("policy"), "abcd");
    assert_eq!(
        claim("arguments"),
        "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o"
    );
    let seconds = |name| claim(name).as_u64().unwrap();
    assert_eq!(seconds("exp").checked_sub(seconds("nbf")), Some(30));
    let other = approve(&folder, &["--key", "desk.jwk"]);
    assert_ne!(
        inspect(&folder, &other.stdout).pointer("/claims/jti"),
        Some(claim("jti"))
    );
}

#[test]
fn what_the_approver_was_shown_is_what_is_approved() {
    let folder = folder();
    folder.write("none.json", "{}");
    approve(&folder, &["--key", "desk.jwk", "--arguments", "none.json"]).status_is(0);
    folder.write("other.json", "{\"path\": \"/\"}");
    approve(&folder, &["--key", "desk.jwk", "--arguments", "other.json"])
        .could_not_run("other arguments");
}

#[test]
fn nothing_is_approved_that_is_no_challenge() {
    let folder = folder();
    for (text, why) in [
        ("", "asks for no approval"),
        ("{}", "asks for no approval"),
        ("not json", "is not JSON"),
        (&CHALLENGE.replace("RBNv", "RBN"), "asks for no approval"),
    ] {
        folder.write("challenge.json", text);
        approve(&folder, &["--key", "desk.jwk"]).could_not_run(why);
    }
}

#[test]
fn keys_of_other_tools_are_read() {
    let folder = folder();
    folder.write("key.pem", ED25519_PEM);
    approve(&folder, &["--key", "key.pem"]).could_not_run("`--kid`");
    let run = approve(&folder, &["--key", "key.pem", "--kid", "pem"]);
    run.status_is(0);
    assert_eq!(
        inspect(&folder, &run.stdout)
            .pointer("/header/kid")
            .unwrap(),
        "pem"
    );
    let made = folder.run(&[
        "approve",
        "--new-key",
        "es.jwk",
        "--kid",
        "es",
        "--algorithm",
        "ES256",
    ]);
    made.status_is(0);
    let run = approve(&folder, &["--key", "es.jwk"]);
    assert_eq!(
        inspect(&folder, &run.stdout)
            .pointer("/header/alg")
            .unwrap(),
        "ES256"
    );
    folder.write("public.jwk", &made.stdout);
    approve(&folder, &["--key", "public.jwk"]).could_not_run("no private key");
    let broken = folder.read("es.jwk").replace("\"x\":\"", "\"x\":\"A");
    folder.write("broken.jwk", &broken);
    approve(&folder, &["--key", "broken.jwk"]).could_not_run("public half");
}

#[test]
fn what_is_no_approval_is_named() {
    let folder = folder();
    let token = approve(&folder, &["--key", "desk.jwk"]).stdout;
    let (signed, _) = token.split_once('.').unwrap();
    for (text, label) in [
        ("abc", "approval_malformed"),
        (signed, "approval_malformed"),
        ("e30.e30.AAAA", "approval_header"),
    ] {
        let run = folder.run(&["approve", "--inspect", text]);
        run.status_is(1);
        assert!(run.stdout.contains(label), "{run:?}");
    }
    let shown = folder.run_with(&["approve", "--inspect", "-"], &token);
    shown.status_is(0);
    assert!(shown.stdout.contains("not verified"), "{shown:?}");
}

#[test]
fn every_reason_is_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/approvals.md");
    let page = std::fs::read_to_string(path).unwrap();
    for fault in Fault::ALL {
        let row = format!("| `{}` | {fault} |", fault.label());
        assert!(page.contains(&row), "{row}");
    }
}

/// The last line of a log is the newest.
#[test]
fn a_record_of_a_refused_call_is_approved() {
    let folder = folder();
    let line = |tool: &str| {
        format!(
            r#"{{"at":"x","mcp":{{"schema":2,"server":"files","gen_ai.tool.name":"{tool}","arguments_digest":"RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o","caller":"c","policy":"abcd","reason":"approval_required"}}}}"#
        )
    };
    let log = format!(
        "{}\n{}\n{{\"at\":\"y\"}}\n",
        line("delete_file"),
        line("update_file")
    );
    folder.write("challenge.json", &log);
    let run = approve(&folder, &["--key", "desk.jwk"]);
    let token = inspect(&folder, &run.stdout);
    assert_eq!(token.pointer("/claims/tool").unwrap(), "update_file");
    assert_eq!(token.pointer("/claims/user").unwrap(), "");
}

#[test]
fn times_are_read_as_they_are_written() {
    let folder = folder();
    let lifetime = |time: &str| {
        let run = approve(&folder, &["--key", "desk.jwk", "--expires", time]);
        let token = inspect(&folder, &run.stdout);
        let seconds = |claim: &str| token.pointer(claim).unwrap().as_u64().unwrap();
        seconds("/claims/exp").checked_sub(seconds("/claims/nbf"))
    };
    assert_eq!(lifetime("5"), Some(5));
    assert_eq!(lifetime("20s"), Some(20));
    assert_eq!(lifetime("5m"), Some(300));
    assert_eq!(lifetime("1h"), Some(3600));
    for time in [
        "0",
        "0s",
        "-1",
        "1d",
        "",
        "m",
        "9mm",
        "99999999999",
        "4294967295m",
    ] {
        let run = approve(
            &folder,
            &["--key", "desk.jwk", &format!("--expires={time}")],
        );
        run.could_not_run("--expires");
    }
}
