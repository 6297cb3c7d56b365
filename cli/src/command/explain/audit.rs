//! A line of the audit log, and the rule that it names (`docs/audit.md`).

use crate::policy::Enforced;
use mcp_guard_cases::explanation::RuleName;
use mcp_guard_cases::wording;
use mcp_guard_engine::policy::Effect;
use serde_json::{Value, json};

/// What a record names its target by.
const TARGETS: [&str; 3] = ["gen_ai.tool.name", "gen_ai.prompt.name", "mcp.resource.uri"];

/// One line of the log, explained.
pub(super) struct Line {
    record: Value,
    rule: Option<RuleName>,
    /// Another policy than this one decided.
    other: bool,
}

impl Line {
    /// Reads a line of the log, or a record alone.
    pub(super) fn read(compiled: &Enforced, text: &str) -> Result<Self, String> {
        let line: Value = serde_json::from_str(text)
            .map_err(|error| format!("this is no line of the audit log: {error}"))?;
        let record = line.get("mcp_guard").unwrap_or(&line).clone();
        if record.get("decision").is_none() {
            return Err("this is no line of the audit log: it has no `mcp_guard.decision`".into());
        }
        let policy = record.get("policy").and_then(Value::as_str);
        let rule = field(&record, "rule").and_then(|id| rule(compiled, &record, id));
        Ok(Self {
            other: policy.is_some_and(|digest| digest != compiled.policy.digest),
            rule,
            record,
        })
    }

    /// For people: what happened, and the rule as its author wrote it.
    pub(super) fn human(&self, compiled: &Enforced) -> String {
        let mut text = format!("{}: {}\n", self.what(), self.verdict(compiled));
        if let Some(reason) = self
            .record
            .pointer("/response/reason")
            .and_then(Value::as_str)
        {
            text.push_str(&format!("Its answer was withheld: {}\n", in_words(reason)));
        }
        if self.other {
            text.push_str("Another policy than this one decided: the digests differ.\n");
        }
        if let Some(source) = self.rule.as_ref().and_then(|rule| compiled.source(rule)) {
            text.push('\n');
            text.push_str(&source);
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self, compiled: &Enforced) -> Value {
        let by = self.rule.as_ref();
        json!({
            "decision": field(&self.record, "decision"),
            "reason": field(&self.record, "reason"),
            "by": by.map(|rule| crate::explained::rule_json(compiled, rule)),
            "same_policy": !self.other,
            "record": self.record,
        })
    }

    fn what(&self) -> String {
        let target = TARGETS.iter().find_map(|key| field(&self.record, key));
        let method = field(&self.record, "mcp.method.name");
        let method = method.or(field(&self.record, "http.request.method"));
        let words: Vec<&str> = method.into_iter().chain(target).collect();
        match words.is_empty() {
            true => "a request".into(),
            false => words.join(" "),
        }
    }

    fn verdict(&self, compiled: &Enforced) -> String {
        let verdict = match field(&self.record, "decision").unwrap_or_default() {
            "allow" => "allowed",
            "deny" => "denied",
            "undecided" => {
                return "undecided, the client went away before its request was whole".into();
            }
            "unguarded" => return "forwarded by a proxy that has no guard".into(),
            _ => {
                let reason = field(&self.record, "reason").unwrap_or_default();
                return format!("refused by the mesh, before the guard: {reason}");
            }
        };
        let by = self.rule.as_ref();
        let by = by.map(|rule| format!(" by {}", compiled.name_and_place(rule)));
        let reason = field(&self.record, "reason").map(in_words);
        let reason = reason.map(|reason| format!(": {reason}"));
        format!(
            "{verdict}{}{}",
            by.unwrap_or_default(),
            reason.unwrap_or_default()
        )
    }
}

fn field<'r>(record: &'r Value, name: &str) -> Option<&'r str> {
    record.get(name)?.as_str()
}

fn in_words(label: &str) -> String {
    match wording::of_label(label) {
        Some(words) => format!("{label} ({words})"),
        None => label.to_owned(),
    }
}

/// The rule of that name: a name may stand in `allow` and in `deny`, and then the reason tells.
fn rule(compiled: &Enforced, record: &Value, id: &str) -> Option<RuleName> {
    let denied = field(record, "reason").is_some_and(|reason| reason.ends_with("_denied"));
    let named = |effect| RuleName {
        effect,
        id: id.to_owned(),
    };
    let effects = match denied {
        true => [Effect::Deny, Effect::Allow],
        false => [Effect::Allow, Effect::Deny],
    };
    let mut rules = effects.into_iter().map(named);
    rules.find(|rule| compiled.place(rule).is_some())
}
