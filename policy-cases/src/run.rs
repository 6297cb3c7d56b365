//! Runs one case in every way in which it can be cut.

use crate::cuts::Cuts;
use crate::exchange::{Guard, Outcome};
use crate::expect::mismatches;
use crate::scenario::Scenario;

/// Plays `scenario` whole, then with every cut, and says what is not as expected.
///
/// # Errors
/// What differs from the expectation, or which cut changes the outcome.
pub fn run(guard: &impl Guard, scenario: &Scenario) -> Result<(), String> {
    let whole = guard.exchange(scenario, &Cuts::whole())?;
    let found = mismatches(scenario, &whole);
    if !found.is_empty() {
        return Err(found.join("\n"));
    }
    let request_len = scenario.request.body.bytes().len();
    let answer_len = scenario.upstream.body.bytes().len();
    for cuts in Cuts::plans(request_len, answer_len) {
        let cut = guard.exchange(scenario, &cuts)?;
        same(scenario, &whole, &cut).map_err(|error| format!("cut at {cuts:?}: {error}"))?;
    }
    Ok(())
}

fn same(scenario: &Scenario, whole: &Outcome, cut: &Outcome) -> Result<(), String> {
    let found = mismatches(scenario, cut);
    if !found.is_empty() {
        return Err(found.join("\n"));
    }
    if whole != cut {
        return Err(format!(
            "the outcome is\n  {cut:?}\nwhole it was\n  {whole:?}"
        ));
    }
    Ok(())
}
