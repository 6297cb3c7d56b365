//! What never enters a record: values under keys that name a secret, and words that look like one.

use crate::glob::Glob;
use std::borrow::Cow;

/// What stands in the place of a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// Parts of keys that name a secret, in small letters and digits.
const KEYS: [&str; 13] = [
    "accesskey",
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "sessionid",
    "token",
];

/// How words begin that are secrets whatever stands before them: tokens of GitHub, GitLab, Slack, AWS,
/// Google, model providers, and JSON Web Tokens.
const BEGINNINGS: [&str; 18] = [
    "AIza",
    "AKIA",
    "ASIA",
    "eyJ",
    "ghp_",
    "gho_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "sk-",
    "xapp-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
];

/// Shortest word that is taken for a secret by its beginning.
const SHORTEST: usize = 16;

/// Schemes of HTTP authentication, which stand before a secret and are none.
const SCHEMES: [&str; 4] = ["basic", "bearer", "digest", "token"];

/// Where a private key begins; what follows is part of it.
const PRIVATE_KEY: &str = "-----BEGIN";

/// What a policy redacts beside what is always redacted.
#[derive(Debug, Default)]
pub struct Redaction {
    keys: Vec<String>,
    values: Vec<Glob>,
}

impl PartialEq for Redaction {
    fn eq(&self, other: &Self) -> bool {
        let sources = |globs: &[Glob]| -> Vec<String> {
            globs.iter().map(|glob| glob.source().to_owned()).collect()
        };
        self.keys == other.keys && sources(&self.values) == sources(&other.values)
    }
}

impl Eq for Redaction {}

impl Redaction {
    /// Parts of keys, and globs of words.
    #[must_use]
    pub fn new(keys: &[String], values: Vec<Glob>) -> Self {
        let keys = keys.iter().map(|key| plain(key));
        Self {
            keys: keys.filter(|key| !key.is_empty()).collect(),
            values,
        }
    }

    /// Whether what stands under that key is a secret.
    #[must_use]
    pub fn is_secret_key(&self, key: &str) -> bool {
        let key = plain(key);
        KEYS.iter().any(|part| key.contains(part))
            || self.keys.iter().any(|part| key.contains(part))
    }

    fn is_secret_word(&self, word: &str) -> bool {
        (word.len() >= SHORTEST && BEGINNINGS.iter().any(|start| word.starts_with(start)))
            || self.values.iter().any(|glob| glob.matches(word))
    }

    /// A text without its secrets: words that look like one; what follows `key:` or `key=` where the
    /// key names one, to the end of the word or of the quotes; the user of a URL; private keys.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = String::new();
        // All before it is in `out`.
        let mut kept = 0;
        let mut next = Next::Plain;
        let mut before = Before::default();
        for (start, word) in words(text) {
            let end = start.saturating_add(word.len());
            let gap = text.get(before.end..start).unwrap_or_default();
            if next == Next::Plain {
                next = self.after_key(before.key, gap);
            }
            let until = match next {
                Next::Secret if is_scheme(word) => None,
                Next::Cookie => Some(end_of_line(text, end)),
                Next::Secret | Next::Bearer => Some(end_of_value(text, gap, end)),
                Next::Plain if self.is_secret_word(word) => Some(end),
                Next::Plain if is_user_info(before.word, gap, word) => {
                    Some(end.saturating_sub(word.len()).saturating_add(at_sign(word)))
                }
                Next::Plain => None,
            };
            before = Before { word, key: "", end };
            if start < kept {
                continue;
            }
            if let Some(until) = until {
                out.push_str(text.get(kept..start).unwrap_or_default());
                out.push_str(REDACTED);
                kept = until;
                next = Next::Plain;
                continue;
            }
            next = match next {
                Next::Secret => Next::Bearer,
                _ if word.eq_ignore_ascii_case("bearer") => Next::Bearer,
                _ => Next::Plain,
            };
            before.key = word;
        }
        let (rest, key) = without_private_key(text.get(kept..).unwrap_or_default());
        match (kept, key) {
            (0, "") => Cow::Borrowed(text),
            _ => Cow::Owned(out + rest + key),
        }
    }

    /// What follows a word and a gap. Whether the word names a secret is asked only where the gap makes
    /// a key of it: most texts hold no key.
    fn after_key(&self, word: &str, gap: &str) -> Next {
        if !gap.contains([':', '=']) {
            return Next::Plain;
        }
        match self.is_secret_key(word) {
            true if is_cookie(word) && !gap.contains(['"', '\'']) => Next::Cookie,
            true => Next::Secret,
            false => Next::Plain,
        }
    }
}

