//! Tokens, and what is in them.

mod bound;
mod digest;
mod forged;
mod keys;

use super::*;
use crate::json::{Document, Options, Surrogates};
use std::collections::BTreeMap;

const NOW: u64 = 1_800_000_000;
const KID: &str = "2026-11";

const OPTIONS: Options = Options {
    bytes: 1 << 20,
    depth: 64,
    keys: 1 << 16,
    values: 1 << 16,
    surrogates: Surrogates::Refuse,
};

fn digest(json: &str) -> Result<Digest, Unfit> {
    let document = Document::parse(json.into(), OPTIONS).unwrap();
    Digest::of(Some(document.root()))
}

fn private(algorithm: Algorithm) -> PrivateKey {
    PrivateKey::new(algorithm, &[7; 32]).unwrap()
}

fn issuers(algorithm: Algorithm) -> Issuers {
    let keys = vec![
        private(algorithm).public(KID),
        PrivateKey::new(algorithm, &[8; 32]).unwrap().public("next"),
    ];
    let all = BTreeMap::from([("desk".to_owned(), Issuer { keys })]);
    Issuers::new(&all, 60).unwrap()
}

fn claims() -> Claims {
    Claims {
        issuer: "desk".into(),
        id: "c0ffee".into(),
        issued: NOW,
        begins: NOW,
        expires: NOW + 60,
        approver: "kim@example.com".into(),
        server: "github".into(),
        caller: "cluster.local/ns/gateway/sa/ai".into(),
        user: "sam@example.com".into(),
        tool: "delete_repo".into(),
        arguments: digest(r#"{"repo":"x"}"#).unwrap().to_base64url(),
        policy: "ab".repeat(32),
    }
}

fn call<'a>(arguments: &'a Digest, policy: &'a str) -> Call<'a> {
    Call {
        server: "github",
        caller: "cluster.local/ns/gateway/sa/ai",
        user: "sam@example.com",
        tool: "delete_repo",
        arguments,
        policy,
    }
}

fn check(token: &str, algorithm: Algorithm, now: u64) -> Result<Approval, Fault> {
    let (policy, arguments) = ("ab".repeat(32), digest(r#"{"repo":"x"}"#).unwrap());
    let call = call(&arguments, &policy);
    verify(token.as_bytes(), &issuers(algorithm), &call, now)
}

const BOTH: [Algorithm; 2] = [Algorithm::EdDsa, Algorithm::Es256];

#[test]
fn an_approval_of_the_call_holds() {
    for algorithm in BOTH {
        let token = private(algorithm).approve(KID, &claims());
        let approval = check(&token, algorithm, NOW + 1).unwrap();
        assert_eq!(approval.id, "c0ffee");
        assert_eq!(approval.issuer, "desk");
        assert_eq!(approval.approver, "kim@example.com");
        assert_eq!(approval.expires, NOW + 60);
    }
}

#[test]
fn every_bit_of_a_token_matters() {
    for algorithm in BOTH {
        let token = private(algorithm).approve(KID, &claims());
        for at in 0..token.len() {
            for bit in [0, 1, 5] {
                let mut bytes = token.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let changed = String::from_utf8(bytes).unwrap();
                let fault = check(&changed, algorithm, NOW).unwrap_err();
                assert!(!fault.is_signed(), "byte {at} bit {bit}: {fault:?}");
            }
        }
    }
}

#[test]
fn labels_are_unique_and_sorted() {
    let labels = Fault::ALL.map(Fault::label);
    assert!(labels.is_sorted_by(|a, b| a < b));
}
