//! `user`: the header in which a caller names the human user.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;
use crate::yaml::{Node, fields::Fields};
use mcp_guard_engine::names::HEADER_PREFIX;

pub(in crate::policy) const KEYS: &[&str] = &["header"];

pub(super) fn read(node: &Node, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let fields = Fields::read_as(node, KEYS, "{ header: … }", found)?;
    fields.require("header", found);
    let header = fields.text("header", found)?;
    // RFC 9110, section 5.6.2: token; HTTP/2 wants lower case.
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if header.value.is_empty() || !header.value.chars().all(is_token) {
        let message = format!("`{}` is not the name of a header", header.value);
        found.push(Diagnostic::new(Code::Malformed, header.span, message));
    }
    let header = header.map(|name| name.to_ascii_lowercase());
    if is_taken(&header.value) {
        let message = format!("the header `{}` means something else", header.value);
        found.push(
            Diagnostic::new(Code::Malformed, header.span, message)
                .label("could name no user, and would reach records as if it did")
                .help("let the caller send a header of its own, as in `user-identity`"),
        );
    }
    Some(header)
}

/// Headers that others read: credentials, what HTTP itself needs, hop by hop or end to end (RFC 9110,
/// sections 7.6.1, 8 and 11), and what the mesh, MCP and the guard say of a request.
const TAKEN: [&str; 27] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "last-event-id",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-forwarded-client-cert",
    "x-request-id",
];

const TAKEN_BEGINNINGS: [&str; 4] = ["mcp-", "x-envoy-", "x-istio-", HEADER_PREFIX];

fn is_taken(header: &str) -> bool {
    let mut beginnings = TAKEN_BEGINNINGS.iter();
    TAKEN.contains(&header) || beginnings.any(|beginning| header.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::testing::{DEPLOYMENT, POLICY, try_compiled};

    #[test]
    fn a_header_that_means_something_else_names_no_user() {
        let codes = |header: &str| {
            let policy = POLICY.replace("user-identity", header);
            let (_, found) = try_compiled(&policy, DEPLOYMENT);
            let codes = found.iter().map(|found| found.code);
            codes.filter(|code| *code == Code::Malformed).count()
        };
        for header in [
            "Authorization",
            "cookie",
            "host",
            "\":authority\"",
            "transfer-encoding",
            "Mcp-Session-Id",
            "x-mcp-guard-approval",
            "x-forwarded-client-cert",
            "x-envoy-original-path",
        ] {
            assert_eq!(codes(header), 1, "{header}");
        }
        for header in ["user-identity", "X-Forwarded-Email", "x-auth-request-user"] {
            assert_eq!(codes(header), 0, "{header}");
        }
    }
}
