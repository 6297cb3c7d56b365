//! The objects that are compiled, and those that stand beside them.

use super::lines::Lines;
use super::report::Check;
use super::value::{differences, text};
use super::{Facts, Target};
use crate::artefact::Object;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::review::{self, Manifest, REVISION, Subject};
use crate::source::{Sources, Span};
use serde_json::Value;

/// Annotations of ours that say where an object comes from, and in which order tools apply it.
const PROVENANCE: [&str; 2] = ["mcp-guard.dev/", "argocd.argoproj.io/"];

const APPLY: &str = "apply what `mcp-guard compile` writes";

pub(super) fn check(target: &Target<'_>, facts: &Facts, lines: &mut Lines) {
    let mut sources = Sources::default();
    let live: Vec<Manifest> = facts
        .objects
        .iter()
        .filter(|object| is_of_interest(object))
        .map(|object| manifest(object, &mut sources))
        .collect();
    check_own(target, facts, &live, &sources, lines);
    let Some(subject) = Subject::new(target.compilation, &live) else {
        return;
    };
    let mut found = Diagnostics::default();
    review::others(&subject, &live, &mut found);
    let found = found.into_sorted();
    for finding in &found {
        report(finding, &sources, lines);
    }
    if found.is_empty() {
        let evidence = format!("none of {} objects weakens it", live.len());
        lines.enforced(Check::Others, target.namespace(), evidence);
    }
}

/// Pods that have ended serve nobody.
fn is_of_interest(object: &Value) -> bool {
    text(object, "/kind") != "Pod" || super::pods::is_alive(object)
}

/// Everything of an object stands at one place, which is called by the object's name.
fn manifest(object: &Value, sources: &mut Sources) -> Manifest {
    let file = sources.add(name(object), "");
    let span = Span {
        file,
        start: 0,
        end: 0,
    };
    Manifest::live(object, span)
}

/// `Kind namespace/name`.
fn name(object: &Value) -> String {
    let (kind, name) = (text(object, "/kind"), text(object, "/metadata/name"));
    match text(object, "/metadata/namespace") {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
    }
}

fn check_own(
    target: &Target<'_>,
    facts: &Facts,
    live: &[Manifest],
    sources: &Sources,
    lines: &mut Lines,
) {
    for object in &target.objects {
        let is_there = |manifest: &&Manifest| {
            manifest.namespace() == Some(object.namespace()) && review::is_named(manifest, object)
        };
        let Some(manifest) = live.iter().find(is_there) else {
            let found = (Check::Objects, Code::ObjectMissing);
            lines.broken(found, &name(object.value()), "is not in the cluster", APPLY);
            continue;
        };
        let title = sources.name(manifest.span().file);
        let value = facts.objects.iter().find(|value| name(value) == title);
        let changed = value.map(|value| changes(target, object, manifest, value));
        if let Some(changed) = changed.filter(|changed| !changed.is_empty()) {
            let evidence = format!("is not what the policy compiles to: {}", changed.join(", "));
            let found = (Check::Objects, Code::WeakenedByManifest);
            lines.broken(found, title, evidence, APPLY);
        }
    }
    if !lines.has_trouble(Check::Objects) {
        let evidence = format!("{} objects are as compiled", target.objects.len());
        lines.enforced(Check::Objects, target.namespace(), evidence);
    }
}

/// Where an object differs from the one that is compiled.
fn changes(target: &Target<'_>, object: &Object, manifest: &Manifest, live: &Value) -> Vec<String> {
    let mut changed = Vec::new();
    if !review::is_equal(manifest, object) {
        let spec = |value: &Value| value.get("spec").cloned().unwrap_or_default();
        let found = differences(&spec(object.value()), &spec(live));
        let mut found: Vec<String> = found.iter().map(|path| format!("spec.{path}")).collect();
        found.truncate(5);
        changed = match found.is_empty() {
            true => vec!["spec".into()],
            false => found,
        };
    }
    let annotations = object.value().pointer("/metadata/annotations");
    let annotations = annotations.and_then(Value::as_object).into_iter().flatten();
    let labelled = live
        .pointer("/metadata/labels")
        .and_then(|labels| labels.get(REVISION));
    let live = live.pointer("/metadata/annotations");
    for (key, value) in annotations {
        let is_ours = PROVENANCE.iter().any(|prefix| key.starts_with(prefix));
        if !is_ours && live.and_then(|live| live.get(key)) != Some(value) {
            changed.push(format!("annotation {key}"));
        }
    }
    let network = &target.deployment.network;
    let revision = labelled.and_then(Value::as_str);
    if revision.is_some_and(|revision| !network.is_revision(revision)) {
        changed.push(format!("label {REVISION}"));
    }
    changed
}

/// A finding about manifests, as a line: what may or may not weaken is not known.
fn report(finding: &Diagnostic, sources: &Sources, lines: &mut Lines) {
    let label = finding.labels.first();
    let subject = label.map_or("", |label| sources.name(label.span.file));
    let evidence = match label.map(|label| label.text.as_str()) {
        None | Some("") => finding.message.clone(),
        Some(label) => format!("{}: {label}", finding.message),
    };
    let advice = finding.help.as_deref().unwrap_or("remove it, or change it");
    let found = (Check::Others, finding.code);
    match finding.severity {
        Severity::Error => lines.broken(found, subject, evidence, advice),
        Severity::Warning => lines.unknown(found, subject, evidence, advice),
    }
}
