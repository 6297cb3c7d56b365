//! Plays a case with the engine as Wasm.

use mcp_guard_cases::engine::Engine;
use mcp_guard_cases::run::run;
use mcp_guard_cases::scenario::Scenario;

/// Plays the scenario that stands in `json`, in every way in which it can be cut.
///
/// # Panics
/// The outcome is not the expected one: this ends the test.
pub fn play(json: &str) {
    let scenario: Scenario = serde_json::from_str(json).expect("written by the build script");
    let played = Engine::configured(&scenario).and_then(|engine| run(&engine, &scenario));
    if let Err(error) = played {
        panic!("{}: {error}", scenario.name);
    }
}
