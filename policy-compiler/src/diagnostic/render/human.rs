//! For people: the lines themselves, underlined. The only file that knows annotate-snippets.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};

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

fn groups<'a>(sources: &'a Sources, finding: &'a Diagnostic) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(finding.message.as_str())
        .id(finding.code.as_str());
    let mut main = Group::with_title(title);
    let mut files: Vec<_> = finding.labels.iter().map(|label| label.span.file).collect();
    files.dedup();
    for file in files {
        let annotations = finding.labels.iter().enumerate();
        let annotations = annotations
            .filter(|(_, label)| label.span.file == file)
            .map(|(place, label)| annotation(place, label));
        main = main.element(
            Snippet::source(sources.text(file))
                .path(sources.name(file))
                .annotations(annotations),
        );
    }
    let help = finding.help.as_deref().unwrap_or("write this instead");
    match &finding.patch {
        Some(patch) => {
            let snippet = Snippet::source(sources.text(patch.span.file)).patch(Patch::new(
                patch.span.start..patch.span.end,
                patch.replacement.as_str(),
            ));
            let group = Group::with_title(Level::HELP.secondary_title(help)).element(snippet);
            vec![main, group]
        }
        None if finding.help.is_some() => vec![main.element(Level::HELP.message(help))],
        None => vec![main],
    }
}

fn annotation(place: usize, label: &crate::diagnostic::Label) -> Annotation<'_> {
    let kind = match place {
        0 => AnnotationKind::Primary,
        _ => AnnotationKind::Context,
    };
    let annotation = kind.span(label.span.start..label.span.end);
    match label.text.as_str() {
        "" => annotation,
        text => annotation.label(text),
    }
}
