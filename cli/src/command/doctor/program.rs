//! Other programs, run to their end within a time, with whatever they leave behind.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long one of them may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How long its output is waited for once it has ended. Its own is in the pipe by then; a program that
/// it left behind, as `ssh` does, may hold the pipe open for good.
const GRACE: Duration = Duration::from_secs(1);

/// How much one of them may print, of output or of complaints: more than any proxy or namespace has to
/// say. It is kept in memory.
const MOST_MEBIBYTES: usize = 64;

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

/// Runs a program with this input. An error: it could not be run, or did not end in time.
pub(super) fn run(command: &mut Command, input: &str) -> Result<Done, String> {
    run_within(LIMIT, command, input)
}

fn run_within(limit: Duration, command: &mut Command, input: &str) -> Result<Done, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    group::lead(command);
    let mut child = command
        .spawn()
        .map_err(|error| format!("cannot run `{name}`: {error}"))?;
    // All pipes at once, so that none of them is full while another is waited for.
    let (output, errors) = (Pipe::of(child.stdout.take()), Pipe::of(child.stderr.take()));
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_owned();
        // Whoever does not read its input will say what is wrong itself.
        std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    let status = end(&mut child, limit);
    let ended = Instant::now();
    let (output, errors) = (output.text(ended), errors.text(ended));
    if !(output.is_whole && errors.is_whole) {
        group::end(&child);
    }
    if output.is_too_much || errors.is_too_much {
        return Err(format!("`{name}` prints more than {MOST_MEBIBYTES} MiB"));
    }
    let is_success = status.ok_or_else(|| format!("`{name}` does not end within {limit:?}"))?;
    Ok(Done {
        is_success,
        output: output.text,
        errors: errors.text,
    })
}

/// Whether it succeeded. None: it had to be ended.
fn end(child: &mut Child, limit: Duration) -> Option<bool> {
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if began.elapsed() < limit => std::thread::sleep(PAUSE),
            _ => {
                group::end(child);
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

/// What is read at once. None: there is too much, and nothing more is read.
type Piece = Option<Vec<u8>>;

/// What comes out of a program. A thread reads it, which nobody waits for.
struct Pipe {
    pieces: Receiver<Piece>,
}

impl Pipe {
    fn of(source: Option<impl Read + Send + 'static>) -> Self {
        let (sender, pieces) = channel();
        if let Some(source) = source {
            std::thread::spawn(move || read(source, &sender));
        }
        Self { pieces }
    }

    /// Everything until its end, or what has come when the grace is over.
    fn text(&self, ended: Instant) -> Output {
        let (mut bytes, mut is_too_much) = (Vec::new(), false);
        let is_whole = loop {
            let left = GRACE.saturating_sub(ended.elapsed());
            match self.pieces.recv_timeout(left) {
                Ok(Some(piece)) => bytes.extend(piece),
                Ok(None) => is_too_much = true,
                Err(fault) => break fault == RecvTimeoutError::Disconnected && !is_too_much,
            }
        };
        Output {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            is_whole,
            is_too_much,
        }
    }
}

struct Output {
    text: String,
    /// Whether nobody holds the pipe any more.
    is_whole: bool,
    is_too_much: bool,
}

/// Whoever prints too much finds the pipe closed.
fn read(mut source: impl Read, sender: &Sender<Piece>) {
    const LENGTH: usize = 64 * 1024;
    let mut buffer = vec![0; LENGTH];
    let mut left = MOST_MEBIBYTES.saturating_mul(1024 * 1024);
    while let Ok(length @ 1..) = source.read(&mut buffer) {
        let rest = left.checked_sub(length);
        let piece = buffer.get(..length).filter(|_| rest.is_some());
        let is_last = piece.is_none();
        if sender.send(piece.map(<[u8]>::to_vec)).is_err() || is_last {
            return;
        }
        left = rest.unwrap_or_default();
    }
}

/// The programs that a program starts in its turn: one group with it, so that all of them can be ended.
#[cfg(unix)]
mod group {
    use rustix::process::{Pid, Signal, kill_process_group};
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    pub(super) fn lead(command: &mut Command) {
        command.process_group(0);
    }

    /// The group bears the number of the program that leads it, also when that one has ended.
    pub(super) fn end(child: &Child) {
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::{Child, Command};

    pub(super) fn lead(_: &mut Command) {}

    pub(super) fn end(_: &Child) {}
}

#[cfg(all(test, unix))]
mod tests {
    use super::{Done, run, run_within};
    use std::process::Command;
    use std::time::{Duration, Instant};

    /// What a script does within a second, and how long it was waited for.
    fn shell(script: &str) -> (Result<Done, String>, Duration) {
        let began = Instant::now();
        let limit = Duration::from_secs(1);
        let done = run_within(limit, Command::new("sh").args(["-c", script]), "");
        (done, began.elapsed())
    }

    fn lives(process: &str) -> bool {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", process.trim()));
        state.is_ok_and(|state| !state.contains(") Z "))
    }

    #[test]
    fn a_program_that_is_left_behind_is_not_waited_for() {
        let (done, took) = shell("sleep 20 & echo $!");
        let done = done.unwrap();
        assert!(done.is_success);
        assert!(took < Duration::from_secs(10), "{took:?}");
        std::thread::sleep(Duration::from_millis(200));
        assert!(!lives(&done.output), "{} lives", done.output);
    }

    #[test]
    fn the_limit_holds_for_all_of_them() {
        let file = std::env::temp_dir().join(format!("left-behind-{}", std::process::id()));
        let (done, took) = shell(&format!("sleep 20 & echo $! > {}; wait", file.display()));
        assert!(done.is_err_and(|reason| reason == "`sh` does not end within 1s"));
        assert!(took < Duration::from_secs(10), "{took:?}");
        let process = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(file).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        assert!(!lives(&process), "{process} lives");
    }

    #[test]
    fn whoever_prints_without_end_fails() {
        for script in ["yes", "yes & exit 0", "yes >&2", "yes >&2 & exit 0"] {
            let (done, took) = shell(script);
            let reason = done.err().expect("no end, no answer");
            assert_eq!(reason, "`sh` prints more than 64 MiB", "{script}");
            assert!(took < Duration::from_secs(10), "{script}: {took:?}");
        }
    }

    #[test]
    fn what_is_printed_is_read_whole() {
        let script = "cat; head -c 300000 /dev/zero | tr '\\0' x; echo bad >&2; exit 3";
        let done = run(Command::new("sh").args(["-c", script]), "in").unwrap();
        assert!(!done.is_success);
        assert_eq!(done.output.len(), 300_002);
        assert!(done.output.starts_with("inx"));
        assert_eq!(done.errors, "bad\n");
    }
}
