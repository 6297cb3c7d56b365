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
