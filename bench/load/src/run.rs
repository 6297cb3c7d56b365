//! A measured run: warm up, count for a fixed time, and read Envoy's processor time at both ends of it.

use crate::certificates::{self, SERVER_NAME};
use crate::latency::Latency;
use crate::worker::{Job, MEASURE, STOP, WARM_UP, Work, work};
use crate::{Arguments, Failure, cpu};
use serde::Serialize;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[derive(Serialize)]
struct Report {
    requests: usize,
    seconds: f64,
    cpu_us_per_request: Option<f64>,
    /// Share of answers after which Envoy closed the connection.
    reconnects: f64,
    latency_us: Latency,
}

/// What lies between the two ends of the counted time.
struct Window {
    seconds: f64,
    cpu_us: Option<u64>,
}

/// Runs the load and prints a report as JSON.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let connections: usize = arguments.number("connections", 8)?;
    let job = job(arguments, connections)?;
    let (window, all) = thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| work(&job)))
            .collect();
        let window = measure(arguments, &job.phase);
        job.phase.store(STOP, Ordering::Relaxed);
        let mut all = Work::default();
        for worker in workers {
            let one = worker.join().map_err(|_| "a worker panicked")??;
            all.latencies.extend(one.latencies);
            all.reconnects += one.reconnects;
        }
        Ok::<_, Failure>((window?, all))
    })?;
    if all.latencies.is_empty() {
        return Err("no request ended in the counted time".into());
    }
    let requests = all.latencies.len();
    let report = Report {
        requests,
        seconds: window.seconds,
        cpu_us_per_request: window.cpu_us.map(|us| us as f64 / requests as f64),
        reconnects: all.reconnects as f64 / requests as f64,
        latency_us: Latency::of(all.latencies),
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

fn job(arguments: &Arguments, connections: usize) -> Result<Job, Failure> {
    let rate: f64 = arguments.number("rate", 0.0)?;
    let interval = if rate > 0.0 {
        Duration::from_secs_f64(connections as f64 / rate)
    } else {
        Duration::ZERO
    };
    let tls = arguments
        .optional("certificates")
        .map(|directory| certificates::client(Path::new(directory)))
        .transpose()?;
    let body = fs::read(arguments.path("request")?)?;
    Ok(Job {
        port: arguments.required("port")?.parse()?,
        tls,
        request: request(arguments.required("path")?, &body),
        status: arguments.number("status", 200)?,
        answer: fs::read(arguments.path("answer")?)?,
        interval,
        phase: AtomicU8::new(WARM_UP),
    })
}

fn request(path: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {SERVER_NAME}\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\nmcp-protocol-version: 2025-06-18\r\n\
         user-identity: alice@example.com\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn measure(arguments: &Arguments, phase: &AtomicU8) -> Result<Window, Failure> {
    let pid: Option<u32> = arguments.optional("pid").map(str::parse).transpose()?;
    let cpu = || pid.map(cpu::microseconds).transpose();
    thread::sleep(Duration::from_secs_f64(arguments.number("warm-up", 0.3)?));
    let (begin, before) = (Instant::now(), cpu()?);
    // A worker that failed has already stopped the run.
    let _ = phase.compare_exchange(WARM_UP, MEASURE, Ordering::Relaxed, Ordering::Relaxed);
    thread::sleep(Duration::from_secs_f64(arguments.number("seconds", 2.0)?));
    let (seconds, after) = (begin.elapsed().as_secs_f64(), cpu()?);
    let cpu_us = before.zip(after).map(|(before, after)| after - before);
    Ok(Window { seconds, cpu_us })
}
