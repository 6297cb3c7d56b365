//! A rule as it is compiled, in the form that istiod gives it: `pilot/pkg/security/authz/model`.

use super::condition::Condition;
use super::matched::{self, Case, SPIFFE, Text, claim};
use crate::doctor::value::{items, text};
use crate::source::Spanned;
use serde_json::Value;

/// Where a rule is to act.
#[derive(Clone, Copy)]
pub(super) struct Place<'t> {
    /// ALLOW or DENY.
    pub(super) action: &'t str,
    /// That of the policy.
    pub(super) namespace: &'t str,
    /// Whether HTTP is understood there.
    pub(super) is_http: bool,
    /// The mesh's.
    pub(super) trust_domains: &'t [Spanned<String>],
}

/// What a rule asks of a request. None: istiod leaves it out, as it does with an ALLOW that asks for
/// HTTP where bytes are passed. Of a DENY it leaves out there what asks for HTTP.
pub(super) fn rule(rule: &Value, place: Place<'_>) -> Option<Condition> {
    let listed = |list: &str, inner: &str| -> Option<Condition> {
        let list = items(rule, list).iter();
        let each = list.map(|item| fields(item.get(inner)?, place));
        let each: Option<Vec<Condition>> = each.collect();
        let each = each?;
        // No list at all asks for nothing.
        Some(match each.is_empty() {
            true => Condition::always(),
            false => Condition::any(each),
        })
    };
    let when = items(rule, "/when").iter();
    let when = when.map(|condition| {
        let parts = [("values", false), ("notValues", true)].into_iter();
        let parts = parts.filter_map(|(field, is_not)| Some((condition.get(field)?, is_not)));
        let parts =
            parts.map(|(values, is_not)| asked(text(condition, "/key"), values, is_not, place));
        let parts: Option<Vec<Condition>> = parts.collect();
        Some(Condition::all(parts?))
    });
    let when: Option<Vec<Condition>> = when.collect();
    let parts = [listed("/from", "source")?, listed("/to", "operation")?];
    Some(Condition::all(parts.into_iter().chain(when?)))
}

/// A source or an operation: all of its fields.
fn fields(fields: &Value, place: Place<'_>) -> Option<Condition> {
    let fields = fields.as_object()?.iter();
    let all = fields.map(|(name, values)| match opposite(name) {
        Some(name) => asked(&name, values, true, place),
        None => asked(name, values, false, place),
    });
    let all: Option<Vec<Condition>> = all.collect();
    Some(Condition::all(all?))
}

/// `notPaths` is the opposite of `paths`.
fn opposite(name: &str) -> Option<String> {
    let rest = name.strip_prefix("not")?;
    let (first, rest) = rest.split_at_checked(1)?;
    Some(format!("{}{rest}", first.to_ascii_lowercase()))
}

/// What is known of a connection, of whatever protocol.
const OF_CONNECTION: [&str; 8] = [
    "principals",
    "namespaces",
    "serviceAccounts",
    "ipBlocks",
    "remoteIpBlocks",
    "ports",
    "destination.ip",
    "connection.sni",
];

/// A condition's key, as the same field of a source or an operation.
fn in_full(field: &str) -> &str {
    match field {
        "source.principal" => "principals",
        "source.namespace" => "namespaces",
        "source.ip" => "ipBlocks",
        "remote.ip" => "remoteIpBlocks",
        "destination.port" => "ports",
        "request.auth.principal" => "requestPrincipals",
        field => field,
    }
}

/// One of the values, or none of them. An empty list asks for nothing.
fn asked(field: &str, values: &Value, is_not: bool, place: Place<'_>) -> Option<Condition> {
    let field = in_full(field);
    if !OF_CONNECTION.contains(&field) && !place.is_http {
        return (place.action != "ALLOW").then(Condition::always);
    }
    let values = items(values, "").iter().filter_map(Value::as_str);
    let values: Vec<&str> = values.collect();
    if values.is_empty() {
        return Some(Condition::always());
    }
    let values = values.into_iter();
    let any = Condition::any(values.map(|value| fact(field, value, place)));
    Some(match is_not {
        true => Condition::not(any),
        false => any,
    })
}

