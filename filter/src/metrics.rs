//! Counters and gauges. Names carry tags in Istio's form, `;.;tag=.=value;.;`.

use crate::host;
use mcp_guard_engine::decision::Reason;
use mcp_guard_engine::mcp::client_method;
use mcp_guard_engine::names::METRIC_PREFIX;
use mcp_guard_engine::record::{Record, decision_label};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// What a counter counts. Names are made and defined once, at the first count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counter {
    /// Decided requests, by MCP method and reason.
    Decisions(&'static str, Reason),
    /// What the candidate would have decided.
    CandidateDecisions(&'static str, Reason),
    /// Items taken out of answers, by kind.
    FilteredItems(&'static str),
    /// What the candidate would have taken out.
    CandidateFilteredItems(&'static str),
    /// Answers that were refused, wholly or in part.
    RefusedAnswers(Reason),
    /// Bytes of bodies, `request` or `response`.
    Bytes(&'static str),
}

/// The counters that this plugin has defined so far.
#[derive(Default)]
pub(crate) struct Metrics {
    counters: RefCell<BTreeMap<Counter, u32>>,
    /// Bytes of bodies that are not counted yet, of requests and of answers.
    pending: [Cell<u64>; 2],
}

impl Metrics {
    /// A request was decided.
    pub(crate) fn decided(&self, record: &Record) {
        let method = method_label(record);
        self.count(Counter::Decisions(method, record.reason()), 1);
        if let Some(candidate) = &record.candidate {
            self.count(Counter::CandidateDecisions(method, candidate.reason), 1);
        }
    }

    /// An answer was judged.
    pub(crate) fn answered(&self, record: &Record) {
        for (kind, count) in record.answer.removed.counts() {
            self.count(Counter::FilteredItems(kind), u64::from(count));
        }
        for (kind, count) in record.candidate_answer.removed.counts() {
            self.count(Counter::CandidateFilteredItems(kind), u64::from(count));
        }
        if let Some(reason) = record.answer.reason {
            self.count(Counter::RefusedAnswers(reason), 1);
        }
    }

    /// Bodies have passed. Their bytes are counted later, by [`Metrics::flush`]: two calls of the host
    /// a second instead of two a request.
    pub(crate) fn passed(&self, request_bytes: u64, response_bytes: u64) {
        for (pending, bytes) in self.pending.iter().zip([request_bytes, response_bytes]) {
            pending.set(pending.get().saturating_add(bytes));
        }
    }

    /// Counts what is pending.
    pub(crate) fn flush(&self) {
        for (pending, direction) in self.pending.iter().zip(["request", "response"]) {
            self.count(Counter::Bytes(direction), pending.take());
        }
    }

    /// Adds to a counter.
    pub(crate) fn count(&self, counter: Counter, by: u64) {
        let Ok(by) = i64::try_from(by) else {
            return;
        };
        if by > 0
            && let Some(id) = self.id(counter)
        {
            host::increment(id, by);
        }
    }

    fn id(&self, counter: Counter) -> Option<u32> {
        let mut counters = self.counters.try_borrow_mut().ok()?;
        if let Some(id) = counters.get(&counter) {
            return Some(*id);
        }
        let id = host::counter(&counter.name())?;
        counters.insert(counter, id);
        Some(id)
    }
}

impl Counter {
    fn name(self) -> String {
        let decision = |name, method, reason: Reason| {
            let tags = [
                ("method", method),
                ("decision", decision_label(reason)),
                ("reason", reason.label()),
            ];
            tagged(name, &tags)
        };
        match self {
            Self::Decisions(method, reason) => decision("decisions", method, reason),
            Self::CandidateDecisions(method, reason) => {
                decision("candidate_decisions", method, reason)
            }
            Self::FilteredItems(kind) => tagged("filtered_items", &[("kind", kind)]),
            Self::CandidateFilteredItems(kind) => {
                tagged("candidate_filtered_items", &[("kind", kind)])
            }
            Self::RefusedAnswers(reason) => {
                tagged("refused_answers", &[("reason", reason.label())])
            }
            Self::Bytes(direction) => tagged("bytes", &[("direction", direction)]),
        }
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
    let mut full = format!("{METRIC_PREFIX}{name};.;");
    for (tag, value) in tags {
        for part in [tag, "=.=", value, ";.;"] {
            full.push_str(part);
        }
    }
    full
}

/// A client must not be able to make names up: unknown methods count together.
fn method_label(record: &Record) -> &'static str {
    if let Some(known) = client_method(&record.method) {
        return known.name;
    }
    let (name, known): (&str, &[&'static str]) = match record.method.is_empty() {
        true => (&record.http_method, &["POST", "GET", "DELETE", "OPTIONS"]),
        false => (&record.method, &["answer", "batch"]),
    };
    known
        .iter()
        .find(|label| **label == name)
        .unwrap_or(&"other")
}
