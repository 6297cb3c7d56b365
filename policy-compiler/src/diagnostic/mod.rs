//! What is wrong with a source, where, and what to do about it.
//!
//! A [`Diagnostic`] is plain data; the renderers in [`render`] turn it into text, JSON, SARIF or
//! annotations of a GitHub workflow.

mod code;
pub mod render;
mod suggestion;

pub use code::{Code, Severity};
pub use suggestion::closest;

use crate::source::Span;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence: lower case, no full stop, names in back-ticks.
    pub message: String,
    /// Where; the first one is the primary place. Empty: the finding is about no place of a file.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// The change that mends it, where it is certain.
    pub patch: Option<Patch>,
}

/// A place that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there; may be empty.
    pub text: String,
}

/// A replacement of what stands in a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// What to replace.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

impl Diagnostic {
    /// A finding at a place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            labels: vec![Label {
                span,
                text: String::new(),
            }],
            ..Self::unplaced(code, message)
        }
    }

    /// A finding that stands in no file.
    pub fn unplaced(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            labels: Vec::new(),
            help: None,
            patch: None,
        }
    }

    /// The same finding as a warning: legal, but suspicious.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Says what is wrong at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = self.labels.first_mut() {
            primary.text = text.into();
        }
        self
    }

    /// Points at a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn patch(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.patch = Some(Patch {
            span,
            replacement: replacement.into(),
        });
        self
    }

    /// The primary place.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// The findings of one compilation.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Adds findings.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.found.extend(diagnostics);
    }

    /// Whether one of them stops the compilation.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.found
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether an error lies within a place, so that what follows from it need not be said.
    #[must_use]
    pub fn has_error_in(&self, place: Span) -> bool {
        self.found.iter().any(|diagnostic| {
            let within = |span: Span| {
                span.file == place.file && place.start <= span.start && span.end <= place.end
            };
            diagnostic.severity == Severity::Error && diagnostic.span().is_some_and(within)
        })
    }

    /// The findings in the order of their places, each once; those without a place come last.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by(|a, b| order(a).cmp(&order(b)));
        self.found.dedup();
        self.found
    }
}

fn order(diagnostic: &Diagnostic) -> (bool, Option<Span>, Code, &str) {
    let span = diagnostic.span();
    (
        span.is_none(),
        span,
        diagnostic.code,
        diagnostic.message.as_str(),
    )
}
