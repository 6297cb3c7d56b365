//! For people: the lines themselves, underlined. The only file that knows annotate-snippets.

use super::excerpt::Excerpt;
use super::visible::in_line;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{FileId, Sources, Span};
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet,
};

pub(super) fn render(sources: &Sources, findings: &[Diagnostic], color: bool) -> String {
    let renderer = match color {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    let mut text = String::new();
    for finding in findings {
        text.push_str(&renderer.render(&groups(sources, finding)));
        text.push_str("\n\n");
    }
    text
}

fn groups<'a>(sources: &'a Sources, finding: &Diagnostic) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(in_line(&finding.message))
        .id(finding.code.as_str());
    let mut main = Group::with_title(title);
    let mut files: Vec<_> = finding.labels.iter().map(|label| label.span.file).collect();
    files.dedup();
    for file in files {
        main = main.elements(places(sources, finding, file));
    }
    let help = finding.help.as_deref().map(in_line);
    let Some(patch) = &finding.patch else {
        return vec![match help {
            Some(help) => main.element(Level::HELP.message(help)),
            None => main,
        }];
    };
    let help = help.unwrap_or_else(|| "write this instead".to_owned());
    let excerpt = Excerpt::of(sources, patch.span);
    let snippet = Snippet::source(excerpt.text.clone())
        .line_start(excerpt.line)
        .patch(Patch::new(
            excerpt.range(patch.span),
            in_line(&patch.replacement),
        ));
    let group = Group::with_title(Level::HELP.secondary_title(help)).element(snippet);
    vec![main, group]
}

/// The labels of one file: in one piece of its text, where they stand close together.
fn places<'a>(sources: &'a Sources, finding: &Diagnostic, file: FileId) -> Vec<Element<'a>> {
    let labels = finding.labels.iter().enumerate();
    let labels: Vec<_> = labels
        .filter(|(_, label)| label.span.file == file)
        .collect();
    let spans = || labels.iter().map(|(_, label)| label.span);
    let whole = Span {
        file,
        start: spans().map(|span| span.start).min().unwrap_or_default(),
        end: spans().map(|span| span.end).max().unwrap_or_default(),
    };
    let excerpt = Excerpt::of(sources, whole);
    if !excerpt.is_cut {
        return elements(sources, &excerpt, &labels);
    }
    labels
        .into_iter()
        .flat_map(|label| {
            let excerpt = Excerpt::of(sources, label.1.span);
            elements(sources, &excerpt, &[label])
        })
        .collect()
}

fn elements<'a>(
    sources: &'a Sources,
    excerpt: &Excerpt<'a>,
    labels: &[(usize, &Label)],
) -> Vec<Element<'a>> {
    let Some((_, first)) = labels.first() else {
        return Vec::new();
    };
    let path = in_line(sources.name(first.span.file));
    if excerpt.is_cut {
        // Too long to be underlined. The column is that of the whole line.
        let (line, column) = sources.line_column(first.span);
        let origin = Origin::path(path).line(line).char_column(column);
        let there = format!("`{}…` {}", in_line(&excerpt.text), in_line(&first.text));
        return vec![
            origin.into(),
            Level::NOTE.message(there.trim_end().to_owned()).into(),
        ];
    }
    let annotations = labels
        .iter()
        .map(|(place, label)| annotation(*place, label, excerpt));
    let snippet = Snippet::source(excerpt.text.clone())
        .line_start(excerpt.line)
        .annotations(annotations);
    vec![snippet.path(path).into()]
}

fn annotation<'a>(place: usize, label: &Label, excerpt: &Excerpt<'_>) -> Annotation<'a> {
    let kind = match place {
        0 => AnnotationKind::Primary,
        _ => AnnotationKind::Context,
    };
    let annotation = kind.span(excerpt.range(label.span));
    match label.text.as_str() {
        "" => annotation,
        text => annotation.label(in_line(text)),
    }
}
