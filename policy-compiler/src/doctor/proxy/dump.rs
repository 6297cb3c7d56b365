//! Envoy's `/config_dump`: `envoy.admin.v3.ConfigDump`.

use super::chain::Chain;
use crate::doctor::value::{items, text};
use serde_json::Value;

/// The parts of it that matter here.
#[derive(Clone, Copy)]
pub(super) struct Dump<'f> {
    configs: &'f [Value],
}

impl<'f> Dump<'f> {
    /// None: it holds no listeners.
    pub(super) fn new(value: &'f Value) -> Option<Self> {
        let dump = Self {
            configs: items(value, "/configs"),
        };
        dump.section("ListenersConfigDump")?;
        Some(dump)
    }

    fn section(&self, kind: &str) -> Option<&'f Value> {
        let mut sections = self.configs.iter();
        sections.find(|section| text(section, "/@type").ends_with(kind))
    }

    fn list(&self, kind: &str, key: &str) -> &'f [Value] {
        let section = self.section(kind).unwrap_or(&Value::Null);
        items(section, key)
    }

    /// The listeners that take new connections.
    fn listeners(&self) -> impl Iterator<Item = &'f Value> {
        let listeners = self
            .list("ListenersConfigDump", "/dynamic_listeners")
            .iter();
        listeners.filter_map(|listener| listener.pointer("/active_state/listener"))
    }

    fn chains(&self, direction: &str) -> Vec<Chain<'f>> {
        let listeners = self.listeners();
        listeners
            .filter(|listener| text(listener, "/traffic_direction") == direction)
            .flat_map(|listener| {
                let chains = items(listener, "/filter_chains").iter();
                chains.chain(listener.get("default_filter_chain"))
            })
            .map(Chain::new)
            .collect()
    }

    /// The filter chains of calls that come in.
    pub(super) fn inbound(&self) -> Vec<Chain<'f>> {
        self.chains("INBOUND")
    }

    /// Those of calls that the server makes.
    pub(super) fn outbound(&self) -> Vec<Chain<'f>> {
        self.chains("OUTBOUND")
    }

    /// Listeners whose last update was refused, and why.
    pub(super) fn refused(&self) -> impl Iterator<Item = (&'f str, &'f str)> {
        let listeners = self
            .list("ListenersConfigDump", "/dynamic_listeners")
            .iter();
        listeners
            .filter(|listener| listener.get("error_state").is_some())
            .map(|listener| {
                (
                    text(listener, "/name"),
                    text(listener, "/error_state/details"),
                )
            })
    }

    /// What came by extension discovery: names and configurations.
    pub(super) fn extensions(&self) -> impl Iterator<Item = (&'f str, &'f Value)> {
        let extensions = self.list("EcdsConfigDump", "/ecds_filters").iter();
        extensions
            .filter_map(|extension| extension.get("ecds_filter"))
            .filter_map(|extension| {
                Some((text(extension, "/name"), extension.get("typed_config")?))
            })
    }

    /// Names of the clusters that came from istiod: `outbound|443||api.github.com`.
    pub(super) fn clusters(&self) -> impl Iterator<Item = &'f str> {
        let clusters = self
            .list("ClustersConfigDump", "/dynamic_active_clusters")
            .iter();
        clusters.map(|cluster| text(cluster, "/cluster/name"))
    }

    /// The routes of calls that the server makes.
    pub(super) fn routes(&self) -> &'f [Value] {
        self.list("RoutesConfigDump", "/dynamic_route_configs")
    }
}
