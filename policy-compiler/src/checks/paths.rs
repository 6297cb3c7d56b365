//! Paths of the MCP port that get into each other's way.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Policy, bare};
use crate::source::Spanned;
use mcp_guard_engine::policy::format::EndpointKind;

pub(super) fn check(policy: &Policy, found: &mut Diagnostics) {
    let endpoints = &policy.endpoints;
    for (place, path) in endpoints.mcp.iter().enumerate() {
        let mut before = endpoints.mcp.iter().take(place);
        let first = before.find(|(first, _)| bare(&first.value) == bare(&path.0.value));
        found.extend(first.map(|first| speaks_twice(first, path)));
    }
    for (place, open) in endpoints.open.iter().enumerate() {
        let mut before = endpoints.open.iter().take(place);
        let first = before.find(|first| first.value == open.value);
        found.extend(first.map(|first| twice(open, first)));
        let mut mcp = endpoints.mcp.iter().map(|(path, _)| path);
        let mcp = mcp.find(|path| routed(&path.value) == routed(&open.value));
        found.extend(mcp.map(|path| overlap(open, path)));
    }
}

type McpPath = (Spanned<String>, EndpointKind);

fn speaks_twice((first, kind): &McpPath, (again, other): &McpPath) -> Diagnostic {
    if kind == other {
        return twice(again, first);
    }
    let message = format!("`{}` is given two transports", again.value);
    again_at(Code::NameDefinedTwice, message, again, first)
}

fn twice(again: &Spanned<String>, first: &Spanned<String>) -> Diagnostic {
    let message = format!("`{}` stands twice in the list", again.value);
    again_at(Code::RepeatedEntry, message, again, first)
}

fn again_at(
    code: Code,
    message: String,
    again: &Spanned<String>,
    first: &Spanned<String>,
) -> Diagnostic {
    Diagnostic::new(code, again.span, message)
        .label("again")
        .also(first.span, "first here")
        .help("remove one of them")
}

fn overlap(open: &Spanned<String>, mcp: &Spanned<String>) -> Diagnostic {
    let message = format!("the open path `{}` is one that speaks MCP", open.value);
    Diagnostic::new(Code::OpenPathOverlaps, open.span, message)
        .label("would pass uninspected")
        .also(mcp.span, "the same to most servers")
        .help("remove it: what speaks MCP is never open")
}

/// What servers route by: many ignore a slash at the end, some the case of letters.
fn routed(path: &str) -> String {
    bare(path).to_ascii_lowercase()
}
