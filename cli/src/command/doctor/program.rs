//! Other programs, run to their end within a time.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long one of them may take.
const LIMIT: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(10);

/// What came of it.
pub(super) struct Done {
    /// Whether it says that it succeeded.
    pub(super) is_success: bool,
    /// What it printed.
    pub(super) output: String,
    /// What it complained of.
    pub(super) errors: String,
}

/// Runs a program with this input. An error: it could not be run.
pub(super) fn run(command: &mut Command, input: &str) -> Result<Done, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| format!("cannot run `{name}`: {error}"))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    // All pipes at once, so that none of them is full while another is waited for.
    let (output, errors, status) = std::thread::scope(|scope| {
        let output = scope.spawn(|| text(stdout));
        let errors = scope.spawn(|| text(stderr));
        if let Some(mut stdin) = stdin {
            // Whoever does not read its input will say what is wrong itself.
            let _ = stdin.write_all(input.as_bytes());
        }
        let status = end(&mut child);
        (output.join(), errors.join(), status)
    });
    let is_success = status.ok_or_else(|| format!("`{name}` does not end within {LIMIT:?}"))?;
    Ok(Done {
        is_success,
        output: output.unwrap_or_default(),
        errors: errors.unwrap_or_default(),
    })
}

fn text(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let _ = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether it succeeded. None: it had to be ended.
fn end(child: &mut Child) -> Option<bool> {
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if began.elapsed() < LIMIT => std::thread::sleep(PAUSE),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}
