//! Approvals for cases: signed with keys that everyone knows, and forged.

use mcp_guard_cases::body::Body;
use mcp_guard_cases::header_text::HeaderValue;
use mcp_guard_cases::scenario::{Approve, Request, Scenario};
use mcp_guard_engine::approval::{Algorithm, Digest, PrivateKey};
use mcp_guard_engine::base64::encode_url;
use mcp_guard_engine::json::{Document, Options, Surrogates};
use mcp_guard_engine::policy::Guard;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What stands in a case's headers and body for the token.
const PLACEHOLDER: &str = "{approval}";

/// How many tokens are made, one for each time that a case is played.
const PLAYS: usize = 4;

/// Seconds for which a token is valid unless the case says otherwise; the policies of cases permit so
/// much, since an Envoy plays cases for minutes.
const LIFETIME: i64 = 3000;

/// The approval that a case sends, as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ApproveText {
    /// The test key that signs: `desk-1` (Ed25519, the default), `desk-2` (P-256), or `stranger`.
    key: Option<String>,
    /// What signs instead: `nothing`, or `hmac` with the public key as its secret.
    sign: Option<String>,
    /// Members of the header; `null` leaves one out.
    header: Map<String, Value>,
    /// Claims; `null` leaves one out. `iat`, `nbf` and `exp` are seconds from now.
    claims: Map<String, Value>,
    /// The arguments that are approved, where they are not those of the call.
    arguments: Option<Value>,
    /// The header's text, in which `{header}` stands for its members.
    header_text: Option<String>,
    /// The payload's text, in which `{claims}` stands for the claims.
    claims_text: Option<String>,
    /// The whole token, in which `{token}` stands for it.
    token: Option<String>,
    /// Whether it was used before.
    used: bool,
}

/// Makes the tokens of a case and puts the first into its request.
///
/// # Errors
/// A sentence about what is wrong with what is written.
pub(crate) fn approve(written: Value, scenario: &mut Scenario) -> Result<(), String> {
    let written: ApproveText =
        serde_json::from_value(written).map_err(|error| error.to_string())?;
    let defaults = claims(&written, scenario)?;
    let tokens: Result<Vec<_>, _> = (0..PLAYS)
        .map(|play| token(&written, scenario, &defaults, play))
        .collect();
    let tokens = tokens?;
    let first = tokens.first().map(String::as_str).unwrap_or_default();
    fill(&mut scenario.request, first)?;
    scenario.approve = Some(Approve {
        used: written.used,
        tokens,
    });
    Ok(())
}

fn fill(request: &mut Request, token: &str) -> Result<(), String> {
    let mut found = false;
    for (_, value) in &mut request.headers {
        let text = String::from_utf8_lossy(&value.0).into_owned();
        if text.contains(PLACEHOLDER) {
            found = true;
            *value = HeaderValue::from_text(&text.replace(PLACEHOLDER, token));
        }
    }
    let body = request.body.bytes();
    if let Ok(text) = String::from_utf8(body)
        && text.contains(PLACEHOLDER)
    {
        found = true;
        request.body = Body::of(text.replace(PLACEHOLDER, token));
    }
    match found {
        true => Ok(()),
        false => Err(format!("`{PLACEHOLDER}` stands nowhere in the request")),
    }
}

/// The claims of an approval of exactly the call that the case makes.
fn claims(written: &ApproveText, scenario: &Scenario) -> Result<Map<String, Value>, String> {
    let guard = Guard::from_json(scenario.config.as_bytes()).map_err(|fault| fault.to_string())?;
    let policy = guard.policies().next().ok_or("there is no policy")?;
    let body: Value = serde_json::from_slice(&scenario.request.body.bytes()).unwrap_or_default();
    let message = body.get(0).unwrap_or(&body);
    let params = message.get("params").cloned().unwrap_or_default();
    let arguments = written
        .arguments
        .as_ref()
        .or(params.get("arguments"))
        .cloned();
    let caller = scenario.caller.spiffe.as_deref();
    let caller = caller.and_then(|spiffe| spiffe.strip_prefix("spiffe://"));
    let claims = json!({
        "iss": "approval-desk",
        "aud": policy.server,
        "approver": "approver@example.com",
        "caller": caller.unwrap_or_default(),
        "user": "",
        "tool": params.get("name").cloned().unwrap_or_default(),
        "arguments": digest(arguments.as_ref())?,
        "policy": policy.digest,
        "iat": 0,
        "nbf": 0,
        "exp": LIFETIME,
    });
    let mut claims = claims.as_object().cloned().unwrap_or_default();
    for (claim, value) in &written.claims {
        change(&mut claims, claim, value);
    }
    for claim in ["iat", "nbf", "exp"] {
        let offset = claims.get(claim).and_then(Value::as_i64);
        if let Some(offset) = offset {
            let time = scenario.now.saturating_add_signed(offset);
            claims.insert(claim.to_owned(), time.into());
        }
    }
    Ok(claims)
}

