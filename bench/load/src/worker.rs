//! One client: it sends the same request again and again and checks each answer byte for byte.

use crate::Failure;
use crate::connection::Connection;
use crate::http::Reader;
use rustls::ClientConfig;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What every worker does.
pub struct Job {
    /// Envoy's port.
    pub port: u16,
    /// Mutual TLS, if it is spoken.
    pub tls: Option<Arc<ClientConfig>>,
    /// The whole request, head and body.
    pub request: Vec<u8>,
    /// The status of a right answer.
    pub status: u16,
    /// The body of a right answer.
    pub answer: Vec<u8>,
    /// Time from one request to the next of the same worker; zero: as fast as it goes.
    pub interval: Duration,
    /// Where the run is; see the constants.
    pub phase: AtomicU8,
}

/// Nothing is counted yet.
pub const WARM_UP: u8 = 0;
/// Requests that end now are counted.
pub const MEASURE: u8 = 1;
/// Workers end after their current request.
pub const STOP: u8 = 2;

/// What one worker measured.
#[derive(Default)]
pub struct Work {
    /// Of each request.
    pub latencies: Vec<Duration>,
    /// How many answers Envoy closed the connection after.
    pub reconnects: usize,
}

/// Sends until told to stop.
pub fn work(job: &Job) -> Result<Work, Failure> {
    let result = exchange_all(job);
    if result.is_err() {
        // One wrong answer spoils the run: nobody needs to go on.
        job.phase.store(STOP, Ordering::Relaxed);
    }
    result
}

fn exchange_all(job: &Job) -> Result<Work, Failure> {
    let mut work = Work::default();
    let mut reader = Reader::new(Connection::open(job.port, job.tls.as_ref())?);
    let mut body = Vec::with_capacity(job.answer.len());
    let mut due = Instant::now();
    loop {
        let begin = if job.interval.is_zero() {
            Instant::now()
        } else {
            wait_until(due)
        };
        due += job.interval;
        let close = exchange(job, &mut reader, &mut body)?;
        match job.phase.load(Ordering::Relaxed) {
            MEASURE => {
                work.latencies.push(begin.elapsed());
                work.reconnects += usize::from(close);
            }
            STOP => return Ok(work),
            _ => (),
        }
        if close {
            reader = Reader::new(Connection::open(job.port, job.tls.as_ref())?);
        }
    }
}

/// When the request begins. A request that is late because the one before took long began when it was due:
/// else a slow answer would hide the wait that it caused.
fn wait_until(due: Instant) -> Instant {
    let now = Instant::now();
    let Some(pause) = due.checked_duration_since(now) else {
        return due;
    };
    thread::sleep(pause);
    Instant::now()
}

/// One request and its answer; true if Envoy then closes the connection.
fn exchange(
    job: &Job,
    reader: &mut Reader<Connection>,
    body: &mut Vec<u8>,
) -> Result<bool, Failure> {
    reader.stream().write_all(&job.request)?;
    reader.stream().flush()?;
    let head = reader.head()?.ok_or("closed without an answer")?;
    reader.body(&head, body)?;
    let status = head.first_line.split(' ').nth(1).map(str::parse::<u16>);
    if status != Some(Ok(job.status)) || *body != job.answer {
        return Err(wrong_answer(&head.first_line, body).into());
    }
    Ok(head.close)
}

fn wrong_answer(first_line: &str, body: &[u8]) -> String {
    let start: String = String::from_utf8_lossy(body).chars().take(300).collect();
    format!("not the expected answer: {first_line}: {start}")
}
