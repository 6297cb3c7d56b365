//! Service accounts, by which Istio knows pods.

use super::{is_label, is_subdomain};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;

/// The trust domain that stands for all of the mesh's, in Istio and in the engine.
pub const TRUST_DOMAIN_ALIAS: &str = "cluster.local";

/// A service account, written `NAMESPACE/SERVICE-ACCOUNT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl ServiceAccount {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (namespace, name) = text.split_once('/')?;
        (is_label(namespace) && is_subdomain(name)).then(|| Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        })
    }

    /// Reads one. None: it is malformed, and that is said.
    pub(crate) fn read(
        written: &Spanned<String>,
        found: &mut Diagnostics,
    ) -> Option<Spanned<Self>> {
        let Some(value) = Self::parse(&written.value) else {
            let message = format!("`{}` is not `NAMESPACE/SERVICE-ACCOUNT`", written.value);
            found.push(Diagnostic::new(Code::Malformed, written.span, message));
            return None;
        };
        Some(Spanned {
            value,
            span: written.span,
        })
    }

    /// Its identity in the mesh's own trust domains, as Istio writes principals.
    #[must_use]
    pub fn principal(&self) -> String {
        let Self { namespace, name } = self;
        format!("{TRUST_DOMAIN_ALIAS}/ns/{namespace}/sa/{name}")
    }
}
