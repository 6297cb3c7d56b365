//! A rule as it is compiled, in the form that istiod gives it: `pilot/pkg/security/authz/model`.

use super::condition::Condition;
use super::matched::{self, SPIFFE, Text, claim};
use crate::doctor::value::{items, text};
use crate::source::Spanned;
use serde_json::Value;

/// Where a rule is to act.
#[derive(Clone, Copy)]
pub(super) struct Place<'t> {
    /// ALLOW or DENY.
    pub(super) action: &'t str,
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

/// One of the values, or none of them.
fn asked(field: &str, values: &Value, is_not: bool, place: Place<'_>) -> Option<Condition> {
    let is_of_connection = matches!(field, "principals" | "ports");
    if !is_of_connection && !place.is_http {
        return (place.action != "ALLOW").then(Condition::always);
    }
    let values = items(values, "").iter().filter_map(Value::as_str);
    let any = Condition::any(values.map(|value| fact(field, value, place)));
    Some(match is_not {
        true => Condition::not(any),
        false => any,
    })
}

fn fact(field: &str, value: &str, place: Place<'_>) -> Condition {
    match field {
        "principals" => principal(value, place.trust_domains),
        "ports" => Text::Exact(value).fact(matched::PORT),
        "paths" => pattern(value).fact(matched::PATH),
        "methods" => pattern(value).fact(matched::METHOD),
        "requestPrincipals" => request_principal(value),
        "request.auth.audiences" => pattern(value).fact(&claim(["payload", "aud"])),
        _ => match claim_of(field) {
            Some(what) => pattern(value).fact(&what),
            None => Condition::Unread(format!("`{field}`")),
        },
    }
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
