//! The lines, as the checks say them.

use super::Unread;
use super::report::{Check, Line, State};
use crate::diagnostic::Code;

/// The lines as they come.
#[derive(Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
}

impl Lines {
    /// It holds.
    pub(super) fn enforced(&mut self, check: Check, subject: &str, evidence: impl Into<String>) {
        self.push(check, subject, State::Enforced, None, evidence.into(), None);
    }

    /// It does not.
    pub(super) fn broken(
        &mut self,
        (check, code): (Check, Code),
        subject: &str,
        evidence: impl Into<String>,
        advice: &str,
    ) {
        let (state, evidence) = (State::NotEnforced, evidence.into());
        self.push(check, subject, state, Some(code), evidence, Some(advice));
    }

    /// Nobody knows.
    pub(super) fn unknown(
        &mut self,
        (check, code): (Check, Code),
        subject: &str,
        evidence: impl Into<String>,
        advice: &str,
    ) {
        let (state, evidence) = (State::Unknown, evidence.into());
        self.push(check, subject, state, Some(code), evidence, Some(advice));
    }

    /// Something could not be read of the cluster.
    pub(super) fn unread(&mut self, unread: &Unread) {
        self.unread_of(Check::Facts, unread);
    }

    /// Something could not be read of a replica's proxy.
    pub(super) fn unasked(&mut self, unread: &Unread) {
        self.unread_of(Check::Proxy, unread);
    }

    fn unread_of(&mut self, check: Check, unread: &Unread) {
        let evidence = format!("could not be read: {}", unread.reason.trim());
        let advice = "grant the role of `mcp-guard doctor --print-roles`, or mend what keeps it from being read";
        self.unknown((check, Code::FactUnknown), &unread.what, evidence, advice);
    }

    /// Whether a check has a line that is not fine.
    pub(super) fn has_trouble(&self, check: Check) -> bool {
        let is_fine = |line: &Line| line.state == State::Enforced;
        self.lines
            .iter()
            .any(|line| line.check == check && !is_fine(line))
    }

    fn push(
        &mut self,
        check: Check,
        subject: &str,
        state: State,
        code: Option<Code>,
        evidence: String,
        advice: Option<&str>,
    ) {
        self.lines.push(Line {
            check,
            subject: subject.into(),
            state,
            code,
            evidence,
            advice: advice.filter(|advice| !advice.is_empty()).map(Into::into),
        });
    }

    pub(super) fn into_sorted(mut self) -> Vec<Line> {
        self.lines
            .sort_by(|a, b| (a.check, &a.subject).cmp(&(b.check, &b.subject)));
        self.lines.dedup();
        self.lines
    }
}
