//! Registries: the one question that is asked of them.

use crate::http::agent;
use mcp_guard_compiler::deployment::Reference;
use mcp_guard_compiler::review::image::{Answer, MEDIA_TYPES, digest};
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

/// Longest time that one request may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// A registry may hand its objects out elsewhere.
const MOST_REDIRECTS: u32 = 10;

/// Largest manifest: what registries must accept (OCI distribution specification 1.1).
const MOST_BYTES: u64 = 4 << 20;

/// A reason why there is no answer.
type Failure = String;

/// Asks a registry for a manifest.
pub(crate) fn ask(reference: &Reference) -> Answer {
    match manifest(reference) {
        Ok(answer) => answer,
        Err(failure) => Answer::Unreachable(failure),
    }
}

fn manifest(reference: &Reference) -> Result<Answer, Failure> {
    let agent = agent(PATIENCE, MOST_REDIRECTS)?;
    let scheme = match is_local(&reference.host) {
        true => "http",
        false => "https",
    };
    let url = format!(
        "{scheme}://{}/v2/{}/manifests/{}",
        reference.host,
        reference.name,
        reference.object()
    );
    let mut response = get(&agent, &url, None)?;
    if response.status() == 401 {
        let challenge = header(&response, "www-authenticate");
        let token = token(&agent, &challenge, reference)?;
        response = get(&agent, &url, Some(&token))?;
    }
    if response.status() != 200 {
        return Err(format!("the registry answers {}", response.status()));
    }
    let media_type = header(&response, "content-type");
    let body = bytes(&mut response)?;
    Ok(Answer::Manifest {
        media_type,
        digest: digest(&body),
        body,
    })
}

fn get(agent: &Agent, url: &str, token: Option<&str>) -> Result<Response<Body>, Failure> {
    let mut request = agent.get(url).header("accept", MEDIA_TYPES.join(", "));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.call().map_err(|error| error.to_string())
}

/// The token that a registry gives to everyone (distribution specification, "token authentication").
fn token(agent: &Agent, challenge: &str, reference: &Reference) -> Result<String, Failure> {
    let refused = || "the registry wants a login".to_string();
    let rest = challenge
        .get(..7)
        .filter(|scheme| scheme.eq_ignore_ascii_case("bearer "))
        .and_then(|_| challenge.get(7..))
        .ok_or_else(refused)?;
    let realm = parameter(rest, "realm").ok_or_else(refused)?;
    let scope = parameter(rest, "scope");
    let pull = format!("repository:{}:pull", reference.name);
    let mut request = agent.get(realm).query("scope", scope.unwrap_or(&pull));
    if let Some(service) = parameter(rest, "service") {
        request = request.query("service", service);
    }
    let mut response = request.call().map_err(|error| error.to_string())?;
    if response.status() != 200 {
        return Err(refused());
    }
    let body: serde_json::Value =
        serde_json::from_slice(&bytes(&mut response)?).map_err(|_| refused())?;
    let token = body.get("token").or_else(|| body.get("access_token"));
    let token = token.and_then(serde_json::Value::as_str);
    token.map(Into::into).ok_or_else(refused)
}

/// A parameter of a challenge: `realm="https://…",service="…"` (RFC 9110, section 11.2).
fn parameter<'c>(challenge: &'c str, name: &str) -> Option<&'c str> {
    let mut rest = challenge;
    loop {
        let (key, behind) = rest.split_once('=')?;
        let (value, behind) = match behind.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => behind.split_once(',').unwrap_or((behind, "")),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = behind.trim_start_matches([',', ' ']);
    }
}

fn bytes(response: &mut Response<Body>) -> Result<Vec<u8>, Failure> {
    let body = response.body_mut().with_config().limit(MOST_BYTES);
    body.read_to_vec().map_err(|error| error.to_string())
}

fn header(response: &Response<Body>, name: &str) -> String {
    let value = response.headers().get(name);
    let value = value.and_then(|value| value.to_str().ok());
    value.unwrap_or_default().into()
}

/// Registries on this machine speak plain HTTP, as for other container tools.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}
