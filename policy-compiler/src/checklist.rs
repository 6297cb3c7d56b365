//! The checklist for MCP deployments, held against one compilation.
//!
//! What a policy and its objects cannot know, or what another part of the mesh decides, is not in
//! their hands, and said so: a line is never called met by hope.

mod lines;
mod proof;
#[cfg(test)]
mod tests;

use crate::compilation::Compilation;
use serde_json::{Value, json};

/// How a line fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is fulfilled, as far as what is compiled is applied.
    Met,
    /// It is not.
    NotMet,
    /// Neither the policy nor its objects decide it.
    NotInOurHands,
}

impl Status {
    /// In a word, for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::NotInOurHands => "not-in-our-hands",
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// A stable name, for programs.
    pub id: &'static str,
    /// What is asked.
    pub question: &'static str,
    /// How it fares.
    pub status: Status,
    /// Why: policy paths and objects.
    pub evidence: Vec<String>,
}

/// The checklist of one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checklist {
    /// Name of the server.
    pub server: String,
    /// The policy's digest.
    pub digest: String,
    /// Its lines, in the order of the checklist.
    pub lines: Vec<Line>,
}

/// Holds a compilation against the checklist.
#[must_use]
pub fn of(compilation: &Compilation) -> Checklist {
    Checklist {
        server: compilation.policy.server.value.clone(),
        digest: compilation.digest.clone(),
        lines: lines::all(compilation),
    }
}

impl Checklist {
    /// Whether no line is unfulfilled that could be fulfilled here.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.lines.iter().all(|line| line.status != Status::NotMet)
    }

    /// For people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{} (policy {})\n", self.server, self.digest);
        for line in &self.lines {
            let mark = match line.status {
                Status::Met => "[x]",
                Status::NotMet => "[ ]",
                Status::NotInOurHands => "[-]",
            };
            text.push_str(&format!("{mark} {}\n", line.question));
            for evidence in &line.evidence {
                text.push_str(&format!("      {evidence}\n"));
            }
        }
        text.push_str("[x] met  [ ] not met  [-] not in our hands\n");
        text
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let line = |line: &Line| {
            json!({
                "id": line.id,
                "question": line.question,
                "status": line.status.as_str(),
                "evidence": line.evidence,
            })
        };
        json!({
            "server": self.server,
            "policy": self.digest,
            "met": self.is_met(),
            "lines": self.lines.iter().map(line).collect::<Vec<_>>(),
        })
    }
}
