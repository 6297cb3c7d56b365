//! Counters, gauges and a histogram. Names carry tags in Istio's form, `;.;tag=.=value;.;`.

use crate::host;
use mcp_guard_engine::decision::Reason;
use mcp_guard_engine::mcp::client_method;
use mcp_guard_engine::names::METRIC_PREFIX;
use mcp_guard_engine::policy::format::Approval;
use mcp_guard_engine::record::{Judgement, Record, decision_label};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

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
    /// Streams that a later configuration ended, and why.
    EndedStreams(Reason),
    /// Calls of tools for which a human is asked or told, by level and outcome.
    Approvals(&'static str, &'static str),
    /// Bytes of bodies, `request` or `response`.
    Bytes(&'static str),
}

/// The counters that this plugin has defined so far.
#[derive(Default)]
pub(crate) struct Metrics {
    counters: RefCell<BTreeMap<Counter, u32>>,
    /// Bytes of bodies that are not counted yet, of requests and of answers.
    pending: [Cell<u64>; 2],
    /// The histogram of time.
    time: Cell<Option<u32>>,
}

impl Metrics {
    /// A request was decided.
    pub(crate) fn decided(&self, record: &Record) {
        let method = method_label(record);
        self.count(Counter::Decisions(method, record.reason()), 1);
        if let Some(candidate) = &record.candidate {
            self.count(Counter::CandidateDecisions(method, candidate.reason), 1);
        }
        if let Some((level, outcome)) = record.enforced.as_ref().and_then(approval) {
            self.count(Counter::Approvals(level, outcome), 1);
        }
    }

    /// So much time of a sampled exchange was spent here.
    pub(crate) fn took(&self, time: Duration) {
        let id = self
            .time
            .get()
            .or_else(|| host::histogram(&format!("{METRIC_PREFIX}time_us")));
        self.time.set(id);
        if let (Some(id), Ok(micros)) = (id, u64::try_from(time.as_micros())) {
            host::record(id, micros);
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
            Self::EndedStreams(reason) => tagged("ended_streams", &[("reason", reason.label())]),
            Self::Approvals(level, outcome) => {
                tagged("approvals", &[("level", level), ("outcome", outcome)])
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

/// What came of asking a human. None: nobody is asked.
fn approval(judgement: &Judgement) -> Option<(&'static str, &'static str)> {
    let level = judgement.approval;
    let outcome = match (level, judgement.reason) {
        (Approval::None, _) => return None,
        (Approval::Notify, Reason::Allowed) => "notified",
        (Approval::Required, Reason::Allowed) => "granted",
        (Approval::Required, Reason::ApprovalRequired) => "requested",
        (_, reason) => match reason.label().strip_prefix("approval_")? {
            "replayed" => "replayed",
            _ => "refused",
        },
    };
    Some((level.label(), outcome))
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
