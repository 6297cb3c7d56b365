//! Approvals: nothing is one but what the issuer signed about this very call, and arguments have the
//! same digest however they are laid out.

use mcp_guard_engine::approval::{
    Algorithm, Approval, Call, Digest, Fault, Issuer, Issuers, Jws, PrivateKey, verify,
};
use mcp_guard_engine::json::{Document, Options, Surrogates};
use serde_json::Value;
use std::collections::BTreeMap;

const NOW: u64 = 1_800_000_000;
const LIFETIME: u64 = 60;
const POLICY: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

const OPTIONS: Options = Options {
    bytes: 1 << 16,
    depth: 32,
    keys: 1 << 12,
    values: 1 << 14,
    surrogates: Surrogates::Refuse,
};

/// Reads a letter: `e` and `p` sign the header and the payload that follow, each on a line, with
/// Ed25519 or P-256; `d` takes the rest as arguments; without them all of it is a token.
pub fn approval(input: &[u8]) {
    match input.split_first() {
        Some((b'e', rest)) => signed(Algorithm::EdDsa, rest),
        Some((b'p', rest)) => signed(Algorithm::Es256, rest),
        Some((b'd', rest)) => digest(rest),
        _ => unsigned(input),
    }
}

/// Whoever has no key approves nothing.
fn unsigned(token: &[u8]) {
    let fault = judge(token, Algorithm::EdDsa).err();
    assert!(fault.is_some_and(|fault| !fault.is_signed()), "{fault:?}");
    if let Ok(jws) = Jws::read(token) {
        assert_eq!(token.iter().filter(|&&byte| byte == b'.').count(), 2);
        assert!(token.starts_with(jws.signed));
    }
}

/// What is signed approves this call only if another reader of JSON finds that it says so.
fn signed(algorithm: Algorithm, input: &[u8]) {
    let Some(at) = input.iter().position(|&byte| byte == b'\n') else {
        return;
    };
    let (header, payload) = input.split_at(at);
    let payload = payload.get(1..).unwrap_or_default();
    let Some(key) = key(algorithm) else { return };
    let token = key.compact(header, payload);
    match judge(token.as_bytes(), algorithm) {
        Ok(approval) => {
            check_header(header, algorithm);
            check_claims(payload, &approval);
        }
        Err(fault) => assert_ne!(fault, Fault::Signature),
    }
}

fn check_header(header: &[u8], algorithm: Algorithm) {
    let header: Value = serde_json::from_slice(header).unwrap_or_default();
    let expected =
        serde_json::json!({"alg": algorithm.label(), "kid": "k", "typ": "mcp-approval+jwt"});
    assert_eq!(header, expected);
}

fn check_claims(payload: &[u8], approval: &Approval) {
    let claims: Value = serde_json::from_slice(payload).unwrap_or_default();
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or("?");
    let time = |name: &str| claims.get(name).and_then(Value::as_u64).unwrap_or_default();
    let digest = Digest::of_nothing().to_base64url();
    for (name, expected) in [
        ("iss", "desk"),
        ("aud", "files"),
        ("caller", "cluster.local/ns/a/sa/b"),
        ("user", "sam"),
        ("tool", "delete"),
        ("policy", POLICY),
        ("arguments", &digest),
        ("jti", &approval.id),
        ("approver", &approval.approver),
    ] {
        assert_eq!(text(name), expected);
    }
    let latest = NOW.saturating_add(5);
    assert!(time("iat") <= latest && time("nbf") <= latest && NOW < time("exp"));
    assert!(time("exp").saturating_sub(time("nbf")) <= LIFETIME);
    assert_eq!(time("exp"), approval.expires);
}

fn judge(token: &[u8], algorithm: Algorithm) -> Result<Approval, Fault> {
    let keys = key(algorithm)
        .map(|key| key.public("k"))
        .into_iter()
        .collect();
    let issuers = BTreeMap::from([("desk".to_owned(), Issuer { keys })]);
    let issuers = Issuers::new(&issuers, 60).unwrap_or_default();
    assert!(!issuers.is_empty());
    let call = Call {
        server: "files",
        caller: "cluster.local/ns/a/sa/b",
        user: "sam",
        tool: "delete",
        arguments: &Digest::of_nothing(),
        policy: POLICY,
    };
    verify(token, &issuers, &call, NOW)
}

fn key(algorithm: Algorithm) -> Option<PrivateKey> {
    PrivateKey::new(algorithm, &[7; 32])
}

/// White space, escapes and the order of keys change no digest.
fn digest(input: &[u8]) {
    let Some(first) = digest_of(input) else {
        return;
    };
    let value = serde_json::from_slice::<Value>(input);
    assert!(value.is_ok(), "serde_json refuses it: {value:?}");
    let value = value.unwrap_or_default();
    // serde_json reads fractions a little differently.
    if !super::configuration::has_fraction(&value) {
        let written = serde_json::to_vec_pretty(&value).unwrap_or_default();
        assert_eq!(digest_of(&written), Some(first));
    }
    let within = [b"[", input, b"]"].concat();
    assert_ne!(digest_of(&within), Some(first));
}

fn digest_of(text: &[u8]) -> Option<Digest> {
    let document = Document::parse(text.to_vec(), OPTIONS).ok()?;
    Digest::of(Some(document.root())).ok()
}
