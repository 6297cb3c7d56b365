use super::{Format, render};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Sources, Span};

fn example() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let file = sources.add("policy.yaml", "version: 1\nalow: {}\n");
    let span = Span {
        file,
        start: 11,
        end: 15,
    };
    let finding = Diagnostic::new(Code::UnknownKey, span, "`alow` is not a key here")
        .label("one of `allow`, `deny`")
        .help("did you mean `allow`?")
        .patch(span, "allow");
    (sources, vec![finding])
}

#[test]
fn people_see_the_line() {
    let (sources, findings) = example();
    let text = render(&sources, &findings, Format::Human { color: false });
    assert_eq!(
        text,
        "error[MCP0004]: `alow` is not a key here
 --> policy.yaml:2:1
  |
2 | alow: {}
  | ^^^^ one of `allow`, `deny`
  |
help: did you mean `allow`?
  |
2 | allow: {}
  |   +

"
    );
}

#[test]
fn programs_get_places() {
    let (sources, findings) = example();
    assert_eq!(
        render(&sources, &findings, Format::Github),
        "::error file=policy.yaml,line=2,col=1,title=MCP0004::\
         `alow` is not a key here%0Ahelp: did you mean `allow`?\n"
    );
    let line = render(&sources, &findings, Format::Json);
    let object: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["labels"][0]["line"], 2);
    assert_eq!(object["patch"]["replacement"], "allow");
    let sarif = render(&sources, &findings, Format::Sarif);
    let log: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "MCP0004");
    assert_eq!(
        result["locations"][0]["physicalLocation"]["region"]["endColumn"],
        5
    );
}

#[test]
fn what_is_shown_does_not_grow_with_the_line() {
    let mut sources = Sources::default();
    let names: Vec<String> = (0..10_000)
        .map(|number| format!("tool-{number:04}"))
        .collect();
    let file = sources.add(
        "policy.yaml",
        format!("# ü\ntools: [{}]\n", names.join(",")),
    );
    let span = |number: usize| {
        let start = "# ü\ntools: [".len() + number * "tool-0000,".len();
        let end = start + "tool-0000".len();
        Span { file, start, end }
    };
    let findings: Vec<_> = (1..names.len())
        .map(|number| {
            Diagnostic::new(Code::RepeatedEntry, span(number), "twice")
                .label("again")
                .also(span(number - 1), "first here")
        })
        .collect();
    let text = render(&sources, &findings, Format::Human { color: false });
    assert!(text.len() < findings.len() * 400, "{} bytes", text.len());
    let first = "warning[MCP0207]: twice
--> policy.yaml:2:19
 = note: `tool-0001,tool-0002,tool-0003,tool-0004,tool-0005,tool-0006,…` again
::: policy.yaml:2:9
 = note: `tool-0000,tool-0001,tool-0002,tool-0003,tool-0004,tool-0005,…` first here
";
    let shown: Vec<&str> = text.lines().take(5).collect();
    assert_eq!(shown, first.lines().collect::<Vec<_>>());
}

#[test]
fn nothing_in_a_finding_acts_on_a_terminal_or_a_build_server() {
    let mut sources = Sources::default();
    let text = "a: \u{1b}[31m\n::error::b: \u{9b}31m\n";
    let file = sources.add("\u{1b}]0;x\u{7}.yaml", text);
    let span = Span {
        file,
        start: 0,
        end: text.len(),
    };
    let evil = "\u{1b}[31m\n::error::x ##[error]y \u{9b}";
    let findings = [Diagnostic::new(Code::UnknownKey, span, evil)
        .label(evil)
        .help(evil)
        .patch(span, evil)];
    let shown = render(&sources, &findings, Format::Human { color: false });
    for line in shown.lines() {
        assert!(!line.trim_start().starts_with("::error"), "{shown}");
        assert!(
            !line.contains("##[") && !line.contains(char::is_control),
            "{shown:?}"
        );
    }
}
