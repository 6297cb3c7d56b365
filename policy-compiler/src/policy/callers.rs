//! `callers`: who may reach the server, and how each is recognised.

pub(super) mod jwt;
pub(super) mod user;

use super::{Named, ServiceAccount, named};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};
pub use jwt::Jwt;

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

pub(super) const KEYS: &[&str] = &[
    "service_accounts",
    "principals",
    "namespaces",
    "jwt",
    "user",
];

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Named<Caller> {
    named(node, found, caller)
}

fn caller(node: &Node, found: &mut Diagnostics) -> Option<Caller> {
    let fields = Fields::read_as(node, KEYS, "{ service_accounts: [NAMESPACE/NAME] }", found)?;
    let accounts = fields.texts("service_accounts", found);
    let caller = Caller {
        service_accounts: accounts
            .iter()
            .filter_map(|account| ServiceAccount::read(account, found))
            .collect(),
        principals: fields.texts("principals", found),
        namespaces: fields.texts("namespaces", found),
        jwt: fields.get("jwt").and_then(|node| jwt::read(node, found)),
        user_header: fields.get("user").and_then(|node| user::read(node, found)),
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
