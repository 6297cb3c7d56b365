//! `egress`: what the server may reach. Everything else is cut.

use super::callers::{is_label, is_subdomain};
use super::cidr::{self, Cidr};
use super::{Entry, Named};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};

/// What the server may reach.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    /// Hosts outside the mesh, by name.
    pub hosts: Named<EgressHost>,
    /// Services inside the mesh, by `NAMESPACE/SERVICE`.
    pub services: Named<EgressService>,
}

/// A host outside the mesh.
#[derive(Clone, Debug)]
pub struct EgressHost {
    /// The port that is connected to.
    pub port: Spanned<u16>,
    /// Who speaks TLS.
    pub tls: EgressTls,
    /// Its addresses, for the NetworkPolicy, which knows no names.
    pub cidrs: Vec<Spanned<Cidr>>,
    /// Reach it although it is a public LLM.
    pub allow_llm: bool,
}

/// Who speaks TLS to a host outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EgressTls {
    /// The server itself.
    #[default]
    Passthrough,
    /// The sidecar: the server speaks plain HTTP to port 80 of the host's name.
    Originate,
    /// Nobody that the sidecar could see: plain TCP, or TLS that begins midway (PostgreSQL, SMTP).
    Opaque,
}

/// A service inside the mesh.
#[derive(Clone, Debug)]
pub struct EgressService {
    /// Its port.
    pub port: Spanned<u16>,
    /// The port of its pods, where it is another one: a NetworkPolicy sees that.
    pub target_port: Option<Spanned<u16>>,
}

pub(super) const KEYS: &[&str] = &["hosts", "services"];

pub(super) const HOST_KEYS: &[&str] = &["port", "tls", "cidrs", "allow_llm"];

pub(super) const SERVICE_KEYS: &[&str] = &["port", "target_port"];

pub(super) const TLS: &[(&str, EgressTls)] = &[
    ("passthrough", EgressTls::Passthrough),
    ("originate", EgressTls::Originate),
    ("opaque", EgressTls::Opaque),
];

const HTTPS: u16 = 443;

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Egress {
    let Some(fields) = node.and_then(|node| Fields::read(node, KEYS, found)) else {
        return Egress::default();
    };
    Egress {
        hosts: hosts(fields.get("hosts"), found),
        services: services(fields.get("services"), found),
    }
}

fn hosts(node: Option<&Node>, found: &mut Diagnostics) -> Named<EgressHost> {
    let Some(fields) = node.and_then(|node| Fields::any_as(node, "{ HOST: {} }", found)) else {
        return Named::new();
    };
    let mut hosts = Named::new();
    for (name, node) in fields.entries() {
        check_host(name, found);
        if let Some(value) = host(name, node, found) {
            let entry = Entry {
                name: name.span,
                value,
            };
            hosts.insert(name.value.clone(), entry);
        }
    }
    hosts
}

fn host(name: &Spanned<String>, node: &Node, found: &mut Diagnostics) -> Option<EgressHost> {
    let fields = Fields::read(node, HOST_KEYS, found)?;
    let port = fields.port("port", found).unwrap_or(Spanned {
        value: HTTPS,
        span: name.span,
    });
    Some(EgressHost {
        port,
        tls: fields
            .word("tls", TLS, found)
            .map_or_else(EgressTls::default, |tls| tls.value),
        cidrs: cidr::read(&fields, "cidrs", found),
        allow_llm: fields
            .flag("allow_llm", found)
            .is_some_and(|flag| flag.value),
    })
}

/// A DNS name, perhaps with `*.` before it; never an address, never a name of the cluster.
fn check_host(name: &Spanned<String>, found: &mut Diagnostics) {
    let text = name.value.as_str();
    let rest = text.strip_prefix("*.").unwrap_or(text);
    if is_subdomain(rest) && rest.contains('.') && !is_address(rest) {
        return;
    }
    let message = format!("`{text}` is not the name of a host");
    found.push(
        Diagnostic::new(Code::Malformed, name.span, message)
            .label("a full DNS name in lower case, perhaps with `*.` before it"),
    );
}

/// Whether resolvers take it for an IPv4 address: what ends in a number is one, in whatever base
/// (WHATWG URL, section 3.5, "ends in a number checker"; POSIX `inet_addr`).
fn is_address(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_hex = |digits: &str| digits.chars().all(|c| c.is_ascii_hexdigit());
    last.chars().all(|c| c.is_ascii_digit()) || last.strip_prefix("0x").is_some_and(is_hex)
}

/// Reads services of the mesh, by `NAMESPACE/SERVICE`.
pub(crate) fn services(node: Option<&Node>, found: &mut Diagnostics) -> Named<EgressService> {
    let form = "{ NAMESPACE/SERVICE: { port: … } }";
    let Some(fields) = node.and_then(|node| Fields::any_as(node, form, found)) else {
        return Named::new();
    };
    let mut services = Named::new();
    for (name, node) in fields.entries() {
        let fits = name
            .value
            .split_once('/')
            .is_some_and(|(namespace, service)| is_label(namespace) && is_label(service));
        if !fits {
            let message = format!("`{}` is not `NAMESPACE/SERVICE`", name.value);
            found.push(Diagnostic::new(Code::Malformed, name.span, message));
        }
        if let Some(value) = service(node, found) {
            let entry = Entry {
                name: name.span,
                value,
            };
            services.insert(name.value.clone(), entry);
        }
    }
    services
}

fn service(node: &Node, found: &mut Diagnostics) -> Option<EgressService> {
    let fields = Fields::read(node, SERVICE_KEYS, found)?;
    fields.require("port", found);
    let target_port = fields.port("target_port", found);
    let port = fields.port("port", found)?;
    Some(EgressService { port, target_port })
}
