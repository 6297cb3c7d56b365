//! `endpoints`: where the server speaks MCP.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};
use mcp_guard_engine::policy::format::EndpointKind;

/// This workload's port, and the paths on it.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// The port of the container.
    pub port: Option<Spanned<u16>>,
    /// Paths that speak MCP, in the order of the text.
    pub mcp: Vec<(Spanned<String>, EndpointKind)>,
    /// Paths that pass uninspected.
    pub open: Vec<Spanned<String>>,
    /// Values of `Origin` that are let in.
    pub origins: Vec<Spanned<String>>,
    /// Values of `:authority` that are let in; none: all.
    pub authorities: Vec<Spanned<String>>,
}

/// The keys of the paths, and the transport that each means.
pub const MCP_KINDS: [(&str, EndpointKind); 3] = [
    ("mcp", EndpointKind::Streamable),
    ("sse", EndpointKind::Sse),
    ("message", EndpointKind::Message),
];

const FORM: &str = "{ port: 8080, mcp: [/mcp] }";

pub(super) const KEYS: &[&str] = &[
    "port",
    "mcp",
    "sse",
    "message",
    "open",
    "origins",
    "authorities",
    "remote",
];

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Endpoints {
    let Some(fields) = node.and_then(|node| Fields::read_as(node, KEYS, FORM, found)) else {
        return Endpoints::default();
    };
    if let Some(remote) = fields.key("remote") {
        let message = "servers outside the mesh are not supported yet";
        found.push(
            Diagnostic::new(Code::NotSupportedYet, remote.span, message)
                .help("describe the port of a workload of your own: `endpoints: { port: 8080, mcp: [/mcp] }`"),
        );
        return Endpoints::default();
    }
    fields.require("port", found);
    let port = fields.port("port", found);
    let mut mcp = Vec::new();
    for (key, kind) in MCP_KINDS {
        let paths = fields.texts(key, found);
        mcp.extend(paths.into_iter().map(|path| (path, kind)));
    }
    if mcp.is_empty() {
        let message = "no path speaks MCP";
        found.push(
            Diagnostic::new(Code::MissingKey, fields.span, message)
                .help("name at least one: `mcp: [/mcp]`"),
        );
    }
    let open = fields.texts("open", found);
    for path in mcp.iter().map(|(path, _)| path).chain(&open) {
        check_path(path, found);
    }
    Endpoints {
        port,
        mcp,
        open,
        origins: fields.texts("origins", found),
        authorities: fields.texts("authorities", found),
    }
}

/// A path without slashes at its end.
pub(crate) fn bare(path: &str) -> &str {
    path.trim_end_matches('/')
}

/// A path with and without a slash at its end: some servers redirect `/mcp` to `/mcp/`, some the
/// other way round.
pub(crate) fn spellings(path: &str) -> Vec<String> {
    match bare(path) {
        "" => vec!["/".to_owned()],
        bare => vec![bare.to_owned(), format!("{bare}/")],
    }
}

/// A path as Envoy normalises it: RFC 3986 `path-absolute` without what would make two spellings of
/// one path, and without what Istio reads as a template.
fn check_path(path: &Spanned<String>, found: &mut Diagnostics) {
    let text = path.value.as_str();
    let fits = |c: char| {
        c.is_ascii_graphic() && !matches!(c, '?' | '#' | '*' | '{' | '}' | '\\' | '%' | ';')
    };
    let ambiguous = text
        .split('/')
        .skip(1)
        .any(|segment| matches!(segment, "." | ".."))
        || text.contains("//");
    if text.starts_with('/') && text.chars().all(fits) && !ambiguous {
        return;
    }
    let message = format!("`{text}` is not a path");
    found.push(
        Diagnostic::new(Code::Malformed, path.span, message).label(
            "begins with `/`, holds no `?`, `#`, `*`, `%`, `;`, `{`, `}`, `\\`, `//` and no dot segments",
        ),
    );
}
