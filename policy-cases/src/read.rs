//! Cases as YAML.

use serde::de::DeserializeOwned;
use std::fmt;

/// A text that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, counted from 1; none where the fault is that of the whole text.
    pub line: Option<u64>,
    /// Column, counted from 1.
    pub column: Option<u64>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "{line}:{column}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

/// Reads YAML text.
///
/// # Errors
/// The first thing that is wrong with it, and where.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    // Only `true` and `false` are booleans, so that a tool may be called `on`.
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| Fault {
        line: error.location().map(|place| place.line()),
        column: error.location().map(|place| place.column()),
        message: message(&error),
    })
}

/// The message without its place, which stands in front of it.
fn message(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message);
    text.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::case::Case;
    use crate::scenario::Scenario;
    use crate::setting::Setting;
    use serde_json::json;

    const MINIMAL: &str = "
description: a claim
threat: somewhere
config: {tool_allowlist: []}
expect: {forwarded: false, status: 403}
";

    fn scenario_of(text: &str) -> Result<Scenario, String> {
        let case: Case = parse(text).map_err(|fault| fault.to_string())?;
        let config = case.config.clone().unwrap_or_default();
        let setting = Setting::of_config(config.to_string());
        Scenario::new("area/behaviour".to_owned(), case, &setting)
    }

    fn fault_of(addition: &str) -> String {
        scenario_of(&format!("{MINIMAL}{addition}\n")).unwrap_err()
    }

    #[test]
    fn a_fault_has_its_place() {
        let text = format!("{MINIMAL}request: {{bodi: x}}\n");
        let fault = parse::<Case>(&text).unwrap_err();
        assert_eq!((fault.line, fault.column), (Some(6), Some(11)));
        assert!(fault.message.starts_with("unknown field `bodi`"), "{fault}");
        assert!(!fault.message.contains("line 6"), "{fault}");
    }

    #[test]
    fn defaults_are_those_of_the_readme() {
        let scenario = scenario_of(MINIMAL).unwrap();
        let request = serde_json::to_value(&scenario.request).unwrap();
        let expected = json!({
            "method": "POST", "path": "/mcp", "authority": "mcp.example",
            "headers": [["content-type", "application/json"]], "body": [],
        });
        assert_eq!(request, expected);
        assert_eq!(scenario.upstream.status, 202);
        assert_eq!(scenario.config, r#"{"tool_allowlist":[]}"#);
    }

    #[test]
    fn the_default_answer_has_the_requests_id() {
        let text = format!("{MINIMAL}request: {{json: {{method: ping, id: '7'}}}}\n");
        let answer = scenario_of(&text).unwrap().upstream;
        assert_eq!(
            answer.body.bytes(),
            br#"{"id":"7","jsonrpc":"2.0","result":{}}"#
        );
    }

    #[test]
    fn an_empty_content_type_is_none() {
        let text = format!("{MINIMAL}request: {{headers: [[Content-Type, '']]}}\n");
        assert!(scenario_of(&text).unwrap().request.headers.is_empty());
    }

    #[test]
    fn what_is_not_in_the_readme_is_refused() {
        assert!(fault_of("treath: x").contains("treath"));
        assert!(fault_of("request: {bodi: x}").contains("bodi"));
        assert!(fault_of("engines: [native]").contains("because"));
        assert!(fault_of("because: x").contains("engines"));
        assert!(fault_of("request: {body: x, body_hex: '00'}").contains("at most one"));
        assert!(fault_of("caller: {spiffe: cluster.local/x}").contains("spiffe://"));
        assert!(fault_of("upstream: {events: x, body: y}").contains("at most one"));
    }

    #[test]
    fn what_is_refused_is_not_forwarded_changed() {
        let text = MINIMAL.replace("forwarded: false", "forwarded: false, unchanged: true");
        assert!(scenario_of(&text).unwrap_err().contains("contradicts"));
    }
}
