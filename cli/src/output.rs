//! Standard output: artefacts, and nothing else.

use crate::report::could_not_run;
use mcp_guard_compiler::diagnostic::render::visible;
use std::io::{self, Write};
use std::process::ExitCode;

/// Writes an artefact.
pub(crate) fn print(text: &str) -> ExitCode {
    show(text, ExitCode::SUCCESS)
}

/// Writes an answer to a person with an exit status of its own. What policies, cases and servers say
/// in it stays text.
pub(crate) fn answer(text: &str, status: ExitCode) -> ExitCode {
    show(&visible(text), status)
}

/// Writes an answer with an exit status of its own, which counts once the answer is written.
pub(crate) fn show(text: &str, status: ExitCode) -> ExitCode {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Ok(()) => status,
        // Whoever reads (`head`, say) has enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => status,
        Err(error) => could_not_run(&format!("cannot write: {error}")),
    }
}

/// Says something to the person at the terminal. That nobody listens is no failure.
pub(crate) fn tell(text: &str) {
    tell_raw(&visible(text));
}

/// The same, as it stands: with colours, or for a program.
pub(crate) fn tell_raw(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
