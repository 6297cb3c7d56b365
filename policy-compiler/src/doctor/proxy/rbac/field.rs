//! The fields of sources, operations and conditions: what each asks for by one value.

use super::compiled::Place;
use super::condition::Condition;
use super::matched::{self, Case, SPIFFE, Text, claim};
use crate::source::Spanned;

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

/// Whether a field is of a connection: that is known whatever bytes are passed.
pub(super) fn is_of_connection(field: &str) -> bool {
    OF_CONNECTION.contains(&field)
}

/// A condition's key, as the same field of a source or an operation.
pub(super) fn in_full(field: &str) -> &str {
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

/// What a field asks for by one of its values.
pub(super) fn fact(field: &str, value: &str, place: Place<'_>) -> Condition {
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
