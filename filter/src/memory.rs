//! The memory that bodies take in a worker. Wasm memory never shrinks, so its sum is bounded.

use std::cell::Cell;
use std::rc::Rc;

/// What all bodies of a worker take together.
#[derive(Default)]
pub(crate) struct Memory {
    most: usize,
    taken: Cell<usize>,
}

/// What one body takes; given back when the share is dropped.
pub(crate) struct Share {
    memory: Rc<Memory>,
    bytes: usize,
}

impl Memory {
    /// Room for `most` bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            taken: Cell::default(),
        }
    }

    fn replace(&self, before: usize, now: usize) {
        let sum = self.taken.get().saturating_sub(before);
        self.taken.set(sum.saturating_add(now));
    }
}

impl Share {
    /// The share of a body that takes nothing yet.
    pub(crate) fn of(memory: &Rc<Memory>) -> Self {
        Self {
            memory: Rc::clone(memory),
            bytes: 0,
        }
    }

    /// Takes note that the body takes `bytes` now. False: there is no room for so many, and it must
    /// let go of them.
    pub(crate) fn set(&mut self, bytes: usize) -> bool {
        let grows = bytes > self.bytes;
        self.memory.replace(self.bytes, bytes);
        self.bytes = bytes;
        !grows || self.memory.taken.get() <= self.memory.most
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.memory.replace(self.bytes, 0);
    }
}
