//! A rule as it is compiled, in the form that istiod gives it: `pilot/pkg/security/authz/model`.

use super::condition::Condition;
use super::field;
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
    let parts = [
        each(rule, ("/from", "source"), place, false)?,
        each(rule, ("/to", "operation"), place, true)?,
    ];
    Some(Condition::all(parts))
}

/// Any of a rule's sources, or of its operations, each with the conditions of the rule that are about it. No
/// list at all asks for these alone.
fn each(
    rule: &Value,
    (list, inner): (&str, &str),
    place: Place<'_>,
    is_operation: bool,
) -> Option<Condition> {
    let when = items(rule, "/when").iter();
    let when = when.filter(|condition| is_of_operation(text(condition, "/key")) == is_operation);
    let when: Option<Vec<Condition>> = when.map(|one| condition(one, place)).collect();
    let when = Condition::all(when?);
    let all = items(rule, list).iter().map(|item| {
        let fields = fields(item.get(inner)?, place)?;
        Some(Condition::all([fields, when.clone()]))
    });
    let all: Option<Vec<Condition>> = all.collect();
    let all = all?;
    Some(match all.is_empty() {
        true => when,
        false => Condition::any(all),
    })
}

fn is_of_operation(key: &str) -> bool {
    matches!(
        key,
        "destination.ip" | "destination.port" | "connection.sni"
    )
}

fn condition(condition: &Value, place: Place<'_>) -> Option<Condition> {
    let key = text(condition, "/key");
    let parts = [("values", false), ("notValues", true)].into_iter();
    let parts = parts.filter_map(|(field, is_not)| Some((condition.get(field)?, is_not)));
    let parts = parts.map(|(values, is_not)| asked(key, values, is_not, place));
    let parts: Option<Vec<Condition>> = parts.collect();
    Some(Condition::all(parts?))
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

/// One of the values, or none of them. An empty list asks for nothing.
fn asked(name: &str, values: &Value, is_not: bool, place: Place<'_>) -> Option<Condition> {
    let field = field::in_full(name);
    if !field::is_of_connection(field) && !place.is_http {
        return (place.action != "ALLOW").then(Condition::always);
    }
    let values = items(values, "").iter().filter_map(Value::as_str);
    let values: Vec<&str> = values.collect();
    if values.is_empty() {
        return Some(Condition::always());
    }
    let values = values.into_iter();
    let any = Condition::any(values.map(|value| field::fact(field, value, place)));
    Some(match is_not {
        true => Condition::not(any),
        false => any,
    })
}
