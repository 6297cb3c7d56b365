//! What may be asked of the MCP port, as far as Istio can tell: paths and methods.

use crate::compilation::Compilation;
use crate::policy::spellings;
use mcp_guard_engine::policy::format::EndpointKind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// OAuth discovery of a protected resource (RFC 9728, section 3.1): bare, or before a path.
const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";

/// What is served on the MCP port.
pub(super) struct Operations {
    /// The port, as AuthorizationPolicy writes ports.
    pub(super) port: String,
    /// Paths that speak MCP, by their methods.
    mcp: Vec<Paths>,
    /// Paths that pass the filter uninspected, by any method.
    pub(super) open: Vec<String>,
    /// What a client reads before it has a token.
    discovery: Option<Paths>,
}

/// Paths, and the methods that they are asked by.
struct Paths {
    paths: Vec<String>,
    methods: Vec<&'static str>,
}

impl Operations {
    pub(super) fn of(compilation: &Compilation, with_tokens: bool) -> Self {
        let endpoints = &compilation.policy.endpoints;
        let port = endpoints.port.as_ref().map_or(0, |port| port.value);
        let open = endpoints.open.iter().map(|path| path.value.as_str());
        let open: BTreeSet<String> = open.flat_map(spellings).collect();
        Self {
            port: port.to_string(),
            mcp: mcp(compilation, &open),
            discovery: with_tokens.then(|| discovery(compilation, &open)),
            open: open.into_iter().collect(),
        }
    }

    /// MCP itself.
    pub(super) fn mcp(&self) -> Vec<Value> {
        self.mcp.iter().map(|paths| self.allowed(paths)).collect()
    }

    /// The paths that pass uninspected.
    pub(super) fn open(&self) -> Option<Value> {
        let open = &self.open;
        (!open.is_empty()).then(|| json!({"ports": [self.port], "paths": open}))
    }

    /// OAuth discovery.
    pub(super) fn discovery(&self) -> Option<Value> {
        self.discovery.as_ref().map(|paths| self.allowed(paths))
    }

    /// The whole port.
    pub(super) fn whole_port(&self) -> Value {
        json!({"ports": [self.port]})
    }

    /// Every path but those above, and every method but theirs.
    pub(super) fn everything_else(&self) -> Vec<Value> {
        let known = || self.mcp.iter().chain(&self.discovery);
        let paths: BTreeSet<&String> = known()
            .flat_map(|known| &known.paths)
            .chain(&self.open)
            .collect();
        let methods = known().map(
            |known| json!({"ports": [self.port], "paths": known.paths, "notMethods": known.methods}),
        );
        core::iter::once(json!({"ports": [self.port], "notPaths": paths}))
            .chain(methods)
            .collect()
    }

    fn allowed(&self, paths: &Paths) -> Value {
        json!({"ports": [self.port], "methods": paths.methods, "paths": paths.paths})
    }
}

/// Paths that speak MCP, grouped by their methods. A path of two transports has the methods of both.
fn mcp(compilation: &Compilation, open: &BTreeSet<String>) -> Vec<Paths> {
    let preflights = !compilation.spec.origins.is_empty();
    let mut methods_of: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for endpoint in &compilation.spec.endpoints {
        let path = &endpoint.path;
        if !open.contains(path) {
            let methods = methods(endpoint.kind);
            methods_of.entry(path.clone()).or_default().extend(methods);
        }
    }
    let mut grouped: BTreeMap<Vec<&str>, Vec<String>> = BTreeMap::new();
    for (path, methods) in methods_of {
        grouped
            .entry(in_order(&methods, preflights))
            .or_default()
            .push(path);
    }
    grouped
        .into_iter()
        .map(|(methods, paths)| Paths { paths, methods })
        .collect()
}

/// MCP 2025-11-25, Streamable HTTP; MCP 2024-11-05, HTTP with SSE.
fn methods(kind: EndpointKind) -> &'static [&'static str] {
    match kind {
        EndpointKind::Streamable => &["POST", "GET", "DELETE"],
        EndpointKind::Sse => &["GET"],
        EndpointKind::Message => &["POST"],
    }
}

/// Browsers ask by OPTIONS first; without an origin that is let in, none gets any further.
fn in_order(methods: &BTreeSet<&str>, preflights: bool) -> Vec<&'static str> {
    ["POST", "GET", "DELETE"]
        .into_iter()
        .filter(|method| methods.contains(method))
        .chain(preflights.then_some("OPTIONS"))
        .collect()
}

fn discovery(compilation: &Compilation, open: &BTreeSet<String>) -> Paths {
    let endpoints = compilation.spec.endpoints.iter();
    let paths: BTreeSet<String> = endpoints
        .map(|endpoint| format!("{PROTECTED_RESOURCE}{}", endpoint.path))
        .chain([PROTECTED_RESOURCE.to_owned()])
        .filter(|path| !open.contains(path))
        .collect();
    let methods = BTreeSet::from(["GET"]);
    Paths {
        paths: paths.into_iter().collect(),
        methods: in_order(&methods, !compilation.spec.origins.is_empty()),
    }
}
