//! Counters and gauges. Names carry tags in Istio's form, `;.;tag=.=value;.;`.

use crate::host;
use mcp_guard_engine::mcp::client_method;
use mcp_guard_engine::names::METRIC_PREFIX;
use mcp_guard_engine::record::{Record, decision_label};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The metrics that this plugin has defined so far, by name.
#[derive(Default)]
pub(crate) struct Metrics {
    counters: RefCell<BTreeMap<String, u32>>,
}

impl Metrics {
    /// A request was decided.
    pub(crate) fn decided(&self, record: &Record) {
        let reason = record.reason();
        let tags = [
            ("method", method_label(&record.method)),
            ("decision", decision_label(reason)),
            ("reason", reason.label()),
        ];
        self.count("decisions", &tags, 1);
        let Some(candidate) = &record.candidate else {
            return;
        };
        let tags = [
            ("method", method_label(&record.method)),
            ("decision", decision_label(candidate.reason)),
            ("reason", candidate.reason.label()),
        ];
        self.count("candidate_decisions", &tags, 1);
    }

    /// Adds to a counter.
    pub(crate) fn count(&self, name: &str, tags: &[(&str, &str)], by: u64) {
        let Ok(by) = i64::try_from(by) else {
            return;
        };
        if by > 0
            && let Some(counter) = self.counter(name, tags)
        {
            host::increment(counter, by);
        }
    }

    fn counter(&self, name: &str, tags: &[(&str, &str)]) -> Option<u32> {
        let name = tagged(name, tags);
        let mut counters = self.counters.try_borrow_mut().ok()?;
        if let Some(counter) = counters.get(&name) {
            return Some(*counter);
        }
        let counter = host::counter(&name)?;
        counters.insert(name, counter);
        Some(counter)
    }
}

/// A policy came into force in this worker, or ceased to be: the gauge named after its digest
/// counts the workers that run it.
pub(crate) fn policy_runs(stage: &str, digest: &str, by: i64) {
    if let Some(gauge) = host::gauge(&tagged("policy", &[("stage", stage), ("digest", digest)])) {
        host::increment(gauge, by);
    }
}

fn tagged(name: &str, tags: &[(&str, &str)]) -> String {
    let tags: String = tags
        .iter()
        .map(|(tag, value)| format!("{tag}=.={value};.;"))
        .collect();
    format!("{METRIC_PREFIX}{name};.;{tags}")
}

/// A client must not be able to make names up: unknown methods count together.
fn method_label(method: &str) -> &str {
    match (client_method(method), method) {
        (Some(known), _) => known.name,
        (None, "batch" | "POST" | "GET" | "DELETE" | "OPTIONS") => method,
        (None, "") => "answer",
        (None, _) => "other",
    }
}
