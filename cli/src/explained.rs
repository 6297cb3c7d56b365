//! A request that was decided, and how it came about.

use crate::policy::Enforced;
use mcp_guard_cases::cuts::Cuts;
use mcp_guard_cases::exchange::Outcome;
use mcp_guard_cases::explanation::{Explanation, Part, RuleName};
use mcp_guard_cases::notes::{Message, Notes};
use mcp_guard_cases::scenario::Scenario;
use mcp_guard_cases::wording;
use mcp_guard_engine::decision::Watch;
use serde_json::{Value, json};

/// What came of an exchange, and the part that every rule had in it.
pub(crate) struct Explained {
    pub(crate) outcome: Outcome,
    /// One for each message of the request; none if its head was refused.
    pub(crate) messages: Vec<Explanation>,
    /// The same, if rules in dry run counted.
    pub(crate) dry_run: Vec<Explanation>,
}

/// Plays a scenario, watching.
pub(crate) fn play(compiled: &Enforced, scenario: &Scenario) -> Result<Explained, String> {
    let notes = Notes::default();
    let engine = &compiled.engine;
    let outcome = engine.exchange_with(scenario, &Cuts::whole(), Watch::by(&notes))?;
    let messages = notes.into_messages();
    let of = |dry_run: bool| {
        let chosen = messages.iter().filter(|message| message.dry_run == dry_run);
        let explain = |message: &Message| Explanation::of(&compiled.policy, message);
        chosen.filter_map(explain).collect()
    };
    Ok(Explained {
        messages: of(false),
        dry_run: of(true),
        outcome,
    })
}

impl Explained {
    /// Whether the request passed.
    pub(crate) fn is_permit(&self) -> bool {
        self.field("decision") == Some("allow")
    }

    /// A field of the decision record.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.outcome.record.get(name)?.as_str()
    }

    /// The rule that decided: of several messages, that of the one which the record names.
    pub(crate) fn rule(&self) -> Option<&RuleName> {
        let refused = self.messages.iter().find(|message| !message.is_permit());
        refused.or(self.messages.first())?.rule.as_ref()
    }

    /// Every rule that fitted, also those that are only recorded.
    pub(crate) fn touched(&self) -> impl Iterator<Item = &RuleName> {
        let messages = self.messages.iter().chain(&self.dry_run);
        let rules = messages.flat_map(|message| &message.rules);
        rules
            .filter(|(_, part)| part.is_touched())
            .map(|(rule, _)| rule)
    }
}

/// `denied by allow.review (policy.yaml:12): argument_refused, no rule grants …`.
pub(crate) fn sentence(compiled: &Enforced, explained: &Explained) -> String {
    let verdict = match explained.is_permit() {
        true => "allowed",
        false => "denied",
    };
    let by = explained
        .rule()
        .map(|rule| format!(" by {}", compiled.name_and_place(rule)))
        .unwrap_or_default();
    match (explained.is_permit(), explained.field("approval")) {
        (true, Some(level)) => format!("{verdict}{by}, approval: {level}"),
        (true, None) => format!("{verdict}{by}"),
        (false, _) => format!("{verdict}{by}: {}", why(explained)),
    }
}

/// `tool_not_allowed (no rule grants the tool)`.
pub(crate) fn why(explained: &Explained) -> String {
    let label = explained.field("reason").unwrap_or_default();
    let reasons = explained.messages.iter().map(|message| message.reason);
    let told = reasons.into_iter().find(|reason| reason.label() == label);
    let words = told
        .map(wording::reason)
        .or_else(|| wording::of_label(label));
    match words {
        Some(words) => format!("{label} ({words})"),
        None => label.to_owned(),
    }
}

/// Why a rule did, or did not, decide.
pub(crate) fn part(compiled: &Enforced, rule: &RuleName, part: &Part) -> String {
    wording::part(part, rule.effect, &compiled.rule(rule))
}

/// A rule for programs: its path and its place.
pub(crate) fn rule_json(compiled: &Enforced, rule: &RuleName) -> Value {
    let place = compiled.place(rule);
    json!({
        "rule": rule.path(),
        "file": place.as_ref().map(|place| &place.file),
        "line": place.as_ref().map(|place| place.line),
    })
}
