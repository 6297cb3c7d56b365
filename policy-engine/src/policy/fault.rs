use core::fmt;

/// Why a configuration is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFault {
    path: String,
    problem: String,
}

impl PolicyFault {
    pub(crate) fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// The same fault, seen from further out.
    pub(crate) fn within(mut self, outer: &str) -> Self {
        self.path = match self.path.is_empty() {
            true => outer.into(),
            false => format!("{outer}.{}", self.path),
        };
        self
    }

    /// The same fault at a place that was not known when it was found.
    pub(crate) fn at(mut self, place: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('.') {
            ""
        } else {
            "."
        };
        self.path = format!("{place}{separator}{}", self.path);
        self
    }

    /// Where it stands: keys from the outside in, with dots; empty for the whole.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return f.write_str(&self.problem);
        }
        write!(f, "`{}`: {}", self.path, self.problem)
    }
}

impl core::error::Error for PolicyFault {}
