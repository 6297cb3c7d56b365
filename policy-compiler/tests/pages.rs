//! The pages of `docs/diagnostics/`: each example is compiled, and says exactly what the page shows.
//!
//! `MCP_GUARD_BLESS=1 cargo test -p mcp-guard-compiler --test pages` writes the output anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests, and what they are made of, may fail loudly"
)]

use mcp_guard_compiler::artefact::{self, Member};
use mcp_guard_compiler::compilation::{Compilation, Input, compile};
use mcp_guard_compiler::deployment::{Overrides, Reference};
use mcp_guard_compiler::diagnostic::render::{Format, render};
use mcp_guard_compiler::diagnostic::{Code, Diagnostics, Severity};
use mcp_guard_compiler::review::{self, image::Answer};
use mcp_guard_compiler::source::Sources;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Codes of findings whose example would fill the page, or that no policy causes.
const WITHOUT_EXAMPLE: &[Code] = &[
    Code::ObjectLarge,
    Code::ObjectTooLarge,
    Code::NotAllChecked,
    Code::Internal,
];

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    for code in Code::ALL {
        let title = format!("# {code}: {}\n", code.title());
        assert!(code.page().starts_with(&title), "{code} needs a page");
    }
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            name.parse::<Code>().is_ok(),
            "{} has no code",
            path.display()
        );
    }
}

#[test]
fn every_example_says_what_its_page_shows() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let page = code.page();
        if is_live(*code) {
            continue;
        }
        let Some((example, corrected)) = examples(page) else {
            assert!(WITHOUT_EXAMPLE.contains(code), "{code} has no example");
            continue;
        };
        let (codes, said) = compiled(&example);
        if codes != [*code] {
            wrong.push(format!("the example of {code} says {codes:?}:\n{said}"));
        } else if std::env::var_os("MCP_GUARD_BLESS").is_some() {
            bless(*code, page, &said);
        } else if example.get("text") != Some(&said) {
            wrong.push(format!("the page of {code} does not show this:\n{said}"));
        }
        let mut whole = example.clone();
        whole.extend(corrected);
        let (codes, said) = compiled(&whole);
        if !codes.is_empty() {
            wrong.push(format!("the correction of {code} says {codes:?}:\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn severities_are_said() {
    for code in Code::ALL {
        let said: &[&str] = match code.severity() {
            // Which of them is true, `tests/doctor/main.rs` looks.
            Severity::Error if is_live(*code) => &[
                "An error: not enforced.",
                "An error: not enforced, or unknown.",
                "An error: unknown, which is never fine.",
            ],
            Severity::Error => &["An error: nothing is compiled."],
            Severity::Warning => &["A warning: legal, but suspicious."],
        };
        let opening = code.page().lines().nth(2).unwrap();
        assert!(said.contains(&opening), "{code}");
    }
}

/// What runs in a cluster: `tests/doctor/main.rs` runs the examples of these.
fn is_live(code: Code) -> bool {
    code.as_str().starts_with("MCP05")
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics")
}

type Files = BTreeMap<String, String>;

/// The files of the example and those of the correction, by what follows the language in the fence.
fn examples(page: &str) -> Option<(Files, Files)> {
    let (_, rest) = page.split_once("\n## Example\n")?;
    let (example, corrected) = rest.split_once("\n## Corrected\n")?;
    Some((fences(example), fences(corrected)))
}

fn fences(section: &str) -> Files {
    let mut files = Files::new();
    let mut parts = section.split("```");
    while let (Some(_), Some(fence)) = (parts.next(), parts.next()) {
        let (info, text) = fence.split_once('\n').unwrap();
        let name = info.split(' ').next_back().unwrap();
        files.insert(name.into(), text.into());
    }
    files
}

/// The codes that are said, each once, and the output.
fn compiled(files: &Files) -> (Vec<Code>, String) {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let one = member(files, ["policy", "deploy"], &mut sources, &mut found);
    let other = files.contains_key("other");
    let other = other.then(|| member(files, ["other", "other-deploy"], &mut sources, &mut found));
    let members: Vec<_> = [("one", Some(one)), ("other", other)]
        .into_iter()
        .filter_map(|(name, compilation)| Some((name, compilation??)))
        .collect();
    for (_, compilation) in &members {
        beside(files, compilation, &mut sources, &mut found);
    }
    let members: Vec<_> = members
        .iter()
        .map(|(name, compilation)| Member { name, compilation })
        .collect();
    artefact::check_fleet(&members, &mut found);
    let findings = found.into_sorted();
    let mut codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    codes.dedup();
    let said = render(&sources, &findings, Format::Human { color: false });
    (
        codes,
        format!("{}\n", said.trim_end()).replace("\n\n\n", "\n\n"),
    )
}

/// One policy with its deployment, by the names of their fences.
fn member(
    files: &Files,
    [policy, deployment]: [&str; 2],
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Option<Compilation> {
    let mut add = |fence: &str, name: &str| {
        let text = files.get(fence)?;
        Some(sources.add(name, text.clone()))
    };
    let folder = if policy == "other" { "other/" } else { "" };
    let shared = add("shared", "shared.yaml");
    let input = Input {
        policy: add(policy, &format!("{folder}policy.yaml")).unwrap(),
        imported: shared
            .map(|file| ("shared.yaml".into(), file))
            .into_iter()
            .collect(),
        captured: add("tools", "tools.json"),
        deployment: add(deployment, &format!("{folder}deploy.yaml")),
        overrides: Overrides::default(),
    };
    compile(sources, &input, found)
}

/// What is found in other manifests, by a registry, and by asking for an Envoy of one's own.
fn beside(
    files: &Files,
    compilation: &Compilation,
    sources: &mut Sources,
    found: &mut Diagnostics,
) {
    if let Some(text) = files.get("manifests") {
        let file = sources.add("manifests.yaml", text.clone());
        let manifests = review::read(sources, file, found);
        review::run(compilation, &manifests, found);
    }
    if let Some(body) = files.get("registry") {
        let image = &compilation.deployment.as_ref().unwrap().image;
        let reference = Reference::of(image).unwrap();
        let span = image.digest.as_ref().map(|digest| digest.span);
        review::image::check(&reference, &answer(body), span, found);
    }
    if files.contains_key("envoy") {
        artefact::envoy::check(compilation, found);
    }
}

/// As a registry sends it: OCI distribution specification 1.1, "Pulling manifests" and "Error codes".
fn answer(body: &str) -> Answer {
    let json: serde_json::Value = serde_json::from_str(body).unwrap();
    let Some(media_type) = json["mediaType"].as_str() else {
        return Answer::Unreachable("the registry answers 404 Not Found".into());
    };
    Answer::Manifest {
        media_type: media_type.into(),
        digest: review::image::digest(body.as_bytes()),
        body: body.into(),
    }
}

/// Writes the output into the page.
fn bless(code: Code, page: &str, said: &str) {
    let (before, rest) = page.split_once("```text\n").unwrap();
    let (_, after) = rest.split_once("```").unwrap();
    let path = folder().join(format!("{code}.md"));
    std::fs::write(path, format!("{before}```text\n{said}```{after}")).unwrap();
}