/// A text up to a private key, and what stands for that.
fn without_private_key(text: &str) -> (&str, &'static str) {
    match text.find(PRIVATE_KEY).and_then(|at| text.get(..at)) {
        Some(head) => (head, REDACTED),
        None => (text, ""),
    }
}

/// What the next word of a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Plain,
    /// It follows a key that names a secret.
    Secret,
    /// It follows a key that names cookies, which are several, to the end of the line.
    Cookie,
    /// It follows a scheme of authentication.
    Bearer,
}

/// The word before, and where it ends.
#[derive(Clone, Copy, Default)]
struct Before<'t> {
    word: &'t str,
    /// The word again, if it can be a key: no secret, and no scheme.
    key: &'t str,
    end: usize,
}

/// A key in small letters and digits alone: `X-Api_Key` is `xapikey`.
fn plain(key: &str) -> String {
    let letters = key.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Of what is under such a key, there may be several.
fn is_cookie(key: &str) -> bool {
    plain(key).contains("cookie")
}

fn is_scheme(word: &str) -> bool {
    SCHEMES
        .iter()
        .any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// `user:password@host` of a URL, whose first half ended in a colon.
fn is_user_info(before: &str, gap: &str, word: &str) -> bool {
    let user = before.strip_prefix("//");
    gap == ":" && user.is_some_and(|user| !user.contains('/')) && word.contains('@')
}

fn at_sign(word: &str) -> usize {
    word.rfind('@').unwrap_or(word.len())
}

/// A value in quotes ends with them.
fn end_of_value(text: &str, gap: &str, end: usize) -> usize {
    let Some(quote) = gap.chars().next_back().filter(|c| matches!(c, '"' | '\'')) else {
        return end_of_word(text, end);
    };
    let rest = text.get(end..).unwrap_or_default();
    rest.find(quote)
        .map_or(text.len(), |at| end.saturating_add(at))
}

/// Base64 may be padded.
fn end_of_word(text: &str, end: usize) -> usize {
    let rest = text.get(end..).unwrap_or_default();
    let padding = rest.bytes().take_while(|byte| *byte == b'=').count();
    end.saturating_add(padding)
}

fn end_of_line(text: &str, end: usize) -> usize {
    let rest = text.get(end..).unwrap_or_default();
    let line = rest.find(['\r', '\n']).unwrap_or(rest.len());
    end.saturating_add(line)
}

/// Words with their places: runs of what names, tokens and base64 are made of.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..)?;
        let start = from.saturating_add(rest.find(is_word)?);
        let rest = text.get(start..)?;
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        from = start.saturating_add(length);
        Some((start, rest.get(..length)?))
    })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric()
        || matches!(
            character,
            '_' | '-' | '.' | '/' | '+' | '~' | '@' | '$' | '%' | '!' | '#' | '*' | '^'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        Redaction::default().text(text).into_owned()
    }

    #[test]
    fn secrets_are_found_by_what_stands_before_them() {
        for (text, expected) in [
            ("password=hunter2 x", "password=[redacted] x"),
            ("the password: hunter2.", "the password: [redacted]"),
            (
                r#"{"api_key":"a b c","q":1}"#,
                r#"{"api_key":"[redacted]","q":1}"#,
            ),
            (
                "Authorization: Bearer abc.def",
                "Authorization: Bearer [redacted]",
            ),
            ("bearer abc/def+gh==", "bearer [redacted]"),
            (
                "https://h/p?access_token=s3cr3t&x=1",
                "https://h/p?access_token=[redacted]&x=1",
            ),
            (
                "postgres://admin:hunter2@db/x",
                "postgres://admin:[redacted]@db/x",
            ),
            ("Cookie: a=b; c=d\nHost: x", "Cookie: [redacted]\nHost: x"),
        ] {
            assert_eq!(redacted(text), expected);
        }
    }

    #[test]
    fn secrets_are_found_by_how_they_begin() {
        let token = "ghp_0123456789abcdefghij";
        assert_eq!(
            redacted(&format!("use {token}, please")),
            "use [redacted], please"
        );
        let key = "see -----BEGIN PRIVATE KEY-----\nMIIE";
        assert_eq!(redacted(key), "see [redacted]");
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "",
            "search_code",
            "repo://acme/app/README.md",
            "a token of love",
            "mailto:a@b.example",
            "repo://acme/ab:c@d",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn a_policy_adds_keys_and_words() {
        let words = vec![Glob::name("ACME-*").unwrap()];
        let own = Redaction::new(&["iban".into()], words);
        assert!(own.is_secret_key("customer_IBAN"));
        assert_eq!(
            own.text("IBAN: DE02 ACME-77"),
            "IBAN: [redacted] [redacted]"
        );
    }
}
