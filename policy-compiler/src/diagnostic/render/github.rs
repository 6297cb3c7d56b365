//! For GitHub: workflow commands that annotate the lines of a pull request.

use super::severity;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

pub(super) fn render(sources: &Sources, findings: &[Diagnostic]) -> String {
    findings
        .iter()
        .map(|finding| command(sources, finding))
        .collect()
}

/// `::error file=F,line=L,col=C,title=T::MESSAGE`.
fn command(sources: &Sources, finding: &Diagnostic) -> String {
    let place = finding.span().map_or_else(String::new, |span| {
        let (line, column) = sources.line_column(span);
        let file = escape_property(sources.name(span.file));
        format!("file={file},line={line},col={column},")
    });
    let help = finding.help.as_deref();
    let message = match help {
        Some(help) => format!("{}\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    };
    format!(
        "::{} {place}title={}::{}\n",
        severity(finding),
        finding.code,
        escape_data(&message)
    )
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}
