//! The threat model and the cases name each other.

use mcp_guard_tests::load::{cases_folder, load_all};
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

/// Anchors of the sections that describe an attack, as GitHub forms them from headings.
fn attacks() -> Result<BTreeSet<String>, Box<dyn Error>> {
    let text = fs::read_to_string(cases_folder().join("../../docs/threat-model.md"))?;
    let sections = text.split("\n## ").skip(1);
    let attacks = sections.filter(|section| section.contains("**Attack.**"));
    Ok(attacks
        .filter_map(|section| section.lines().next())
        .map(anchor)
        .collect())
}

fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let text: String = heading.to_lowercase().chars().filter(kept).collect();
    text.trim().replace(' ', "-")
}

#[test]
fn every_threat_that_a_case_cites_is_in_the_model() -> Result<(), Box<dyn Error>> {
    let attacks = attacks()?;
    let scenarios = load_all(&cases_folder())?;
    let cited = scenarios
        .iter()
        .filter_map(|case| Some((&case.name, case.threat.as_ref()?)));
    let unknown: Vec<_> = cited
        .filter(|(_, threat)| !attacks.contains(*threat))
        .collect();
    assert!(
        unknown.is_empty(),
        "not in docs/threat-model.md: {unknown:?}"
    );
    Ok(())
}

#[test]
fn every_attack_of_the_model_has_a_case() -> Result<(), Box<dyn Error>> {
    let scenarios = load_all(&cases_folder())?;
    let cited: BTreeSet<_> = scenarios
        .into_iter()
        .filter_map(|case| case.threat)
        .collect();
    let bare: Vec<_> = attacks()?
        .into_iter()
        .filter(|attack| !cited.contains(attack))
        .collect();
    assert!(bare.is_empty(), "no case cites {bare:?}");
    Ok(())
}
