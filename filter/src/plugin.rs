//! The plugin: one configuration in one worker.

use crate::memory::Memory;
use crate::metrics::{Metrics, policy_runs};
use crate::stream::Stream;
use crate::succession::{self, Term};
use crate::{approvals, host};
use mcp_guard_engine::policy::Guard;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{ContextType, LogLevel};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// How often pending counts are written, and open streams of earlier configurations judged.
const TICK: Duration = Duration::from_secs(1);

/// The same for the first time: when the main thread has withdrawn the earlier configuration, and calls
/// that were under way are over.
const FIRST_TICK: Duration = Duration::from_millis(500);

/// What all streams of a worker share.
#[derive(Default)]
pub(crate) struct Shared {
    /// The policies in force. None: every request is refused.
    pub(crate) guard: Option<Guard>,
    pub(crate) metrics: Metrics,
    /// What the bodies of all streams take.
    pub(crate) memory: Rc<Memory>,
    /// Since when, and until when, this is in force.
    pub(crate) term: Term,
    /// Exchanges so far, as far as one in [`SAMPLED`] is told from the others.
    count: Cell<u32>,
}

/// One exchange in so many is timed, the first among them.
const SAMPLED: u32 = 64;

impl Shared {
    /// Whether the next exchange is timed.
    pub(crate) fn sample(&self) -> bool {
        let count = self.count.get();
        self.count.set(count.wrapping_add(1) % SAMPLED);
        count == 0
    }
}

/// The root context.
#[derive(Default)]
pub(crate) struct Plugin {
    /// The context's id.
    id: u32,
    shared: Rc<Shared>,
    /// Whether its first tick is over.
    ticked: bool,
}

impl RootContext for Plugin {
    fn on_configure(&mut self, size: usize) -> bool {
        let text = host::configuration(size);
        let guard = match Guard::from_json(&text) {
            Ok(guard) => guard,
            Err(fault) => {
                host::log(
                    LogLevel::Error,
                    &format!("mcp-guard: configuration rejected: {fault}"),
                );
                return false;
            }
        };
        self.announce(1, &guard);
        host::declare_record();
        approvals::begin(&guard);
        host::set_tick_period(FIRST_TICK);
        let most = guard.policies().map(|policy| policy.limits.held_bytes);
        self.shared = Rc::new(Shared {
            memory: Rc::new(Memory::new(most.max().unwrap_or_default())),
            term: Term::of(&text),
            guard: Some(guard),
            metrics: Metrics::default(),
            count: Cell::default(),
        });
        succession::begin(&self.shared);
        true
    }

    fn on_tick(&mut self) {
        if !core::mem::replace(&mut self.ticked, true) {
            host::set_tick_period(TICK);
        }
        self.shared.metrics.flush();
        succession::judge(self.id, &self.shared);
    }

    fn create_http_context(&self, context: u32) -> Option<Box<dyn HttpContext>> {
        self.shared.term.is_used();
        Some(Box::new(Stream::new(context, Rc::clone(&self.shared))))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Context for Plugin {
    fn on_done(&mut self) -> bool {
        self.shared.metrics.flush();
        if let Some(guard) = &self.shared.guard {
            self.announce(-1, guard);
            self.shared.term.end();
        }
        true
    }
}

impl Plugin {
    pub(crate) fn new(id: u32) -> Self {
        Self {
            id,
            ..Self::default()
        }
    }

    fn announce(&self, by: i64, guard: &Guard) {
        let stages = [
            ("enforced", &guard.enforced),
            ("candidate", &guard.candidate),
        ];
        for (stage, policy) in stages {
            if let Some(policy) = policy {
                policy_runs(stage, &policy.digest, by);
            }
        }
    }
}
