//! `ports`: what else the pod serves, and to whom. Every port that is not named is closed.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Named, is_label, is_subdomain, named};
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};

/// A further port of the pod.
#[derive(Clone, Debug)]
pub struct OtherPort {
    /// Its number.
    pub port: Spanned<u16>,
    /// `NAMESPACE/SERVICE-ACCOUNT` of those who may connect.
    pub service_accounts: Vec<Spanned<String>>,
}

pub(super) const KEYS: &[&str] = &["port", "service_accounts"];

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Named<OtherPort> {
    named(node, found, port)
}

fn port(node: &Node, found: &mut Diagnostics) -> Option<OtherPort> {
    let fields = Fields::read(node, KEYS, found)?;
    fields.require("port", found);
    fields.require("service_accounts", found);
    let accounts = fields.texts("service_accounts", found);
    for account in &accounts {
        let fits = account
            .value
            .split_once('/')
            .is_some_and(|(namespace, name)| is_label(namespace) && is_subdomain(name));
        if !fits {
            let message = format!("`{}` is not `NAMESPACE/SERVICE-ACCOUNT`", account.value);
            found.push(Diagnostic::new(Code::Malformed, account.span, message));
        }
    }
    Some(OtherPort {
        port: fields.port("port", found)?,
        service_accounts: accounts,
    })
}
