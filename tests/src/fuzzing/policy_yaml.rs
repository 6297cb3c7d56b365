//! Policies as they are written: whatever the text, what is wrong with it has a place in it, and what
//! compiles does so again, to the same bytes.

use mcp_guard_compiler::compilation::{Compilation, Input, compile};
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::render::{Format, render};
use mcp_guard_compiler::diagnostic::{Code, Diagnostic, Diagnostics};
use mcp_guard_compiler::source::Sources;

/// Reads a policy, and behind NUL characters a deployment and a tool list, if there are any.
pub fn policy_yaml(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let (compiled, found, sources) = compiled(text);
    for finding in &found {
        check(finding, &sources);
    }
    for format in [
        Format::Human { color: false },
        Format::Json,
        Format::Sarif,
        Format::Github,
    ] {
        let said = render(&sources, &found, format);
        assert!(found.is_empty() || !said.is_empty());
    }
    let Some(made) = compiled else {
        return;
    };
    let again = self::compiled(text).0;
    let again = again.map(|again| (again.plugin_config, again.digest));
    assert_eq!(again, Some((made.plugin_config, made.digest)));
}

fn compiled(text: &str) -> (Option<Compilation>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let mut parts = text.split('\0');
    let mut add = |name: &str| parts.next().map(|part| sources.add(name, part));
    let Some(policy) = add("policy.yaml") else {
        return (None, Vec::new(), sources);
    };
    let input = Input {
        policy,
        imported: Default::default(),
        deployment: add("deploy.yaml"),
        captured: add("tools.json"),
        overrides: Overrides::default(),
    };
    let mut found = Diagnostics::default();
    let compiled = compile(&sources, &input, &mut found);
    (compiled, found.into_sorted(), sources)
}

fn check(finding: &Diagnostic, sources: &Sources) {
    assert_ne!(finding.code, Code::Internal, "{}", finding.message);
    assert!(!finding.labels.is_empty(), "{finding:?}");
    let patched = finding.patch.iter().map(|patch| patch.span);
    for span in finding.labels.iter().map(|label| label.span).chain(patched) {
        let text = sources.text(span.file);
        assert!(text.get(span.start..span.end).is_some(), "{finding:?}");
    }
}
