//! Results for people, for programs, and for what reads JUnit.

use super::{Format, Played, Results};
use serde_json::{Value, json};
use std::fmt::Write;

pub(super) fn write(format: Format, results: &Results) -> String {
    match format {
        Format::Human => human(results),
        Format::Json => format!("{}\n", to_json(results)),
        Format::Junit => junit(results),
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

fn to_json(results: &Results) -> Value {
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
        "untouched_rules": untouched.map(|rule| &rule.json).collect::<Vec<_>>(),
    })
}

/// The form that build servers agree on: <https://github.com/testmoapp/junitxml>.
fn junit(results: &Results) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites {}>", totals(&results.cases));
    // The cases of one policy stand together.
    for suite in results
        .cases
        .chunk_by(|one, next| one.server == next.server)
    {
        let server = suite.first().map_or("", |case| case.server.as_str());
        let server = escape(server);
        let _ = writeln!(text, "  <testsuite name=\"{server}\" {}>", totals(suite));
        for case in suite {
            text.push_str(&junit_case(&server, case));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn totals(cases: &[Played]) -> String {
    let failed = cases.iter().filter(|case| case.is_failed()).count();
    let seconds: f64 = cases.iter().map(|case| case.seconds).sum();
    let tests = cases.len();
    format!("tests=\"{tests}\" failures=\"{failed}\" time=\"{seconds:.3}\"")
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
