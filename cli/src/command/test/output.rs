//! Results for people, for programs, and for what reads JUnit.

use super::{Format, Played, Results};
use crate::explained::rule_json;
use crate::policy::Compiled;
use serde_json::{Value, json};
use std::fmt::Write;

pub(super) fn write(format: Format, compiled: &Compiled, results: &Results) -> String {
    match format {
        Format::Human => human(results),
        Format::Json => format!("{}\n", to_json(compiled, results)),
        Format::Junit => junit(compiled, results),
    }
}

fn human(results: &Results) -> String {
    let mut text = String::new();
    for case in results.cases.iter().filter(|case| case.is_failed()) {
        let _ = writeln!(text, "FAIL {}", title(case));
        for mismatch in &case.mismatches {
            let _ = writeln!(text, "  {mismatch}");
        }
        let _ = writeln!(text, "  it was {}", case.decided);
        for other in &case.others {
            let _ = writeln!(text, "    {other}");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", summary(results));
    text
}

fn title(case: &Played) -> String {
    match case.description.as_str() {
        "" => case.name.clone(),
        description => format!("{} {description}", case.name),
    }
}

fn summary(results: &Results) -> String {
    let failed = failures(results);
    let passed = results.cases.len().saturating_sub(failed);
    format!("{passed} passed, {failed} failed")
}

fn failures(results: &Results) -> usize {
    results.cases.iter().filter(|case| case.is_failed()).count()
}

fn to_json(compiled: &Compiled, results: &Results) -> Value {
    let case = |case: &Played| {
        json!({
            "case": case.name,
            "description": case.description,
            "passed": !case.is_failed(),
            "mismatches": case.mismatches,
            "decided": case.decided,
        })
    };
    let untouched = results.untouched.iter();
    json!({
        "passed": results.cases.len().saturating_sub(failures(results)),
        "failed": failures(results),
        "cases": results.cases.iter().map(case).collect::<Vec<_>>(),
        "untouched_rules": untouched.map(|rule| rule_json(compiled, rule)).collect::<Vec<_>>(),
    })
}

/// The form that build servers agree on: <https://github.com/testmoapp/junitxml>.
fn junit(compiled: &Compiled, results: &Results) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let server = escape(&compiled.spec().server);
    let (tests, failed) = (results.cases.len(), failures(results));
    let seconds: f64 = results.cases.iter().map(|case| case.seconds).sum();
    let _ = writeln!(
        text,
        "<testsuites tests=\"{tests}\" failures=\"{failed}\" time=\"{seconds:.3}\">\n  <testsuite name=\"{server}\" tests=\"{tests}\" failures=\"{failed}\" time=\"{seconds:.3}\">"
    );
    for case in &results.cases {
        text.push_str(&junit_case(&server, case));
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn junit_case(server: &str, case: &Played) -> String {
    let (name, file) = (escape(&title(case)), escape(file_of(&case.name)));
    let open = format!(
        "    <testcase classname=\"{server}\" name=\"{name}\" file=\"{file}\" time=\"{:.3}\"",
        case.seconds
    );
    if !case.is_failed() {
        return format!("{open}/>\n");
    }
    let first = case.mismatches.first().map_or("", String::as_str);
    let details = [&case.mismatches[..], &[format!("it was {}", case.decided)]].concat();
    let (message, details) = (escape(first), escape(&details.join("\n")));
    format!("{open}>\n      <failure message=\"{message}\">{details}</failure>\n    </testcase>\n")
}

/// The file of `file:line`.
fn file_of(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(file, _)| file)
}

/// Text in XML 1.0, which cannot hold most control characters at all.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push('\t'),
            other if other.is_control() || matches!(other, '\u{FFFE}' | '\u{FFFF}') => {
                escaped.push('\u{FFFD}');
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_leaves_its_attribute() {
        assert_eq!(escape("a<\"&\u{1}\n"), "a&lt;&quot;&amp;\u{FFFD}&#10;");
    }
}
