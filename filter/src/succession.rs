//! Streams that are open when another configuration comes into force, and what it makes of them.
//!
//! Envoy gives a new configuration a root context of its own, in the same VM of each worker. Streams keep
//! that of their beginning, which lives as long as they do, and is told neither that it was followed nor
//! that it is in force again when the same configuration comes back. The main thread has a VM as well, and no
//! streams in it: there, a root context is done as soon as its configuration is withdrawn. So those
//! that never had a stream tell the workers:
//!
//! ```text
//! mcp_guard.force.PLUGIN.DIGEST = "1": in force; "": no longer      the configuration's text, by its digest
//! ```

use crate::plugin::Shared;
use crate::stream::Stream;
use crate::{host, peer};
use mcp_guard_engine::exchange::Forwarded;
use mcp_guard_engine::policy::Guard;
use mcp_guard_engine::record::Judgement;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// The time of one configuration, as this VM sees it.
#[derive(Default)]
pub(crate) struct Term {
    /// Its plugin's name; configurations of one plugin follow each other.
    plugin: Vec<u8>,
    key: String,
    /// Tells it from the others of this VM.
    number: u32,
    /// Whether it ever had a stream.
    used: Cell<bool>,
    open: RefCell<Vec<Rc<Open>>>,
}

/// An event stream that is open.
pub(crate) struct Open {
    /// Its context's id.
    id: u32,
    request: Rc<Forwarded>,
    /// The number of the last configuration that judged it.
    judged: Cell<u32>,
    /// What ended it.
    ended: Cell<Option<Judgement>>,
}

thread_local! {
    /// The configurations that live in this VM.
    static TERMS: RefCell<Vec<Weak<Shared>>> = const { RefCell::new(Vec::new()) };
    static NUMBER: Cell<u32> = const { Cell::new(0) };
}

impl Term {
    /// That of a configuration that is read.
    pub(crate) fn of(text: &[u8]) -> Self {
        let plugin = host::property(&["plugin_name"]).unwrap_or_default();
        let key = format!(
            "mcp_guard.force.{}.{}",
            String::from_utf8_lossy(&plugin),
            Guard::text_digest(text)
        );
        let number = NUMBER.get().wrapping_add(1);
        NUMBER.set(number);
        Self {
            plugin,
            key,
            number,
            ..Self::default()
        }
    }

    /// Takes note of a stream, so that it is not this root context that tells of the end.
    pub(crate) fn is_used(&self) {
        self.used.set(true);
    }

    /// The configuration is withdrawn, or its last stream is over.
    pub(crate) fn end(&self) {
        if !self.used.get() {
            host::publish(&self.key, b"");
        }
    }

    fn in_force(&self) -> bool {
        host::shared(&self.key).0.as_deref() == Some(b"1")
    }

    fn has_streams(&self) -> bool {
        self.open.try_borrow().is_ok_and(|open| !open.is_empty())
    }

    fn streams(&self) -> Vec<Rc<Open>> {
        let open = self.open.try_borrow();
        open.map(|open| open.clone()).unwrap_or_default()
    }
}

/// A configuration comes into force.
pub(crate) fn begin(shared: &Rc<Shared>) {
    host::publish(&shared.term.key, b"1");
    TERMS.with(|terms| {
        if let Ok(mut terms) = terms.try_borrow_mut() {
            terms.retain(|term| term.strong_count() > 0);
            terms.push(Rc::downgrade(shared));
        }
    });
}

/// Ends the streams of this root context's plugin that it forbids, where its configuration is the one in
/// force and theirs no longer is. Each is judged once by each configuration. As that is done by a tick of
/// its own, calls that are under way when it comes have had some time to end by themselves.
///
/// Not those of other plugins: what two guards of one chain both end in one call of the host, it would
/// end twice, which crashes it.
pub(crate) fn judge(root: u32, own: &Rc<Shared>) {
    let terms = TERMS.with(|terms| {
        let terms = terms.try_borrow();
        let living = terms.iter().flat_map(|terms| terms.iter());
        let living = living.filter_map(Weak::upgrade);
        let same = living.filter(|other| other.term.plugin == own.term.plugin);
        same.collect::<Vec<_>>()
    });
    let others = terms.iter().filter(|other| !Rc::ptr_eq(other, own));
    let mut begun = others.filter(|other| other.term.has_streams()).peekable();
    if begun.peek().is_none() {
        return;
    }
    let in_force = terms.iter().rev().find(|term| term.term.in_force());
    if in_force.is_none_or(|newest| !Rc::ptr_eq(newest, own)) {
        return;
    }
    for shared in begun.filter(|other| !other.term.in_force()) {
        let streams = shared.term.streams();
        streams.iter().for_each(|stream| stream.meet(own));
        host::enter(root);
    }
}

impl Open {
    /// Lets a configuration judge it that it has not met.
    fn meet(&self, successor: &Shared) {
        let number = successor.term.number;
        if self.judged.replace(number) == number || !host::enter(self.id) {
            return;
        }
        let Some(guard) = &successor.guard else {
            return;
        };
        if let Some(by) = guard.forbids(&self.request, &peer::read(guard)) {
            self.ended.set(Some(by));
            host::end_stream();
        }
    }
}

impl Stream {
    /// An event stream begins.
    pub(crate) fn opens(&mut self, request: &Rc<Forwarded>) {
        let term = &self.shared.term;
        let open = Rc::new(Open {
            id: self.id,
            request: Rc::clone(request),
            judged: Cell::new(term.number),
            ended: Cell::default(),
        });
        if let Ok(mut streams) = term.open.try_borrow_mut() {
            streams.push(Rc::clone(&open));
        }
        self.open = Some(open);
    }

    /// It is over: what ended it, if a later configuration did.
    pub(crate) fn closes(&mut self) -> Option<Judgement> {
        let open = self.open.take()?;
        if let Ok(mut streams) = self.shared.term.open.try_borrow_mut() {
            streams.retain(|other| !Rc::ptr_eq(other, &open));
        }
        open.ended.take()
    }
}
