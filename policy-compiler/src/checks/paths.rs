//! Paths of the MCP port that get into each other's way.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Policy, bare};

pub(super) fn check(policy: &Policy, found: &mut Diagnostics) {
    let endpoints = &policy.endpoints;
    for (place, (path, kind)) in endpoints.mcp.iter().enumerate() {
        let mut before = endpoints.mcp.iter().take(place);
        if let Some((first, other)) =
            before.find(|(first, _)| bare(&first.value) == bare(&path.value))
        {
            let same = kind == other;
            let (code, message) = match same {
                true => (
                    Code::RepeatedEntry,
                    format!("`{}` stands twice in the list", path.value),
                ),
                false => (
                    Code::NameDefinedTwice,
                    format!("`{}` is given two transports", path.value),
                ),
            };
            found.push(
                Diagnostic::new(code, path.span, message)
                    .label("again")
                    .also(first.span, "first here")
                    .help("remove one of them"),
            );
        }
    }
    for (place, open) in endpoints.open.iter().enumerate() {
        let mut before = endpoints.open.iter().take(place);
        if let Some(first) = before.find(|first| first.value == open.value) {
            let message = format!("`{}` stands twice in the list", open.value);
            found.push(
                Diagnostic::new(Code::RepeatedEntry, open.span, message)
                    .label("again")
                    .also(first.span, "first here")
                    .help("remove one of them"),
            );
        }
        let mut mcp = endpoints.mcp.iter().map(|(path, _)| path);
        if let Some(path) = mcp.find(|path| routed(&path.value) == routed(&open.value)) {
            let message = format!("the open path `{}` is one that speaks MCP", open.value);
            found.push(
                Diagnostic::new(Code::OpenPathOverlaps, open.span, message)
                    .label("would pass uninspected")
                    .also(path.span, "the same to most servers")
                    .help("remove it: what speaks MCP is never open"),
            );
        }
    }
}

/// What servers route by: many ignore a slash at the end, some the case of letters.
fn routed(path: &str) -> String {
    bare(path).to_ascii_lowercase()
}
