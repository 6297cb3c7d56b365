//! Envoy's `/config_dump`: `envoy.admin.v3.ConfigDump`.

use super::chain::Chain;
use crate::doctor::facts::{CLUSTERS, EXTENSIONS, LISTENERS, ROUTES};
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
        dump.section(LISTENERS)?;
        Some(dump)
    }

    fn section(&self, kind: &str) -> Option<&'f Value> {
        let mut sections = self.configs.iter();
        sections.find(|section| text(section, "/@type").ends_with(kind))
    }

    /// None: the section is missing. A list that is empty is left out of it.
    fn list(&self, kind: &str, key: &str) -> Option<&'f [Value]> {
        Some(items(self.section(kind)?, key))
    }

    fn dynamic_listeners(&self) -> impl Iterator<Item = &'f Value> {
        let listeners = self.list(LISTENERS, "/dynamic_listeners");
        listeners.unwrap_or_default().iter()
    }

    /// The listeners that take new connections.
    fn listeners(&self) -> impl Iterator<Item = &'f Value> {
        let listeners = self.dynamic_listeners();
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
        self.dynamic_listeners()
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
        let extensions = self.list(EXTENSIONS, "/ecds_filters");
        let extensions = extensions.unwrap_or_default().iter();
        extensions
            .filter_map(|extension| extension.get("ecds_filter"))
            .filter_map(|extension| {
                Some((text(extension, "/name"), extension.get("typed_config")?))
            })
    }

    /// Names of the clusters that came from istiod: `outbound|443||api.github.com`. None: none came,
    /// though istiod sends some to every proxy.
    pub(super) fn clusters(&self) -> Option<impl Iterator<Item = &'f str>> {
        let clusters = self.list(CLUSTERS, "/dynamic_active_clusters")?;
        let names = clusters
            .iter()
            .map(|cluster| text(cluster, "/cluster/name"));
        (!clusters.is_empty()).then_some(names)
    }

    /// The routes that came by route discovery, most of them of calls that the server makes. None: the
    /// dump says nothing of routes.
    pub(super) fn routes(&self) -> Option<&'f [Value]> {
        self.list(ROUTES, "/dynamic_route_configs")
    }
}
