//! One filter chain: `envoy.config.listener.v3.FilterChain`.

use super::rbac;
use crate::doctor::value::{any, items, text};
use serde_json::Value;

const HTTP_CONNECTION_MANAGER: &str = "envoy.filters.network.http_connection_manager";
const BLACKHOLE: &str = "BlackHoleCluster";
const TLS: &str = "DownstreamTlsContext";

/// Filters, for HTTP or bytes, behind which no other is asked.
const LAST: [&str; 3] = [".Router", ".HttpConnectionManager", ".TcpProxy"];

/// A filter chain of an active listener.
#[derive(Clone, Copy)]
pub(super) struct Chain<'f> {
    value: &'f Value,
}

impl<'f> Chain<'f> {
    pub(super) fn new(value: &'f Value) -> Self {
        Self { value }
    }

    /// The chain as a whole.
    pub(super) fn value(&self) -> &'f Value {
        self.value
    }

    /// Its name, and what it is chosen by, for messages.
    pub(super) fn title(&self) -> String {
        let name = match text(self.value, "/name") {
            "" => "a filter chain",
            name => name,
        };
        match text(self.value, "/filter_chain_match/transport_protocol") {
            "" => format!("`{name}`"),
            protocol => format!("`{name}` ({protocol})"),
        }
    }

    /// The port that it is for. None: any.
    pub(super) fn port(&self) -> Option<u16> {
        let port = self.value.pointer("/filter_chain_match/destination_port")?;
        u16::try_from(port.as_u64()?).ok()
    }

    /// Whether nothing comes out of it.
    pub(super) fn is_blackhole(&self) -> bool {
        let filters = items(self.value, "/filters");
        filters
            .iter()
            .all(|filter| text(filter, "/typed_config/cluster") == BLACKHOLE)
    }

    /// Whether a client must show a certificate that the mesh signed.
    pub(super) fn requires_certificate(&self) -> bool {
        let takes_any = |key: &str, value: &Value| {
            key == "trust_chain_verification" && value == "ACCEPT_UNTRUSTED"
        };
        let context = self.value.pointer("/transport_socket/typed_config");
        context.is_some_and(|context| {
            text(context, "/@type").ends_with(TLS)
                && context.get("require_client_certificate") == Some(&Value::Bool(true))
                && context.get("common_tls_context").is_some_and(verifies)
                && !any(context, &takes_any)
        })
    }

    /// What judges HTTP. None: it passes bytes.
    pub(super) fn http(&self) -> Option<&'f Value> {
        let mut filters = items(self.value, "/filters").iter();
        let manager = filters.find(|filter| text(filter, "/name") == HTTP_CONNECTION_MANAGER)?;
        manager.get("typed_config")
    }

    /// The HTTP filters, in their order.
    pub(super) fn http_filters(&self) -> &'f [Value] {
        self.http()
            .map(|http| items(http, "/http_filters"))
            .unwrap_or_default()
    }

    /// Whether a request that asks for an upgrade goes by other filters than these.
    pub(super) fn has_filters_of_upgrades(&self) -> bool {
        let upgrades = self.http().map(|http| items(http, "/upgrade_configs"));
        let mut upgrades = upgrades.unwrap_or_default().iter();
        upgrades.any(|upgrade| !items(upgrade, "/filters").is_empty())
    }

    /// Its RBAC filters that act, for HTTP or bytes.
    fn rbac(&self) -> impl Iterator<Item = &'f Value> {
        let lists = [items(self.value, "/filters"), self.http_filters()];
        let all = lists
            .into_iter()
            .flat_map(|list| list.iter().take_while(|filter| !is_last(filter)));
        all.filter(|filter| is_rbac(filter) && filter.get("disabled") != Some(&Value::Bool(true)))
            .filter_map(|filter| filter.get("typed_config"))
    }

    /// The rules of its RBAC filters for an action, by their names. `key` is `rules`, or
    /// `shadow_rules` for those of a dry run.
    pub(super) fn rules(&self, key: &str, action: &str) -> Vec<(&'f str, &'f Value)> {
        // Envoy ignores rules beside a matcher.
        let matcher = key.replace("rules", "matcher");
        let by_rules = self.rbac().filter(|config| config.get(&matcher).is_none());
        let rules = by_rules
            .filter_map(|config| config.get(key))
            .filter(|rules| rbac::action(rules) == action);
        let policies = rules.filter_map(|rules| rules.get("policies")?.as_object());
        policies
            .flatten()
            .map(|(name, rule)| (name.as_str(), rule))
            .collect()
    }

    /// Whether something in it leads to this cluster.
    pub(super) fn leads_to(&self, cluster: &str) -> bool {
        any(self.value, &|key, value| {
            key == "cluster" && value.as_str() == Some(cluster)
        })
    }
}

/// Whether a `CommonTlsContext` says by whom certificates must be signed. Without that, any passes, whatever
/// names it must bear.
fn verifies(tls: &Value) -> bool {
    const AUTHORITIES: [&str; 6] = [
        "/validation_context/trusted_ca",
        "/validation_context/custom_validator_config",
        "/validation_context_sds_secret_config",
        "/combined_validation_context/default_validation_context/trusted_ca",
        "/combined_validation_context/default_validation_context/custom_validator_config",
        "/combined_validation_context/validation_context_sds_secret_config",
    ];
    let mut authorities = AUTHORITIES.iter();
    authorities.any(|place| tls.pointer(place).is_some())
}

/// Whether a filter is the last of those that act.
pub(super) fn is_last(filter: &Value) -> bool {
    let kind = text(filter, "/typed_config/@type");
    LAST.iter().any(|last| kind.ends_with(last))
}

/// Whether a filter, for HTTP or bytes, is RBAC.
pub(super) fn is_rbac(filter: &Value) -> bool {
    text(filter, "/typed_config/@type").ends_with(".RBAC")
}
