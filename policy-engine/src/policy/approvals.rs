//! How calls that need a human are approved.

use super::PolicyFault;
use super::format::ApprovalsSpec;
use crate::approval::Issuers;

/// Seconds for which an approval may be valid, unless the policy says more or less.
const LIFETIME: u32 = 60;

/// Longest time in seconds that a policy may name. Each approval is remembered for that long.
pub const LONGEST_LIFETIME: u32 = 3600;

/// Who approves, and where.
#[derive(Clone, Debug)]
pub struct Approvals {
    /// Who may approve, with which keys, for how long.
    pub issuers: Issuers,
    /// Where a human approves.
    pub url: Option<UrlTemplate>,
}

impl Approvals {
    pub(super) fn new(spec: &ApprovalsSpec) -> Result<Self, PolicyFault> {
        let lifetime = spec.max_lifetime_seconds.unwrap_or(LIFETIME);
        if !(1..=LONGEST_LIFETIME).contains(&lifetime) {
            return Err(PolicyFault::new(
                "max_lifetime_seconds",
                format!("must be 1 to {LONGEST_LIFETIME}"),
            ));
        }
        if spec.issuers.is_empty() {
            return Err(PolicyFault::new("issuers", "names none"));
        }
        let url = spec.url.as_deref().map(UrlTemplate::new).transpose();
        Ok(Self {
            issuers: Issuers::new(&spec.issuers, lifetime)
                .map_err(|fault| fault.within("issuers"))?,
            url: url.map_err(|problem| PolicyFault::new("url", problem))?,
        })
    }
}

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// Digest of the arguments.
    Arguments,
    /// The caller's principal.
    Caller,
    /// Digest of the policy.
    Policy,
    /// All that an approval binds, but for the user: base64url of a JSON object.
    Request,
    /// Name of the server.
    Server,
    /// Name of the tool.
    Tool,
}

/// The placeholders by name. The user is none of them: a URL must not tell who somebody is
/// (2025-11-25, elicitation, "Safe URL Handling").
const PLACEHOLDERS: [(&str, Placeholder); 6] = [
    ("arguments", Placeholder::Arguments),
    ("caller", Placeholder::Caller),
    ("policy", Placeholder::Policy),
    ("request", Placeholder::Request),
    ("server", Placeholder::Server),
    ("tool", Placeholder::Tool),
];

/// A URL with placeholders.
///
/// ```text
/// template = scheme "://" authority "/" *( character / "{" name "}" )
/// scheme   = "https" / "http"          http: a loopback address only
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlTemplate(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Placeholder),
}

impl UrlTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// A sentence about what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        check_origin(text)?;
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| "has a `{` without its `}`".to_owned())?;
            let known = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
            let (_, place) = known.ok_or_else(|| unknown(name))?;
            parts.extend([Part::Text(before.into()), Part::Place(*place)]);
            rest = after;
        }
        parts.push(Part::Text(rest.into()));
        Ok(Self(parts))
    }

    /// The URL, each placeholder replaced by what `value` says, percent-encoded (RFC 3986,
    /// section 2.1).
    #[must_use]
    pub fn filled(&self, value: impl Fn(Placeholder) -> String) -> String {
        let mut url = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => url.push_str(text),
                Part::Place(place) => encode(&mut url, &value(*place)),
            }
        }
        url
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<_> = PLACEHOLDERS.iter().map(|(name, _)| *name).collect();
    format!(
        "has the unknown placeholder `{{{name}}}`; there are `{{{}}}`",
        known.join("}`, `{")
    )
}

/// No placeholder decides where the URL leads.
fn check_origin(text: &str) -> Result<(), String> {
    let fits =
        |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '|');
    if !text.chars().all(fits) {
        return Err("holds a character that no URL does".into());
    }
    let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err("must begin with `https://`".into()),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains(['{', '}', '@']) || authority == rest {
        return Err("must name a host and a path, without a placeholder before the path".into());
    }
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    match secure || matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
        true => Ok(()),
        false => {
            Err("must begin with `https://`: only this machine may be named with `http://`".into())
        }
    }
}

fn encode(url: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                url.push(char::from(byte));
            }
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Placeholder, UrlTemplate};

    #[test]
    fn placeholders_are_filled_and_encoded() {
        let template = UrlTemplate::new("https://desk.example/a?r={request}&t={tool}#x").unwrap();
        let filled = template.filled(|place| match place {
            Placeholder::Request => "e30".into(),
            _ => "a&b=/é".into(),
        });
        assert_eq!(filled, "https://desk.example/a?r=e30&t=a%26b%3D%2F%C3%A9#x");
    }

    #[test]
    fn templates_that_lead_elsewhere_are_refused() {
        for text in [
            "",
            "desk.example/?r={request}",
            "javascript:alert(1)",
            "https://",
            "https://desk.example",
            "https://{tool}.example/",
            "https://{tool}/",
            "https://desk.example{tool}/",
            "https://user@desk.example/",
            "http://desk.example/",
            "http://localhost.example/",
            "https://desk.example/{who}",
            "https://desk.example/{tool",
            "https://desk.example/ {tool}",
            "https://desk.example/\n",
        ] {
            assert!(UrlTemplate::new(text).is_err(), "{text}");
        }
        for text in [
            "http://127.0.0.1:8080/a",
            "http://localhost/",
            "https://d/?{server}",
        ] {
            assert!(UrlTemplate::new(text).is_ok(), "{text}");
        }
    }
}