fn fact(field: &str, value: &str, place: Place<'_>) -> Condition {
    match field {
        "principals" => principal(value, place.trust_domains),
        "namespaces" => {
            let name = value.replace('*', ".*");
            Text::Regex(&format!(".*/ns/{name}/.*")).peer(place.trust_domains)
        }
        "serviceAccounts" => {
            let (namespace, name) = value.split_once('/').unwrap_or((place.namespace, value));
            let peer = format!("{SPIFFE}.+/ns/{namespace}/(.+/|)sa/{name}(/.+)?");
            Text::Regex(&peer).peer(place.trust_domains)
        }
        "ipBlocks" => block(matched::PEER_ADDRESS, value),
        "remoteIpBlocks" => block(matched::CLIENT_ADDRESS, value),
        "destination.ip" => block(matched::ADDRESS, value),
        "connection.sni" => pattern(value).fact(matched::SERVER_NAME),
        "ports" => Text::Exact(value).fact(matched::PORT),
        "paths" => pattern(value).fact(matched::PATH),
        "methods" => header(matched::METHOD, Case::Kept, value),
        "hosts" => header(matched::HOST, Case::Ignored, value),
        "requestPrincipals" => request_principal(value),
        "request.auth.audiences" => pattern(value).fact(&claim(["payload", "aud"])),
        "request.auth.presenter" => pattern(value).fact(&claim(["payload", "azp"])),
        _ => match (claim_of(field), header_of(field)) {
            (Some(what), _) => pattern(value).fact(&what),
            (None, Some(name)) => header(name, Case::Kept, value),
            (None, None) => Condition::Unread(format!("`{field}`")),
        },
    }
}

/// `request.headers[NAME]`.
fn header_of(field: &str) -> Option<&str> {
    field.strip_prefix("request.headers[")?.strip_suffix(']')
}

/// A header's `*` asks for no more than that it is there.
fn header(name: &str, case: Case, value: &str) -> Condition {
    match value {
        "*" => matched::has_header(name),
        value => matched::header(name, case, &pattern(value)),
    }
}

/// An address, or a block of them.
fn block(what: &str, value: &str) -> Condition {
    let (address, bits) = match value.split_once('/') {
        Some((address, bits)) => (address, bits.parse().ok()),
        None => (value, None),
    };
    let block = matched::block(what, address, bits);
    block.unwrap_or_else(|| Condition::Unread(format!("`{value}`")))
}

/// `request.auth.claims[NAME]`, or `[NAME][NAME]` for one within another.
fn claim_of(field: &str) -> Option<String> {
    let path = field
        .strip_prefix("request.auth.claims[")?
        .strip_suffix(']')?;
    Some(claim(core::iter::once("payload").chain(path.split("]["))))
}

/// A text of which Istio's patterns are made: `*` at one of its ends stands for anything.
fn pattern(value: &str) -> Text<'_> {
    match (value.strip_prefix('*'), value.strip_suffix('*')) {
        (Some(""), _) => Text::Regex(".+"),
        (Some(end), _) => Text::Suffix(end),
        (None, Some(beginning)) => Text::Prefix(beginning),
        (None, None) => Text::Exact(value),
    }
}

/// A peer: Istio puts before its pattern what precedes each identity.
fn principal(value: &str, trust_domains: &[Spanned<String>]) -> Condition {
    let identity = |text: &str| format!("{SPIFFE}{text}");
    match pattern(value) {
        Text::Exact(text) => Text::Exact(&identity(text)).peer(trust_domains),
        Text::Prefix(text) => Text::Prefix(&identity(text)).peer(trust_domains),
        Text::Suffix(text) => Text::Regex(&identity(&format!(".*{text}"))).peer(trust_domains),
        anyone => anyone.peer(trust_domains),
    }
}

/// `ISSUER/SUBJECT`, as it is compiled: any subject of an issuer, or any of any.
fn request_principal(value: &str) -> Condition {
    let (issuer, subject) = match value {
        "*" => ("*", "*"),
        value => value.rsplit_once('/').unwrap_or((value, "")),
    };
    Condition::all([
        pattern(issuer).fact(&claim(["payload", "iss"])),
        pattern(subject).fact(&claim(["payload", "sub"])),
    ])
}
