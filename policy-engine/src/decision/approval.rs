//! Tools whose name says that they change things, and who let one of them run.

use crate::policy::format::Approval;

/// Whose approval lets a call pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// The approval's id.
    pub id: String,
    /// Who issued it.
    pub issuer: String,
    /// Who approved.
    pub approver: String,
}

/// Beginnings of words that call for a human.
const DESTRUCTIVE: [&str; 3] = ["delete", "update", "execute"];

/// The approval level of a tool that the policy says nothing about.
#[must_use]
pub fn default_for(tool: &str) -> Approval {
    let begins = |word: &str, start: &str| {
        word.get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
    };
    let destructive = |word: &str| DESTRUCTIVE.iter().any(|start| begins(word, start));
    match words(tool).any(destructive) {
        true => Approval::Required,
        false => Approval::None,
    }
}

/// The words of a name: split at what is neither letter nor digit, and where a capital begins a word
/// of camelCase.
/// Each comes with the rest of the name behind it, which does not matter to how it begins.
pub fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut previous = None;
    name.char_indices().filter_map(move |(at, character)| {
        let before = previous.replace(character);
        let begins = match before {
            None => true,
            Some(before) if is_separator(before) => true,
            // The second half of the test also finds the word in `HTTPDelete`.
            Some(before) => {
                character.is_uppercase() && (!before.is_uppercase() || next_is_lower(name, at))
            }
        };
        (begins && !is_separator(character))
            .then(|| name.get(at..))
            .flatten()
    })
}

fn next_is_lower(name: &str, at: usize) -> bool {
    name.get(at..)
        .and_then(|rest| rest.chars().nth(1))
        .is_some_and(char::is_lowercase)
}

fn is_separator(character: char) -> bool {
    !character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destructive_words_are_found_anywhere_in_a_name() {
        for name in [
            "delete_repo",
            "repo-delete",
            "repo.Delete",
            "files/update",
            "ns:execute",
            "deleteRepo",
            "repoDelete",
            "HTTPDelete",
            "DELETE_REPO",
            "bulk_deleted",
            "updates_all",
            "executeSQL",
            "delete",
            "a__delete",
            "a delete",
        ] {
            assert_eq!(default_for(name), Approval::Required, "{name}");
        }
        for name in [
            "search_code",
            "get_pull_request",
            "undelete",
            "list",
            "",
            "last_updat",
        ] {
            assert_eq!(default_for(name), Approval::None, "{name}");
        }
    }
}
