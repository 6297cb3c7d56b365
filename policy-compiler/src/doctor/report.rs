//! What came of it, line by line.

use crate::diagnostic::Code;
use crate::lower::Stage;
use serde_json::{Value, json};

/// How a line fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It holds.
    Enforced,
    /// It does not.
    NotEnforced,
    /// Nobody knows, which is no better.
    Unknown,
    /// Nobody knows, and whoever asked vouches for it.
    Accepted,
}

impl State {
    /// In a word, for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::NotEnforced => "not-enforced",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
        }
    }
}

macro_rules! checks {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal,)*) => {
        /// What is checked, in the order of the report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check {
            $($(#[doc = $doc])* $name,)*
        }

        impl Check {
            /// Every check.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// A stable name, for programs.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

checks! {
    /// Whether everything could be read.
    Facts = "facts",
    /// Every object that is compiled is there, and says what it should.
    Objects = "objects",
    /// Nothing beside them weakens them.
    Others = "others",
    /// The filter's image is pinned.
    Image = "image",
    /// Every pod has a proxy.
    Proxy = "proxy",
    /// The proxy gets the pod's traffic.
    Capture = "capture",
    /// The filter is in its place, once, and nowhere else.
    Filter = "filter",
    /// The workers run this policy.
    Policy = "policy",
    /// Callers are checked before the filter.
    Callers = "callers",
    /// Callers bring certificates.
    MutualTls = "mutual-tls",
    /// Nothing is open beside the MCP port.
    Ports = "ports",
    /// The server reaches only what is listed.
    Egress = "egress",
    /// Somebody enforces NetworkPolicies.
    NetworkPolicy = "network-policy",
    /// Requests that must be refused are refused.
    Probe = "probe",
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was checked.
    pub check: Check,
    /// On what: a pod, an object.
    pub subject: String,
    /// How it fares.
    pub state: State,
    /// The kind of the finding, where there is one.
    pub code: Option<Code>,
    /// What was seen.
    pub evidence: String,
    /// What to do.
    pub advice: Option<String>,
}

/// What was found about one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Name of the server.
    pub server: String,
    /// Its namespace.
    pub namespace: String,
    /// The stage that was asked for.
    pub stage: Stage,
    /// The policy's digest.
    pub digest: String,
    /// The lines, by check and subject.
    pub lines: Vec<Line>,
}

impl Report {
    /// Whether all that the stage asks for is there: every line holds, or is vouched for.
    #[must_use]
    pub fn holds(&self) -> bool {
        let holds = |line: &Line| matches!(line.state, State::Enforced | State::Accepted);
        !self.lines.is_empty() && self.lines.iter().all(holds)
    }

    /// Whether it holds, and the stage enforces: in `observe` nothing is refused.
    #[must_use]
    pub fn is_enforced(&self) -> bool {
        self.stage == Stage::Enforce && self.holds()
    }

    /// The same, with what is unknown and has one of these codes vouched for.
    #[must_use]
    pub fn accepting(mut self, codes: &[Code]) -> Self {
        for line in &mut self.lines {
            let is_vouched = line.code.is_some_and(|code| codes.contains(&code));
            if line.may_be_accepted() && is_vouched {
                line.state = State::Accepted;
            }
        }
        self
    }

    /// For people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{} in {} (policy {}, stage {})\n",
            self.server,
            self.namespace,
            self.digest,
            stage(self.stage)
        );
        for line in &self.lines {
            text.push_str(&line.to_text());
        }
        let count = |state| self.lines.iter().filter(|line| line.state == state).count();
        let bad = count(State::NotEnforced);
        let unknown = count(State::Unknown);
        text.push_str(&match (bad, unknown) {
            (0, 0) if self.stage == Stage::Observe => {
                "in place: what would be refused is recorded, and nothing is refused\n".into()
            }
            (0, 0) => "enforced\n".to_string(),
            _ => format!("NOT ENFORCED: {bad} not enforced, {unknown} unknown\n"),
        });
        text
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let lines: Vec<Value> = self.lines.iter().map(Line::to_json).collect();
        json!({
            "server": self.server,
            "namespace": self.namespace,
            "policy": self.digest,
            "stage": stage(self.stage),
            "holds": self.holds(),
            "enforced": self.is_enforced(),
            "lines": lines,
        })
    }
}

impl Line {
    /// Whether anybody can vouch for it. What a replica runs, only its proxy knows: that one was not
    /// asked, or did not answer, nobody can. Other facts are those of objects that could not be read.
    fn may_be_accepted(&self) -> bool {
        let is_of_objects = self.check == Check::Facts;
        self.state == State::Unknown && (self.code != Some(Code::FactUnknown) || is_of_objects)
    }

    fn to_text(&self) -> String {
        let mark = match self.state {
            State::Enforced => "[x]",
            State::NotEnforced => "[ ]",
            State::Unknown => "[?]",
            State::Accepted => "[a]",
        };
        let code = self
            .code
            .map(|code| format!(" [{code}]"))
            .unwrap_or_default();
        let (check, subject) = (self.check.as_str(), &self.subject);
        let mut text = format!("{mark} {check}, {subject}: {}{code}\n", self.evidence);
        if let Some(advice) = self
            .advice
            .as_ref()
            .filter(|_| self.state != State::Enforced)
        {
            text.push_str(&format!("      {advice}\n"));
        }
        text
    }

    fn to_json(&self) -> Value {
        json!({
            "check": self.check.as_str(),
            "subject": self.subject,
            "state": self.state.as_str(),
            "code": self.code.map(Code::as_str),
            "evidence": self.evidence,
            "advice": self.advice,
        })
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Observe => "observe",
        Stage::Enforce => "enforce",
    }
}
