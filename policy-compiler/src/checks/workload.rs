//! The workload as the objects name it: the server's name, and whose each of its ports is.

use crate::deployment::Deployment;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Policy, is_label};
use crate::source::{Span, Spanned};
use std::collections::BTreeMap;

/// Ports of the mesh's agent and proxy in every pod (Istio, "Application Requirements").
const AGENT_PORTS: [u16; 11] = [
    15000, 15001, 15002, 15004, 15006, 15008, 15009, 15020, 15021, 15053, 15090,
];

pub(super) fn check(policy: &Policy, deployment: Option<&Deployment>, found: &mut Diagnostics) {
    let Some(deployment) = deployment else {
        return;
    };
    check_name(&policy.server, found);
    check_namespace(deployment, found);
    let others = deployment.ports.values().map(|entry| &entry.value.port);
    let mut owners: BTreeMap<u16, Span> = BTreeMap::new();
    for port in policy.endpoints.port.iter().chain(others) {
        if AGENT_PORTS.contains(&port.value) {
            let message = format!("port {} belongs to the mesh's agent", port.value);
            found.push(Diagnostic::new(Code::PortConflict, port.span, message));
        }
        match owners.get(&port.value) {
            Some(first) => found.push(shared(port, *first)),
            None => {
                owners.insert(port.value, port.span);
            }
        }
    }
}

/// Objects of the root namespace select in every namespace.
fn check_namespace(deployment: &Deployment, found: &mut Diagnostics) {
    if deployment.namespace.value != deployment.network.root_namespace {
        return;
    }
    let message = format!(
        "`{}` is the mesh's root namespace",
        deployment.namespace.value
    );
    found.push(
        Diagnostic::new(Code::RootNamespace, deployment.namespace.span, message)
            .label("objects here hold for every namespace")
            .help("let the server run in a namespace of its own"),
    );
}

/// The callers of one would reach the other.
fn shared(port: &Spanned<u16>, first: Span) -> Diagnostic {
    let message = format!("port {} is named twice", port.value);
    Diagnostic::new(Code::PortConflict, port.span, message)
        .also(first, "named here first")
        .help("every port has its callers in one place")
}

/// Objects bear it, followed by what they are; a dot ends it (`SERVER.HOST`), so it holds none.
fn check_name(server: &Spanned<String>, found: &mut Diagnostics) {
    if is_label(&server.value) {
        return;
    }
    let message = format!("`{}` cannot be part of an object's name", server.value);
    found.push(
        Diagnostic::new(Code::Malformed, server.span, message)
            .label("lower-case letters, digits and `-`, at most 63"),
    );
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Code, Severity};
    use crate::testing::{DEPLOYMENT, POLICY, try_compiled};

    #[test]
    fn a_port_is_one_owners() {
        for (policy, ports, code) in [
            (
                "port: 8080",
                "a: { port: 8080, service_accounts: [m/p] }",
                Code::PortConflict,
            ),
            (
                "port: 8080",
                "a: { port: 9090, service_accounts: [m/p] }, b: { port: 9090, service_accounts: [m/q] }",
                Code::PortConflict,
            ),
            (
                "port: 8080",
                "a: { port: 15020, service_accounts: [m/p] }",
                Code::PortConflict,
            ),
            ("port: 15006", "", Code::PortConflict),
        ] {
            let policy = POLICY.replace("port: 8080", policy);
            let (_, found) = try_compiled(&policy, &format!("{DEPLOYMENT}ports: {{ {ports} }}\n"));
            assert!(
                found.iter().any(|found| found.code == code),
                "{ports}: {found:?}"
            );
        }
    }

    #[test]
    fn the_servers_name_names_objects() {
        // A dot would let `a` and its host `b.c` name the object of `a.b` and its host `c`.
        for name in ["GitHub MCP", "a.b"] {
            let policy = POLICY.replace("server: github", &format!("server: {name}"));
            assert_eq!(errors(&policy, DEPLOYMENT), [Code::Malformed], "{name}");
        }
    }

    #[test]
    fn the_root_namespace_is_no_place_for_a_policy() {
        for key in ["istio_namespace", "root_namespace"] {
            let network =
                format!("network: {{ {key}: ai-agents, registry_cidrs: [192.0.2.0/24] }}\n");
            let deployment = format!("{DEPLOYMENT}{network}");
            assert_eq!(errors(POLICY, &deployment), [Code::RootNamespace], "{key}");
        }
    }

    fn errors(policy: &str, deployment: &str) -> Vec<Code> {
        let (compiled, found) = try_compiled(policy, deployment);
        assert!(compiled.is_none());
        let errors = found
            .iter()
            .filter(|found| found.severity == Severity::Error);
        errors.map(|found| found.code).collect()
    }
}