fn change(members: &mut Map<String, Value>, key: &str, value: &Value) {
    match value {
        Value::Null => members.remove(key),
        value => members.insert(key.to_owned(), value.clone()),
    };
}

fn digest(arguments: Option<&Value>) -> Result<String, String> {
    let options = Options {
        bytes: 1 << 20,
        depth: 64,
        keys: 1 << 16,
        values: 1 << 17,
        surrogates: Surrogates::Refuse,
    };
    let text = arguments.map_or_else(|| "{}".to_owned(), Value::to_string);
    let document = Document::parse(text.into(), options).map_err(|fault| fault.to_string())?;
    // A token for arguments that have no digest names some other.
    let digest = Digest::of(Some(document.root()));
    Ok(digest.map_or_else(|_| "none".to_owned(), |digest| digest.to_base64url()))
}

fn token(
    written: &ApproveText,
    scenario: &Scenario,
    claims: &Map<String, Value>,
    play: usize,
) -> Result<String, String> {
    let kid = written.key.as_deref().unwrap_or("desk-1");
    let key = key(kid)?;
    let header = json!({"alg": key.algorithm().label(), "kid": kid, "typ": "mcp-approval+jwt"});
    let mut header = header.as_object().cloned().unwrap_or_default();
    for (member, value) in &written.header {
        change(&mut header, member, value);
    }
    let mut claims = claims.clone();
    let id = format!("{}-{}-{play}", scenario.name, scenario.now);
    if !written.claims.contains_key("jti") {
        claims.insert("jti".to_owned(), id.into());
    }
    let header = text(&header, written.header_text.as_deref(), "{header}");
    let claims = text(&claims, written.claims_text.as_deref(), "{claims}");
    let token = match written.sign.as_deref() {
        None => key.compact(header.as_bytes(), claims.as_bytes()),
        Some("nothing") => format!(
            "{}.{}.",
            encode_url(header.as_bytes()),
            encode_url(claims.as_bytes())
        ),
        Some("hmac") => signed_with_public_key(&key, &header, &claims),
        Some(other) => return Err(format!("`{other}` is no way to sign")),
    };
    let whole = written.token.as_deref().unwrap_or("{token}");
    Ok(whole.replace("{token}", &token))
}

/// What a verifier takes that believes the token about its algorithm: RFC 8725, section 2.1.
fn signed_with_public_key(key: &PrivateKey, header: &str, claims: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let signed = format!(
        "{}.{}",
        encode_url(header.as_bytes()),
        encode_url(claims.as_bytes())
    );
    let secret = key.public("").x;
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes());
    let mac = mac.map(|mac| mac.chain_update(signed.as_bytes()).finalize().into_bytes());
    format!("{signed}.{}", encode_url(&mac.unwrap_or_default()))
}

fn text(members: &Map<String, Value>, template: Option<&str>, place: &str) -> String {
    let text = Value::Object(members.clone()).to_string();
    let inner = text
        .get(1..text.len().saturating_sub(1))
        .unwrap_or_default();
    template.map_or_else(|| text.clone(), |template| template.replace(place, inner))
}

/// The keys that sign for cases: never those of anything else.
fn key(kid: &str) -> Result<PrivateKey, String> {
    let (algorithm, byte) = match kid {
        "desk-1" => (Algorithm::EdDsa, 1),
        "desk-2" => (Algorithm::Es256, 2),
        "stranger" => (Algorithm::EdDsa, 3),
        other => return Err(format!("no test key is called `{other}`")),
    };
    PrivateKey::new(algorithm, &[byte; 32]).ok_or_else(|| "the key is none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::key;

    /// What stands in `tests/cases/configs/approvals.yaml`.
    #[test]
    fn the_public_halves_are_these() {
        let public = |kid| key(kid).unwrap().public(kid);
        let first = public("desk-1");
        assert_eq!(first.x, "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w");
        let second = public("desk-2");
        assert_eq!(second.x, "VQ9HEAPz35fD31Bqx5f2ch-xoft7j2-D0iRJimXIjiQ");
        let y = "E2CT1wEuUJpzcVy9CwCjzA_0tcAbP_oZarH7MnA2uOY";
        assert_eq!(second.y.as_deref(), Some(y));
    }
}
