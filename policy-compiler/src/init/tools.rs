//! Tools as a server describes them, and who is asked before they run.

use crate::checks::verbs;
use mcp_guard_engine::decision::approval::default_for;
use mcp_guard_engine::policy::format::Approval;
use serde_json::Value;
use std::collections::BTreeSet;

/// A tool, as far as it tells what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// `annotations.readOnlyHint`.
    pub read_only: Option<bool>,
    /// `annotations.destructiveHint`.
    pub destructive: Option<bool>,
}

/// Who is asked, and why that is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// How far the tool is trusted.
    pub level: Level,
    /// Why, in a few words.
    pub why: String,
}

/// How far a tool is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It only reads: nobody is asked.
    Reads,
    /// It does not say what it does: somebody is told.
    Unclear,
    /// It changes something: somebody is asked.
    Changes,
}

impl Level {
    /// The approval that is proposed.
    #[must_use]
    pub fn approval(self) -> Approval {
        match self {
            Self::Reads => Approval::None,
            Self::Unclear => Approval::Notify,
            Self::Changes => Approval::Required,
        }
    }
}

/// The tools in a `tools/list` result, or in the answer around it; each name once.
///
/// # Errors
/// A sentence that says why it is none.
pub fn read(answer: &Value) -> Result<Vec<Tool>, String> {
    let result = answer.get("result").unwrap_or(answer);
    let Some(listed) = result.get("tools").and_then(Value::as_array) else {
        return Err("it is no answer to `tools/list`: there is no list `tools` in it".to_owned());
    };
    let mut names = BTreeSet::new();
    let mut tools = Vec::new();
    for tool in listed {
        let read = tool_of(tool).ok_or("a tool in the list has no name")?;
        if names.insert(read.name.clone()) {
            tools.push(read);
        }
    }
    Ok(tools)
}

fn tool_of(tool: &Value) -> Option<Tool> {
    let hint = |name: &str| tool.get("annotations")?.get(name)?.as_bool();
    let name = tool.get("name")?.as_str()?;
    (!name.is_empty()).then(|| Tool {
        name: name.to_owned(),
        read_only: hint("readOnlyHint"),
        destructive: hint("destructiveHint"),
    })
}

impl Tool {
    /// What is proposed for it. A name that says more than the annotations is believed: they are the
    /// server's own words.
    #[must_use]
    pub fn proposal(&self) -> Proposal {
        let (level, why) = match (
            verbs::mutating(&self.name),
            self.read_only,
            self.destructive,
        ) {
            (Some(verb), _, _) => (Level::Changes, format!("`{verb}` changes something")),
            (None, ..) if default_for(&self.name) == Approval::Required => {
                (Level::Changes, "the filter asks by default".to_owned())
            }
            (None, _, Some(true)) => (Level::Changes, "destructiveHint: true".to_owned()),
            (None, Some(true), _) => (Level::Reads, "readOnlyHint: true".to_owned()),
            (None, Some(false), _) => (Level::Changes, "readOnlyHint: false".to_owned()),
            (None, None, _) => (Level::Unclear, "no readOnlyHint".to_owned()),
        };
        Proposal { level, why }
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, read};
    use serde_json::json;

    #[test]
    fn names_and_annotations_tell_who_is_asked() {
        let tool = |name: &str, annotations| json!({"name": name, "annotations": annotations});
        let answer = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [
            tool("search_code", json!({"readOnlyHint": true})),
            tool("delete_repo", json!({"readOnlyHint": true})),
            tool("shred", json!({"readOnlyHint": false, "destructiveHint": true})),
            tool("list_updates", json!({"readOnlyHint": true})),
            tool("ponder", json!(null)),
            tool("ponder", json!({"readOnlyHint": true})),
        ]}});
        let tools = read(&answer).unwrap();
        let levels: Vec<_> = tools.iter().map(|tool| tool.proposal().level).collect();
        let (reads, unclear, changes) = (Level::Reads, Level::Unclear, Level::Changes);
        assert_eq!(levels, [reads, changes, changes, changes, unclear]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert!(read(&json!({"tools": {}})).is_err());
        assert!(read(&json!({"result": {"tools": [{"title": "x"}]}})).is_err());
        assert!(read(&json!([])).is_err());
    }
}
