//! Percentiles of what was measured: every latency is kept, so nothing is rounded into buckets.

use serde::Serialize;
use std::time::Duration;

/// Latencies in microseconds.
#[derive(Debug, Serialize)]
pub struct Latency {
    p50: f64,
    p90: f64,
    p99: f64,
    max: f64,
}

impl Latency {
    /// The percentiles; all zero of nothing.
    pub fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self {
            p50: percentile(&all, 50),
            p90: percentile(&all, 90),
            p99: percentile(&all, 99),
            max: percentile(&all, 100),
        }
    }
}

/// The smallest value that at least `percent` of all do not exceed (nearest rank).
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    let value = sorted.get(rank - 1).copied().unwrap_or_default();
    value.as_nanos() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let all: Vec<_> = (1..=200).rev().map(Duration::from_micros).collect();
        let latency = Latency::of(all);
        assert_eq!(latency.p50, 100.0);
        assert_eq!(latency.p90, 180.0);
        assert_eq!(latency.p99, 198.0);
        assert_eq!(latency.max, 200.0);
        assert_eq!(Latency::of(Vec::new()).p99, 0.0);
    }
}
