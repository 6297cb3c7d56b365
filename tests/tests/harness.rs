//! The cases can fail: a guard that permits everything and one that refuses everything do.

use mcp_guard_cases::cuts::Cuts;
use mcp_guard_cases::exchange::{Forwarded, Guard, Outcome};
use mcp_guard_cases::expect::mismatches;
use mcp_guard_cases::expectation::Forwarding;
use mcp_guard_cases::scenario::Scenario;
use mcp_guard_tests::load::{cases_folder, load_all};

/// No guard at all.
struct PermitsEverything;

impl Guard for PermitsEverything {
    fn exchange(&self, scenario: &Scenario, _: &Cuts) -> Result<Outcome, String> {
        Ok(Outcome {
            forwarded: Some(Forwarded {
                headers: scenario.request.headers.clone(),
                body: scenario.request.body.bytes(),
            }),
            status: scenario.upstream.status,
            headers: scenario.upstream.headers.clone(),
            body: scenario.upstream.body.bytes(),
            record: serde_json::Value::Null,
        })
    }
}

/// A guard that lets nothing through.
struct RefusesEverything;

impl Guard for RefusesEverything {
    fn exchange(&self, _: &Scenario, _: &Cuts) -> Result<Outcome, String> {
        Ok(Outcome {
            status: 403,
            ..Outcome::default()
        })
    }
}

/// Names of the cases that `guard` passes, out of those that `concern` picks.
fn passed(guard: &impl Guard, concern: fn(&Scenario) -> bool) -> Result<Vec<String>, String> {
    let scenarios = load_all(&cases_folder())?;
    let concerned: Vec<_> = scenarios
        .iter()
        .filter(|scenario| concern(scenario))
        .collect();
    assert!(!concerned.is_empty(), "there are no such cases");
    let mut names = Vec::new();
    for scenario in concerned {
        let outcome = guard.exchange(scenario, &Cuts::whole())?;
        if mismatches(scenario, &outcome).is_empty() {
            names.push(scenario.name.clone());
        }
    }
    Ok(names)
}

/// The request must not arrive, or the answer must lose something.
fn refuses(scenario: &Scenario) -> bool {
    scenario.expect.forwarded == Forwarding::Refused || !scenario.expect.lacks.is_empty()
}

#[test]
fn a_guard_that_permits_everything_fails_every_refusal() -> Result<(), String> {
    let passed = passed(&PermitsEverything, refuses)?;
    assert_eq!(passed, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_guard_that_refuses_everything_fails_every_permission() -> Result<(), String> {
    let passed = passed(&RefusesEverything, |case| {
        matches!(case.expect.forwarded, Forwarding::Forwarded(_))
    })?;
    assert_eq!(passed, Vec::<String>::new());
    Ok(())
}
