//! Every policy and deployment that the documents show compiles as it stands.

use mcp_guard_compiler::compilation::{Input, compile};
use mcp_guard_compiler::deployment::{self, Overrides};
use mcp_guard_compiler::diagnostic::render::{Format, render};
use mcp_guard_compiler::diagnostic::{Diagnostic, Diagnostics};
use mcp_guard_compiler::source::Sources;

const DOCUMENTS: &[(&str, &str)] = &[
    (
        "docs/policy-language.md",
        include_str!("../../docs/policy-language.md"),
    ),
    ("README.md", include_str!("../../README.md")),
];

#[test]
fn policies_in_documents_compile_without_a_finding() {
    for (name, text) in DOCUMENTS {
        let shown = blocks(text, "yaml policy");
        assert!(!shown.is_empty(), "{name} shows no policy");
        for block in shown {
            let mut sources = Sources::default();
            let input = Input {
                policy: sources.add(*name, block),
                imported: Default::default(),
                captured: None,
                deployment: None,
                overrides: Overrides::default(),
            };
            let mut found = Diagnostics::default();
            let compiled = compile(&sources, &input, &mut found);
            nothing(&sources, &found.into_sorted());
            assert!(compiled.is_some());
        }
    }
}

#[test]
fn deployments_in_documents_are_read_without_a_finding() {
    let mut count = 0;
    for (name, text) in DOCUMENTS {
        for block in blocks(text, "yaml deploy") {
            count += 1;
            let mut sources = Sources::default();
            let file = sources.add(*name, block);
            let mut found = Diagnostics::default();
            let read = deployment::read(&sources, file, Overrides::default(), &mut found);
            nothing(&sources, &found.into_sorted());
            assert!(read.is_some());
        }
    }
    assert!(count >= 1, "the documents show {count} deployments");
}

fn nothing(sources: &Sources, found: &[Diagnostic]) {
    let text = render(sources, found, Format::Human { color: false });
    assert!(found.is_empty(), "{text}");
}

/// The bodies of the fenced blocks with this info string.
fn blocks(text: &str, info: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.strip_prefix("```") == Some(info) {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(body.join("\n") + "\n");
        }
    }
    blocks
}
