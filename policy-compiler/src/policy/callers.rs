//! `callers`: who may reach the server, and how each is recognised.

use super::{Named, ServiceAccount, named};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::yaml::{
    Node,
    fields::{self, Fields},
};

/// One caller. Peer and token must both fit where both are given.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// In the mesh's own trust domains.
    pub service_accounts: Vec<Spanned<ServiceAccount>>,
    /// `TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`.
    pub principals: Vec<Spanned<String>>,
    /// Every service account of these namespaces.
    pub namespaces: Vec<Spanned<String>>,
    /// The token that it must bring.
    pub jwt: Option<Jwt>,
    /// The header in which it names the human user; believed from this caller alone.
    pub user_header: Option<Spanned<String>>,
}

/// A token, verified by Istio.
#[derive(Clone, Debug)]
pub struct Jwt {
    /// Where it is asked for.
    pub span: Span,
    /// The exact `iss`.
    pub issuer: Spanned<String>,
    /// One of these is in `aud`.
    pub audiences: Vec<Spanned<String>>,
    /// Where the issuer's keys are; absent, by OpenID discovery.
    pub jwks_uri: Option<Spanned<String>>,
    /// For every claim, one of the values.
    pub claims: Vec<(Spanned<String>, Vec<Spanned<String>>)>,
    /// Where a client that brings no token learns how to get one.
    pub resource_metadata: Option<Spanned<String>>,
    /// Leave `Authorization` on the request to the server.
    pub forward_original_token: bool,
}

pub(super) const KEYS: &[&str] = &[
    "service_accounts",
    "principals",
    "namespaces",
    "jwt",
    "user",
];

pub(super) const JWT_KEYS: &[&str] = &[
    "issuer",
    "audiences",
    "jwks_uri",
    "claims",
    "resource_metadata",
    "forward_original_token",
];

pub(super) const USER_KEYS: &[&str] = &["header"];

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Named<Caller> {
    named(node, found, caller)
}

fn caller(node: &Node, found: &mut Diagnostics) -> Option<Caller> {
    let fields = Fields::read(node, KEYS, found)?;
    let accounts = fields.texts("service_accounts", found);
    let caller = Caller {
        service_accounts: accounts
            .iter()
            .filter_map(|account| ServiceAccount::read(account, found))
            .collect(),
        principals: fields.texts("principals", found),
        namespaces: fields.texts("namespaces", found),
        jwt: fields.get("jwt").and_then(|node| jwt(node, found)),
        user_header: fields.get("user").and_then(|node| user(node, found)),
    };
    for principal in &caller.principals {
        check_principal(principal, found);
    }
    for namespace in &caller.namespaces {
        check_label(namespace, found);
    }
    let unrecognisable = accounts.is_empty()
        && caller.principals.is_empty()
        && caller.namespaces.is_empty()
        && fields.get("jwt").is_none();
    if unrecognisable {
        let message = "nothing tells by what this caller is recognised";
        found.push(
            Diagnostic::new(Code::MissingKey, node.span, message)
                .help("name its `service_accounts`, `principals`, `namespaces` or `jwt`"),
        );
    }
    Some(caller)
}

fn user(node: &Node, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let fields = Fields::read(node, USER_KEYS, found)?;
    fields.require("header", found);
    let header = fields.text("header", found)?;
    // RFC 9110, section 5.6.2: token; HTTP/2 wants lower case.
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if header.value.is_empty() || !header.value.chars().all(is_token) {
        let message = format!("`{}` is not the name of a header", header.value);
        found.push(Diagnostic::new(Code::Malformed, header.span, message));
    }
    Some(header.map(|name| name.to_ascii_lowercase()))
}

fn jwt(node: &Node, found: &mut Diagnostics) -> Option<Jwt> {
    let fields = Fields::read(node, JWT_KEYS, found)?;
    fields.require("issuer", found);
    let audiences = fields.texts("audiences", found);
    if audiences.is_empty() {
        let message = "a token without an `audiences` list would be any token of that issuer";
        found.push(
            Diagnostic::new(Code::MissingKey, node.span, message)
                .help("name the audience of this server: `audiences: [github-mcp]`"),
        );
    }
    let jwks_uri = https(&fields, "jwks_uri", found);
    let resource_metadata = https(&fields, "resource_metadata", found);
    let claims = fields.get("claims").map(|node| claims(node, found));
    let forward = fields.flag("forward_original_token", found);
    Some(Jwt {
        span: node.span,
        issuer: fields.text("issuer", found)?,
        audiences,
        jwks_uri,
        resource_metadata,
        claims: claims.unwrap_or_default(),
        forward_original_token: forward.is_some_and(|flag| flag.value),
    })
}

/// An address that may stand in quotes (RFC 3986 has neither quotes nor backslashes).
fn https(fields: &Fields<'_>, key: &str, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let uri = fields.text(key, found)?;
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
    if !uri.value.starts_with("https://") || !uri.value.chars().all(fits) {
        let message = format!("`{}` is not an `https://` address", uri.value);
        found.push(Diagnostic::new(Code::Malformed, uri.span, message));
    }
    Some(uri)
}

fn claims(node: &Node, found: &mut Diagnostics) -> Vec<(Spanned<String>, Vec<Spanned<String>>)> {
    let Some(fields) = Fields::any(node, found) else {
        return Vec::new();
    };
    let mut claims = Vec::new();
    for (name, node) in fields.entries() {
        let items = fields::sequence(node, found).unwrap_or_default();
        let values: Vec<_> = items
            .iter()
            .filter_map(|item| fields::text(item, found))
            .collect();
        if values.is_empty() {
            let message = format!("no value of the claim `{}` would do", name.value);
            found.push(Diagnostic::new(Code::Malformed, node.span, message));
        }
        claims.push((name.clone(), values));
    }
    claims
}

/// SPIFFE as Istio writes it: `TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`, without wildcards.
fn check_principal(principal: &Spanned<String>, found: &mut Diagnostics) {
    let parts: Vec<&str> = principal.value.split('/').collect();
    let fits = matches!(parts.as_slice(), [domain, "ns", namespace, "sa", name]
        if is_subdomain(domain) && is_label(namespace) && is_subdomain(name));
    if fits {
        return;
    }
    let message = format!("`{}` is not a principal", principal.value);
    let mut wrong = Diagnostic::new(Code::PrincipalForm, principal.span, message)
        .label("`TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`");
    if let Some(rest) = principal.value.strip_prefix("spiffe://") {
        wrong = wrong
            .help("leave the scheme out")
            .patch(principal.span, rest);
    }
    found.push(wrong);
}

pub(crate) fn check_label(name: &Spanned<String>, found: &mut Diagnostics) {
    if !is_label(&name.value) {
        let message = format!("`{}` is not the name of a namespace", name.value);
        found.push(
            Diagnostic::new(Code::Malformed, name.span, message)
                .label("lower-case letters, digits and `-`, at most 63"),
        );
    }
}

/// RFC 1123 label, as Kubernetes names namespaces.
pub(crate) fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len())
        && text.chars().all(fits)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// RFC 1123 subdomain, as Kubernetes names most objects.
pub(crate) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}
