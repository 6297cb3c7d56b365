//! For code scanners: SARIF 2.1.0 (OASIS), one run.

use super::severity;
use crate::diagnostic::{Code, Diagnostic, Label};
use crate::source::{Sources, Span};
use serde_json::{Value, json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn render(sources: &Sources, findings: &[Diagnostic]) -> String {
    let rules: Vec<Value> = Code::ALL
        .iter()
        .map(|code| json!({"id": code.as_str(), "shortDescription": {"text": code.title()}}))
        .collect();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| result(sources, finding))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "mcp-guard",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            // Section 3.27.18: columns count Unicode code points.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(sources: &Sources, finding: &Diagnostic) -> Value {
    let text = match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.code.as_str(),
        "level": severity(finding),
        "message": {"text": text},
    });
    let mut places = finding.labels.iter().map(|label| location(sources, label));
    if let (Some(primary), Some(result)) = (places.next(), result.as_object_mut()) {
        result.insert("locations".into(), json!([primary]));
        let related: Vec<Value> = places.collect();
        if !related.is_empty() {
            result.insert("relatedLocations".into(), related.into());
        }
    }
    if let (Some(patch), Some(result)) = (&finding.patch, result.as_object_mut()) {
        let change = json!([{
            "description": {"text": finding.help},
            "artifactChanges": [{
                "artifactLocation": {"uri": sources.name(patch.span.file)},
                "replacements": [{
                    "deletedRegion": region(sources, patch.span),
                    "insertedContent": {"text": patch.replacement},
                }],
            }],
        }]);
        result.insert("fixes".into(), change);
    }
    result
}

fn location(sources: &Sources, label: &Label) -> Value {
    let mut location = json!({"physicalLocation": {
        "artifactLocation": {"uri": sources.name(label.span.file)},
        "region": region(sources, label.span),
    }});
    if let (false, Some(location)) = (label.text.is_empty(), location.as_object_mut()) {
        location.insert("message".into(), json!({"text": label.text}));
    }
    location
}

fn region(sources: &Sources, span: Span) -> Value {
    let (start_line, start_column) = sources.line_column(span);
    let end = Span {
        start: span.end,
        ..span
    };
    let (end_line, end_column) = sources.line_column(end);
    json!({
        "startLine": start_line,
        "startColumn": start_column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}
