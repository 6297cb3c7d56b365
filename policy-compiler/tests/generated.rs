//! Generated policies: valid ones say nothing and compile to the same bytes each time; spoilt ones
//! are refused, with a place, and nothing panics.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests, and what they are made of, may fail loudly"
)]

#[path = "generated/random.rs"]
mod random;
#[path = "generated/spoil.rs"]
mod spoil;
#[path = "generated/valid.rs"]
mod valid;

use mcp_guard_compiler::compilation::{Compilation, Input, compile};
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::render::{Format, render};
use mcp_guard_compiler::diagnostic::{Code, Diagnostic, Diagnostics};
use mcp_guard_compiler::source::Sources;
use random::Random;
use std::time::{Duration, Instant};

const POLICIES: u64 = 1_200;

fn compiled(
    policy: &str,
    deployment: Option<&str>,
) -> (Option<Compilation>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("policy.yaml", policy);
    let deployment = deployment.map(|text| sources.add("deploy.yaml", text));
    let input = Input {
        policy: file,
        imported: std::collections::BTreeMap::new(),
        captured: None,
        deployment,
        overrides: Overrides::default(),
    };
    let mut found = Diagnostics::default();
    let compiled = compile(&sources, &input, &mut found);
    (compiled, found.into_sorted(), sources)
}

#[test]
fn valid_policies_say_nothing_and_compile_to_the_same_bytes() {
    for seed in 0..POLICIES {
        let mut random = Random::new(seed);
        let policy = valid::policy(&mut random);
        let deployment = valid::deployment(&mut random);
        let (first, found, sources) = compiled(&policy, Some(&deployment));
        let said = render(&sources, &found, Format::Human { color: false });
        assert!(found.is_empty(), "seed {seed}:\n{policy}\n{said}");
        let (again, ..) = compiled(&policy, Some(&deployment));
        let config = |compilation: &Option<Compilation>| {
            compilation
                .as_ref()
                .map(|made| (made.plugin_config.clone(), made.digest.clone()))
        };
        assert!(first.is_some(), "seed {seed}:\n{policy}");
        assert_eq!(config(&first), config(&again), "seed {seed}");
    }
}

#[test]
fn reasons_and_layout_do_not_enter_the_digest() {
    for seed in 0..200 {
        let policy = valid::policy(&mut Random::new(seed));
        let digest = |text: &str| compiled(text, None).0.map(|made| made.digest);
        let commented = policy.replace('\n', "   # a comment\n");
        let windows = policy.replace('\n', "\r\n");
        assert!(digest(&policy).is_some());
        assert_eq!(digest(&policy), digest(&commented), "{policy}");
        assert_eq!(digest(&policy), digest(&windows), "{policy}");
    }
}

#[test]
fn spoilt_files_are_refused_with_a_place() {
    let mut refused = 0;
    for seed in 0..POLICIES {
        let mut random = Random::new(seed);
        let policy = valid::policy(&mut random);
        let deployment = valid::deployment(&mut random);
        let (policy, deployment) = match random.below(3) {
            0 => (policy, spoil::spoil(&mut random, &deployment)),
            _ => (spoil::spoil(&mut random, &policy), deployment),
        };
        let (compilation, found, sources) = compiled(&policy, Some(&deployment));
        refused += u64::from(compilation.is_none());
        for finding in &found {
            assert_ne!(
                finding.code,
                Code::Internal,
                "seed {seed}: {}\n{policy}",
                finding.message
            );
            assert!(finding.span().is_some(), "seed {seed}: {}", finding.message);
            for label in &finding.labels {
                let text = sources.text(label.span.file);
                let inside = text.get(label.span.start..label.span.end).is_some();
                assert!(
                    inside,
                    "seed {seed}: {} at {:?}",
                    finding.message, label.span
                );
            }
        }
        for format in [
            Format::Human { color: false },
            Format::Json,
            Format::Sarif,
            Format::Github,
        ] {
            let _ = render(&sources, &found, format);
        }
    }
    assert!(refused > POLICIES / 4, "only {refused} were refused");
}

#[test]
fn ten_thousand_tools_compile_quickly() {
    let names = |from: usize| {
        (from..from + 5_000)
            .map(|n| format!("search_tool_{n}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let globs = (0..500)
        .map(|n| format!("\"get_{n}_*\""))
        .collect::<Vec<_>>()
        .join(", ");
    let policy = format!(
        "version: 1\nserver: big\nendpoints: {{ port: 1, mcp: [/mcp] }}\ncallers: {{ a: {{ namespaces: [a] }} }}\n\
         allow:\n  one: {{ tools: [{}] }}\n  two: {{ tools: [{}] }}\n  three: {{ tools: [{globs}] }}\n\
         deny:\n  org: {{ tools: [\"*_org_*\", \"*_admin\"] }}\n",
        names(0),
        names(5_000),
    );
    let started = Instant::now();
    let (compilation, found, _) = compiled(&policy, None);
    let took = started.elapsed();
    println!("10,000 tools and 500 globs: {took:?}");
    assert!(compilation.is_some(), "{found:?}");
    // Without optimisation, on a busy machine; the benchmark measures what a release takes.
    assert!(took < Duration::from_secs(15), "{took:?}");
}
