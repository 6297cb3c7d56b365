//! A file with the cases of a policy: one case, or a list of them under `cases`.

use crate::case::{Case, ExpectText};
use crate::read::{Fault, parse};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

/// A case, and where it begins.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Line, counted from 1.
    pub line: u64,
    /// The case.
    pub case: Case,
}

#[derive(Deserialize)]
struct Probe {
    cases: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    cases: Vec<Spanned<Case>>,
}

/// The cases in `text`.
///
/// # Errors
/// The first thing that is wrong with it, and where.
pub fn read(text: &str) -> Result<Vec<Placed>, Fault> {
    let probe: Probe = parse(text)?;
    let placed = match probe.cases {
        None => vec![Placed {
            line: 1,
            case: parse(text)?,
        }],
        Some(_) => {
            let several: Several = parse(text)?;
            several.cases.into_iter().map(Placed::from).collect()
        }
    };
    placed.iter().try_for_each(check)?;
    Ok(placed)
}

impl From<Spanned<Case>> for Placed {
    fn from(case: Spanned<Case>) -> Self {
        Self {
            line: case.referenced.line(),
            case: case.value,
        }
    }
}

/// The configuration is the policy's, which a case of it cannot replace.
fn check(placed: &Placed) -> Result<(), Fault> {
    let case = &placed.case;
    let problem = if case.config.is_some() || case.config_file.is_some() {
        "the policy is the configuration: remove `config` and `config_file`"
    } else if case.approve.is_some() {
        "no case of a policy can sign approvals: remove `approve`, and expect `approval: required`"
    } else if case.expect == ExpectText::default() {
        "`expect` is empty: the case could not fail"
    } else {
        return Ok(());
    };
    Err(Fault {
        line: Some(placed.line),
        column: Some(1),
        message: problem.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_file_holds_one_case_or_several() {
        let one = "call: {tool: a}\nexpect: {allowed: true}\n";
        assert_eq!(read(one).unwrap().len(), 1);
        let several = "cases:\n- call: {tool: a}\n  expect: {allowed: true}\n\n- call: {tool: b}\n  expect: {denied: tool_not_allowed}\n";
        let lines: Vec<_> = read(several)
            .unwrap()
            .iter()
            .map(|case| case.line)
            .collect();
        assert_eq!(lines, [2, 5]);
    }

    #[test]
    fn mistakes_have_their_place() {
        let misspelt = "cases:\n- call: {tool: a}\n  expect: {alowed: true}\n";
        let fault = read(misspelt).unwrap_err();
        assert_eq!(fault.line, Some(3), "{fault}");
        let configured = "config: {}\nexpect: {allowed: true}\n";
        assert!(read(configured).unwrap_err().message.contains("policy"));
        let approved = "call: {tool: a}\napprove: {}\nexpect: {allowed: true}\n";
        assert!(read(approved).unwrap_err().message.contains("`approve`"));
    }
}
