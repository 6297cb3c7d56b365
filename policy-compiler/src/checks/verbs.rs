//! Words in the names of tools that say whether a tool changes something.

use mcp_guard_engine::decision::approval::words;

/// How sure a word is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is a verb wherever it stands.
    Verb,
    /// It is a noun, too (`list_merge_requests`): behind a reading verb it changes nothing.
    NounToo,
}

/// Verbs that change something. The page of MCP0206 shows this list; a test compares them.
///
/// The engine itself asks for approval of tools whose name has a word that begins with `delete`,
/// `update` or `execute`, if the policy does not say otherwise.
const MUTATING: &[(&str, Kind)] = &[
    ("add", Kind::Verb),
    ("append", Kind::Verb),
    ("apply", Kind::Verb),
    ("approve", Kind::Verb),
    ("archive", Kind::NounToo),
    ("assign", Kind::Verb),
    ("cancel", Kind::Verb),
    ("clear", Kind::Verb),
    ("close", Kind::Verb),
    ("commit", Kind::NounToo),
    ("create", Kind::Verb),
    ("deactivate", Kind::Verb),
    ("delete", Kind::Verb),
    ("deploy", Kind::Verb),
    ("destroy", Kind::Verb),
    ("disable", Kind::Verb),
    ("dismiss", Kind::Verb),
    ("drop", Kind::NounToo),
    ("edit", Kind::NounToo),
    ("enable", Kind::Verb),
    ("exec", Kind::Verb),
    ("execute", Kind::Verb),
    ("fork", Kind::NounToo),
    ("grant", Kind::NounToo),
    ("insert", Kind::Verb),
    ("install", Kind::Verb),
    ("invoke", Kind::Verb),
    ("kill", Kind::Verb),
    ("merge", Kind::NounToo),
    ("modify", Kind::Verb),
    ("move", Kind::NounToo),
    ("overwrite", Kind::Verb),
    ("patch", Kind::NounToo),
    ("pay", Kind::NounToo),
    ("post", Kind::NounToo),
    ("publish", Kind::Verb),
    ("purge", Kind::Verb),
    ("push", Kind::NounToo),
    ("put", Kind::Verb),
    ("remove", Kind::Verb),
    ("rename", Kind::Verb),
    ("reopen", Kind::Verb),
    ("replace", Kind::Verb),
    ("reset", Kind::NounToo),
    ("restart", Kind::NounToo),
    ("restore", Kind::NounToo),
    ("revert", Kind::NounToo),
    ("revoke", Kind::Verb),
    ("rotate", Kind::Verb),
    ("run", Kind::NounToo),
    ("save", Kind::Verb),
    ("send", Kind::Verb),
    ("set", Kind::NounToo),
    ("start", Kind::NounToo),
    ("stop", Kind::NounToo),
    ("submit", Kind::Verb),
    ("terminate", Kind::Verb),
    ("transfer", Kind::NounToo),
    ("trigger", Kind::NounToo),
    ("truncate", Kind::Verb),
    ("uninstall", Kind::Verb),
    ("update", Kind::NounToo),
    ("upload", Kind::NounToo),
    ("upsert", Kind::Verb),
    ("write", Kind::Verb),
];

/// Verbs that only look.
const READING: &[&str] = &[
    "check", "compare", "count", "describe", "download", "explain", "fetch", "find", "get", "is",
    "list", "lookup", "query", "read", "resolve", "search", "show", "view", "watch",
];

/// The first word of a name that says that the tool changes something.
pub(crate) fn mutating(name: &str) -> Option<&'static str> {
    let words = split(name);
    let reads = words
        .first()
        .is_some_and(|first| READING.contains(&first.as_str()));
    words.iter().find_map(|word| {
        let (verb, _) = MUTATING
            .iter()
            .find(|(verb, kind)| verb == word && !(reads && *kind == Kind::NounToo))?;
        Some(*verb)
    })
}

/// The same for a value of an argument, such as `create_branch`; a value is what it does only if it
/// begins with a verb.
pub(super) fn mutating_value(value: &str) -> Option<&'static str> {
    let words = split(value);
    let first = words.first()?;
    let (verb, kind) = MUTATING.iter().find(|(verb, _)| verb == first)?;
    (*kind == Kind::Verb || words.len() == 1).then_some(*verb)
}

/// The words of a name, in lower case.
fn split(name: &str) -> Vec<String> {
    let mut split: Vec<String> = Vec::new();
    let rests: Vec<&str> = words(name).collect();
    for (place, rest) in rests.iter().enumerate() {
        let next = rests
            .get(place.saturating_add(1))
            .map_or(0, |next| next.len());
        let length = rest.len().saturating_sub(next);
        let word = rest.get(..length).unwrap_or_default();
        let end = word
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(word.len());
        split.push(word.get(..end).unwrap_or_default().to_lowercase());
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_change_something_are_told_from_others() {
        for name in [
            "create_issue",
            "issue_write",
            "repoPush",
            "mergePullRequest",
            "get_and_remove",
            "SEND_mail",
            "*_write",
        ] {
            assert!(mutating(name).is_some(), "{name}");
        }
        for name in [
            "get_issue",
            "list_merge_requests",
            "search_code",
            "settings",
            "get_*",
            "creation_date",
            "",
        ] {
            assert_eq!(mutating(name), None, "{name}");
        }
        assert_eq!(mutating_value("create"), Some("create"));
        assert_eq!(mutating_value("merge"), Some("merge"));
        assert_eq!(mutating_value("merge-team"), None);
        assert_eq!(mutating_value("acme"), None);
    }

    #[test]
    fn the_page_shows_the_table() {
        let page = crate::diagnostic::Code::UnapprovedMutation.page();
        let listed: Vec<String> = MUTATING
            .iter()
            .map(|(verb, _)| format!("`{verb}`"))
            .collect();
        assert!(
            page.contains(&format!("\n{}\n", listed.join(", "))),
            "{}",
            listed.join(", ")
        );
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(MUTATING.is_sorted_by(|a, b| a.0 < b.0));
        assert!(READING.is_sorted_by(|a, b| a < b));
    }
}
