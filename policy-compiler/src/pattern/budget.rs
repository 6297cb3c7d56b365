//! How much work a compilation spends on patterns.

/// Steps that one question may take: more than any two sensible patterns need.
const QUESTION: u32 = 100_000;

/// Steps that a whole compilation may take: a fraction of a second.
const COMPILATION: u32 = 1_000_000;

/// The steps that are left.
#[derive(Debug)]
pub(crate) struct Budget {
    left: u32,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self { left: COMPILATION }
    }

    #[cfg(test)]
    pub(super) fn of(left: u32) -> Self {
        Self { left }
    }

    /// Takes steps for small work. False: there are none left.
    pub(crate) fn take(&mut self, steps: u32) -> bool {
        let enough = self.left >= steps;
        self.left = self.left.saturating_sub(steps);
        enough
    }

    /// A part for one question; what is left of it is not given back unless the question says so.
    pub(super) fn question(&mut self) -> Self {
        let left = self.left.min(QUESTION);
        self.left = self.left.saturating_sub(left);
        Self { left }
    }

    pub(super) fn give_back(&mut self, rest: &Self) {
        self.left = self.left.saturating_add(rest.left);
    }
}
