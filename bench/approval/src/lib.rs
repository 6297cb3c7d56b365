//! Verifies approvals of both algorithms as often as it is asked to. `run.mjs` holds the clock.

use mcp_guard_engine::approval::{
    Algorithm, Call, Claims, Digest, Issuer, Issuers, PrivateKey, verify,
};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::OnceLock;

const NOW: u64 = 1_800_000_000;

struct Signed {
    token: String,
    issuers: Issuers,
}

fn sign(algorithm: Algorithm) -> Option<Signed> {
    let key = PrivateKey::new(algorithm, &[7; 32])?;
    let claims = Claims {
        issuer: "desk".into(),
        id: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6".into(),
        issued: NOW,
        begins: NOW,
        expires: NOW + 60,
        approver: "kim@example.com".into(),
        server: "github-mcp-server".into(),
        caller: "cluster.local/ns/gateway/sa/ai-gateway".into(),
        user: "sam@example.com".into(),
        tool: "delete_repository".into(),
        arguments: Digest::of_nothing().to_base64url(),
        policy: "ab".repeat(32),
    };
    let keys = vec![key.public("2026-11")];
    let issuers = BTreeMap::from([("desk".to_owned(), Issuer { keys })]);
    Some(Signed {
        token: key.approve("2026-11", &claims),
        issuers: Issuers::new(&issuers, 60).ok()?,
    })
}

/// How many of that many verifications succeeded.
fn verified(signed: &Signed, times: u32) -> u32 {
    let (arguments, policy) = (Digest::of_nothing(), "ab".repeat(32));
    let call = Call {
        server: "github-mcp-server",
        caller: "cluster.local/ns/gateway/sa/ai-gateway",
        user: "sam@example.com",
        tool: "delete_repository",
        arguments: &arguments,
        policy: &policy,
    };
    let one = |_: &u32| {
        verify(
            black_box(signed.token.as_bytes()),
            &signed.issuers,
            &call,
            NOW,
        )
        .is_ok()
    };
    (0..times).filter(one).map(|_| 1).sum()
}

/// Ed25519.
#[unsafe(no_mangle)]
pub extern "C" fn eddsa(times: u32) -> u32 {
    static SIGNED: OnceLock<Option<Signed>> = OnceLock::new();
    let signed = SIGNED.get_or_init(|| sign(Algorithm::EdDsa));
    signed.as_ref().map_or(0, |signed| verified(signed, times))
}

/// ECDSA with P-256.
#[unsafe(no_mangle)]
pub extern "C" fn es256(times: u32) -> u32 {
    static SIGNED: OnceLock<Option<Signed>> = OnceLock::new();
    let signed = SIGNED.get_or_init(|| sign(Algorithm::Es256));
    signed.as_ref().map_or(0, |signed| verified(signed, times))
}
