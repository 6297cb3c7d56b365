//! AuthorizationPolicy as Istio decides by it: DENY first, then ALLOW. On a port that is taken for
//! TCP a DENY loses its HTTP fields, and an ALLOW that has any loses the whole rule.

use crate::artefact::Object;
use serde_json::Value;

/// What Istio knows of a request.
#[derive(Clone, Copy)]
pub(super) struct Request<'r> {
    pub(super) principal: Option<&'r str>,
    pub(super) port: u16,
    /// Path and method; none where the port is taken for TCP.
    pub(super) http: Option<(&'r str, &'r str)>,
    pub(super) token: Option<Token<'r>>,
}

/// A verified token.
#[derive(Clone, Copy)]
pub(super) struct Token<'r> {
    pub(super) issuer: &'r str,
    pub(super) audience: &'r str,
    pub(super) groups: &'r [&'r str],
}

/// Whether these policies, and one of somebody else's that allows everything, let it in.
pub(super) fn passes_beside_allow_all(objects: &[Object], request: Request<'_>) -> bool {
    !denied(objects, request)
}

/// Whether these policies let it in.
pub(super) fn passes(objects: &[Object], request: Request<'_>) -> bool {
    !denied(objects, request) && allowed(objects, request)
}

/// Whether an ALLOW speaks for it.
pub(super) fn allowed(objects: &[Object], request: Request<'_>) -> bool {
    any_rule(objects, "ALLOW", request)
}

fn denied(objects: &[Object], request: Request<'_>) -> bool {
    any_rule(objects, "DENY", request)
}

fn any_rule(objects: &[Object], action: &str, request: Request<'_>) -> bool {
    let is_deny = action == "DENY";
    objects
        .iter()
        .map(|object| &object.value()["spec"])
        .filter(|spec| spec["action"] == action)
        .flat_map(|spec| spec["rules"].as_array().unwrap())
        .any(|rule| matches(rule, is_deny, request))
}

fn matches(rule: &Value, is_deny: bool, request: Request<'_>) -> bool {
    let any = |list: &Value, inner: &str| match list.as_array() {
        None => true,
        Some(items) => items
            .iter()
            .any(|item| all_fields(&item[inner], is_deny, request)),
    };
    let when = rule["when"].as_array().into_iter().flatten();
    let conditions = when.map(|condition| {
        let key = condition["key"].as_str().unwrap();
        match condition.get("notValues") {
            Some(_) if request.http.is_none() => is_deny,
            Some(values) => !field(key, values, is_deny, request),
            None => field(key, &condition["values"], is_deny, request),
        }
    });
    any(&rule["from"], "source")
        && any(&rule["to"], "operation")
        && conditions.into_iter().all(|holds| holds)
}

fn all_fields(fields: &Value, is_deny: bool, request: Request<'_>) -> bool {
    let fields = fields.as_object().unwrap();
    assert!(!fields.is_empty());
    fields
        .iter()
        .all(|(name, values)| field(name, values, is_deny, request))
}

fn field(name: &str, values: &Value, is_deny: bool, request: Request<'_>) -> bool {
    let values: Vec<&str> = values
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_str().unwrap())
        .collect();
    assert!(!values.is_empty(), "{name} is empty");
    let is_of_peer_or_port = matches!(name, "principals" | "notPrincipals" | "ports" | "notPorts");
    if request.http.is_none() && !is_of_peer_or_port {
        return is_deny;
    }
    match positive(name) {
        Some(name) => !holds(&name, &values, request),
        None => holds(name, &values, request),
    }
}

/// `notPaths` is the opposite of `paths`.
fn positive(name: &str) -> Option<String> {
    let rest = name.strip_prefix("not")?;
    let (first, rest) = rest.split_at(1);
    Some(format!("{}{rest}", first.to_lowercase()))
}

fn holds(name: &str, values: &[&str], request: Request<'_>) -> bool {
    let port = request.port.to_string();
    let token = request.token;
    let subject = token.map(|token| format!("{}/someone", token.issuer));
    let actual: Vec<&str> = match name {
        "principals" => request.principal.into_iter().collect(),
        "ports" => vec![&port],
        "paths" => request.http.map(|(path, _)| path).into_iter().collect(),
        "methods" => request.http.map(|(_, method)| method).into_iter().collect(),
        "requestPrincipals" => subject.as_deref().into_iter().collect(),
        "request.auth.claims[iss]" => token.map(|token| token.issuer).into_iter().collect(),
        "request.auth.audiences" => token.map(|token| token.audience).into_iter().collect(),
        "request.auth.claims[groups]" => token.map_or(Vec::new(), |token| token.groups.to_vec()),
        _ => panic!("{name}"),
    };
    actual
        .iter()
        .any(|actual| values.iter().any(|value| fits(value, actual)))
}

/// Exact, by prefix, by suffix, or present.
fn fits(pattern: &str, actual: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(suffix), _) => actual.ends_with(suffix),
        (None, Some(prefix)) => actual.starts_with(prefix),
        (None, None) => actual == pattern,
    }
}
