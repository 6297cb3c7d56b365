//! The lists in `tests/uri/` and the output of `uri_corpus`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken list is a failed test"
)]

use std::path::Path;

/// URIs and templates, one on each line, as they are sent.
pub(crate) fn legitimate() -> Vec<String> {
    lines("legitimate.txt").collect()
}

/// The same, but each line is the inside of a JSON string.
pub(crate) fn attacks() -> Vec<String> {
    lines("attacks.txt")
        .map(|line| json(&format!("\"{line}\"")))
        .collect()
}

/// Roots and accepted URIs.
pub(crate) fn corpus(output: &str) -> Vec<(String, String)> {
    output
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .map(|(root, uri)| (json(root), json(uri)))
        .collect()
}

fn lines(file: &str) -> impl Iterator<Item = String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("uri").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines
        .into_iter()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn json(text: &str) -> String {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
