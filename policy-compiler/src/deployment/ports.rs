//! `ports`: what else the pod serves, and to whom. Every port that is not named is closed.

use crate::diagnostic::Diagnostics;
use crate::policy::{Named, ServiceAccount, named};
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};

/// A further port of the pod.
#[derive(Clone, Debug)]
pub struct OtherPort {
    /// Its number.
    pub port: Spanned<u16>,
    /// Those who may connect.
    pub service_accounts: Vec<Spanned<ServiceAccount>>,
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
    Some(OtherPort {
        port: fields.port("port", found)?,
        service_accounts: accounts
            .iter()
            .filter_map(|account| ServiceAccount::read(account, found))
            .collect(),
    })
}
