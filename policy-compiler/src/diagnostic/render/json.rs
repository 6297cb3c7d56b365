//! For programs: one JSON object a line.

use super::severity;
use crate::diagnostic::Diagnostic;
use crate::source::{Sources, Span};
use serde_json::{Value, json};

pub(super) fn render(sources: &Sources, findings: &[Diagnostic]) -> String {
    let lines = findings
        .iter()
        .map(|finding| format!("{}\n", object(sources, finding)));
    lines.collect()
}

fn object(sources: &Sources, finding: &Diagnostic) -> Value {
    let labels: Vec<Value> = finding
        .labels
        .iter()
        .map(|label| {
            let mut place = place(sources, label.span);
            if let Some(place) = place.as_object_mut() {
                place.insert("text".into(), label.text.as_str().into());
            }
            place
        })
        .collect();
    let patch = finding.patch.as_ref().map(|patch| {
        let mut place = place(sources, patch.span);
        if let Some(place) = place.as_object_mut() {
            place.insert("replacement".into(), patch.replacement.as_str().into());
        }
        place
    });
    json!({
        "code": finding.code.as_str(),
        "severity": severity(finding),
        "message": finding.message,
        "labels": labels,
        "help": finding.help,
        "patch": patch,
    })
}

/// Line and column count from 1, in characters; `start` and `end` are bytes of the file.
fn place(sources: &Sources, span: Span) -> Value {
    let (line, column) = sources.line_column(span);
    json!({
        "file": sources.name(span.file),
        "line": line,
        "column": column,
        "start": span.start,
        "end": span.end,
    })
}
