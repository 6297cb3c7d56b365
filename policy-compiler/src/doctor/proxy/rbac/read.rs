//! A rule as the proxy has it: `envoy.config.rbac.v3.Policy`. Whatever is not known here, a further
//! field of what is known among it, is kept as unread.

use super::condition::Condition;
use super::matched::{self, Case, Text, claim};
use crate::doctor::value::{items, text};
use crate::source::Spanned;
use serde_json::{Map, Value};

/// Where Istio's filter for tokens puts what it verified.
const TOKENS: &str = "envoy.filters.http.jwt_authn";

/// Where the mesh's own filters put the peer of a tunnel.
const PEER_PRINCIPAL: &str = "io.istio.peer_principal";

/// What a rule asks of a request.
pub(super) fn rule(rule: &Value, trust_domains: &[Spanned<String>]) -> Condition {
    let reader = Reader { trust_domains };
    let parts = ["permissions", "principals"];
    // A condition in another language, say.
    let further = rule.as_object().into_iter().flatten();
    let further = further.filter(|(key, _)| !parts.contains(&key.as_str()));
    let further = further.map(|(key, _)| Condition::Unread(format!("`{key}`")));
    let parts = parts.map(|part| reader.any(items(rule, &format!("/{part}"))));
    Condition::all(parts.into_iter().chain(further))
}

fn unread(value: &Value) -> Condition {
    const LENGTH: usize = 120;
    let text: String = value.to_string().chars().take(LENGTH).collect();
    Condition::Unread(format!("`{text}`"))
}

struct Reader<'t> {
    trust_domains: &'t [Spanned<String>],
}

impl Reader<'_> {
    fn any(&self, conditions: &[Value]) -> Condition {
        Condition::any(conditions.iter().map(|condition| self.condition(condition)))
    }

    /// `Permission` or `Principal`: each has one field of many.
    fn condition(&self, value: &Value) -> Condition {
        let known = only(value).and_then(|(key, inner)| self.known(key, inner));
        known.unwrap_or_else(|| unread(value))
    }

    fn known(&self, key: &str, inner: &Value) -> Option<Condition> {
        match key {
            "any" => (inner == &Value::Bool(true)).then(Condition::always),
            "not_rule" | "not_id" => Some(Condition::not(self.condition(inner))),
            "or_rules" | "or_ids" => Some(self.any(list(inner)?)),
            "and_rules" | "and_ids" => {
                let parts = list(inner)?.iter();
                Some(Condition::all(parts.map(|part| self.condition(part))))
            }
            "destination_port" => {
                let port = inner.as_u64()?.to_string();
                Some(Text::Exact(&port).fact(matched::PORT))
            }
            "url_path" => Some(matcher(member(inner, "path")?)?.fact(matched::PATH)),
            "header" => header(inner),
            "authenticated" => {
                let name = matcher(member(inner, "principal_name")?)?;
                Some(name.peer(self.trust_domains))
            }
            "filter_state" => {
                let (fields, name) = with(inner, "key", PEER_PRINCIPAL, "string_match")?;
                (fields == 2).then_some(matcher(name)?.peer(self.trust_domains))
            }
            "metadata" => metadata(inner),
            "direct_remote_ip" => block(inner, matched::PEER_ADDRESS),
            "remote_ip" => block(inner, matched::CLIENT_ADDRESS),
            "destination_ip" => block(inner, matched::ADDRESS),
            "requested_server_name" => Some(matcher(inner)?.fact(matched::SERVER_NAME)),
            _ => None,
        }
    }
}

/// The one field of a message.
fn only(value: &Value) -> Option<(&str, &Value)> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    let (key, inner) = fields.iter().next()?;
    Some((key, inner))
}

/// The one field of a message, if it is this one.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    only(value).and_then(|(key, inner)| (key == name).then_some(inner))
}

/// `Permission.Set` or `Principal.Set`.
fn list(value: &Value) -> Option<&[Value]> {
    let inner = member(value, "rules").or_else(|| member(value, "ids"))?;
    inner.as_array().map(Vec::as_slice)
}

/// Of a message whose field has a value, the number of fields, and another one.
fn with<'v>(value: &'v Value, key: &str, wanted: &str, other: &str) -> Option<(usize, &'v Value)> {
    let fields: &Map<String, Value> = value.as_object()?;
    (text(value, &format!("/{key}")) == wanted).then_some((fields.len(), fields.get(other)?))
}

/// `HeaderMatcher`.
fn header(value: &Value) -> Option<Condition> {
    let fields = value.as_object().filter(|fields| fields.len() == 2)?;
    let name = fields.get("name")?.as_str()?;
    if fields.get("present_match") == Some(&Value::Bool(true)) {
        return Some(matched::has_header(name));
    }
    let mut wanted = fields.get("string_match")?.clone();
    let ignored = wanted.as_object_mut()?.remove("ignore_case");
    let case = match ignored {
        None | Some(Value::Bool(false)) => Case::Kept,
        Some(_) => Case::Ignored,
    };
    Some(matched::header(name, case, &matcher(&wanted)?))
}

/// `CidrRange`.
fn block(value: &Value, what: &str) -> Option<Condition> {
    let (fields, bits) = with(
        value,
        "address_prefix",
        text(value, "/address_prefix"),
        "prefix_len",
    )?;
    let bits = bits.as_u64().filter(|_| fields == 2)?;
    matched::block(what, text(value, "/address_prefix"), Some(bits))
}

/// `MetadataMatcher`, of a verified token.
fn metadata(value: &Value) -> Option<Condition> {
    let (fields, wanted) = with(value, "filter", TOKENS, "value")?;
    let path = items(value, "/path").iter();
    let path: Option<Vec<&str>> = path.map(|part| member(part, "key")?.as_str()).collect();
    (fields == 3).then_some(claimed(wanted, &claim(path?))?)
}

/// `ValueMatcher`. A claim may be a text or a list of them, and Istio keeps both as lists.
fn claimed(value: &Value, what: &str) -> Option<Condition> {
    let (key, inner) = only(value)?;
    match key {
        "string_match" => Some(matcher(inner)?.fact(what)),
        "list_match" => claimed(member(inner, "one_of")?, what),
        "or_match" => {
            let all = member(inner, "value_matchers")?.as_array()?.iter();
            let all: Option<Vec<Condition>> = all.map(|one| claimed(one, what)).collect();
            Some(Condition::any(all?))
        }
        _ => None,
    }
}

/// `StringMatcher`.
fn matcher(value: &Value) -> Option<Text<'_>> {
    let (key, inner) = only(value)?;
    match key {
        "exact" => inner.as_str().map(Text::Exact),
        "prefix" => inner.as_str().map(Text::Prefix),
        "suffix" => inner.as_str().map(Text::Suffix),
        "safe_regex" => member(inner, "regex")?.as_str().map(Text::Regex),
        _ => None,
    }
}
