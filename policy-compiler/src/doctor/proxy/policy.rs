//! The policy that the workers run.
//!
//! Three things must agree, since each of them lies alone: the configuration that istiod sent, which
//! the dump shows even if the workers rejected it and run the one before; the gauge that the filter
//! itself keeps, which stays where the filter is taken out of the chain; and the chain.

use super::{Proxy, filter};
use crate::diagnostic::Code;
use crate::doctor::Target;
use crate::doctor::facts::CONVERSIONS;
use crate::doctor::lines::Lines;
use crate::doctor::report::Check;
use crate::doctor::value::{differences, text};
use mcp_guard_engine::names::METRIC_PREFIX;
use mcp_guard_engine::policy::Guard;
use serde_json::Value;

const FOUND: (Check, Code) = (Check::Policy, Code::PolicyNotRunning);

const APPLY: &str = "apply what `mcp-guard compile` writes, and wait; if it is applied, the proxy is cut off from istiod";
const REJECTED: &str = "the workers reject what they are sent: is the module older than the compiler? Apply the policy that runs again, or push the new module first";
const RESTARTED: &str =
    "look at the proxy's log; restart the pod once the module and the policy fit each other";
const FETCH: &str = "push the image, or mend `digest`; then touch the attachment: Istio does not try again by itself";

pub(super) fn check(target: &Target<'_>, proxy: &Proxy<'_>, lines: &mut Lines) {
    let mut extensions = proxy.dump.extensions();
    let Some((_, config)) = extensions.find(|(name, _)| filter::is_ours(name, target)) else {
        lines.broken(
            FOUND,
            proxy.pod(),
            "has no configuration of the filter",
            APPLY,
        );
        return;
    };
    if !text(config, "/@type").ends_with(".Wasm") {
        lines.broken(
            (Check::Policy, Code::ModuleNotLoaded),
            proxy.pod(),
            format!(
                "could not load the filter: a stand-in {}{}",
                effect(config),
                failures(proxy)
            ),
            FETCH,
        );
        return;
    }
    let fails_open = config.pointer("/config/fail_open") == Some(&Value::Bool(true));
    if fails_open || text(config, "/config/failure_policy") == "FAIL_OPEN" {
        let evidence = "runs the filter so that calls pass when it fails";
        lines.broken(FOUND, proxy.pod(), evidence, APPLY);
        return;
    }
    let sent = text(config, "/config/configuration/value");
    if !is_compiled(target, sent) {
        let evidence = format!("was sent another policy: {}", digest_of(sent));
        lines.broken(FOUND, proxy.pod(), evidence, APPLY);
        return;
    }
    check_workers(target, proxy, lines);
}

/// What istiod's agent puts in the place of a module that it could not fetch.
fn effect(config: &Value) -> &'static str {
    // An RBAC filter with empty rules refuses everything, and one without any lets everything pass.
    match config.get("rules") {
        Some(_) => "refuses every call",
        None => "lets every call pass",
    }
}

/// What the agent counted, ` (fetch_failure: 1)`.
fn failures(proxy: &Proxy<'_>) -> String {
    let metrics = proxy.replica.agent_metrics.as_deref().unwrap_or_default();
    let counts = metrics.lines().filter_map(|line| {
        let rest = line.strip_prefix(CONVERSIONS)?.strip_prefix("{result=\"")?;
        let (result, count) = rest.split_once("\"}")?;
        (!matches!(result, "success" | "no_remote_load"))
            .then(|| format!("{result}: {}", count.trim()))
    });
    let counts: Vec<String> = counts.collect();
    match counts.is_empty() {
        true => String::new(),
        false => format!(" ({})", counts.join(", ")),
    }
}

/// Whether a configuration is what the policy compiles to.
fn is_compiled(target: &Target<'_>, sent: &str) -> bool {
    let compiled = serde_json::from_str::<Value>(&target.compilation.plugin_config);
    match (serde_json::from_str::<Value>(sent), compiled) {
        (Ok(sent), Ok(compiled)) => differences(&sent, &compiled).is_empty(),
        _ => false,
    }
}

fn digest_of(sent: &str) -> String {
    let guard = Guard::from_json(sent.as_bytes());
    match guard {
        Err(fault) => format!("one that the filter cannot read ({fault})"),
        Ok(guard) => {
            let policies = [
                ("enforced", &guard.enforced),
                ("candidate", &guard.candidate),
            ];
            let named = policies.into_iter().filter_map(|(stage, policy)| {
                let policy = policy.as_ref()?;
                Some(format!("{} as {stage}", policy.digest))
            });
            named.collect::<Vec<_>>().join(", ")
        }
    }
}

/// How many parts of the proxy run a policy, by stage and digest.
struct Running<'f> {
    stage: &'f str,
    digest: &'f str,
    count: u64,
}

/// `wasmcustom.mcp_guard_policy;.;stage=.=enforced;.;digest=.=HEX;.;: 4`
fn running(stats: &str) -> Vec<Running<'_>> {
    let name = format!("{METRIC_PREFIX}policy;.;");
    let gauges = stats.lines().filter_map(|line| {
        let (_, tags) = line.split_once(name.as_str())?;
        let (tags, count) = tags.rsplit_once(':')?;
        let tag = |key: &str| {
            let mut tags = tags.split(";.;").filter_map(|tag| tag.split_once("=.="));
            tags.find_map(|(name, value)| (name == key).then_some(value))
        };
        Some(Running {
            stage: tag("stage")?,
            digest: tag("digest")?,
            count: count.trim().parse().ok()?,
        })
    });
    gauges.filter(|running| running.count > 0).collect()
}

/// An update leaves one count of the policy before behind, in the thread that is no worker: what all
/// workers run is counted more often than they are, or as often, and more often than any other.
fn check_workers(target: &Target<'_>, proxy: &Proxy<'_>, lines: &mut Lines) {
    let info = proxy.replica.server_info.as_ref();
    let workers = info.and_then(|info| info.pointer("/command_line_options/concurrency")?.as_u64());
    let (Some(stats), Some(workers)) = (&proxy.replica.stats, workers) else {
        // Where they could not be read, that is said, too.
        let found = (Check::Policy, Code::FactUnknown);
        let evidence = "was sent the policy, and what its workers run is not known";
        lines.unknown(found, proxy.pod(), evidence, "look at the proxy's log");
        return;
    };
    let running = running(stats);
    let stage = match target.enforces() {
        true => "enforced",
        false => "candidate",
    };
    let digest = target.compilation.digest.as_str();
    let is_ours = |running: &&Running<'_>| running.stage == stage && running.digest == digest;
    let ours = running.iter().find(is_ours);
    let ours = ours.map_or(0, |running| running.count);
    let others: Vec<_> = running.iter().filter(|one| !is_ours(one)).collect();
    let most = others.iter().map(|running| running.count).max();
    if ours >= workers.max(1) && ours > most.unwrap_or(0) {
        let evidence = format!("its workers run {digest} as {stage}");
        lines.enforced(Check::Policy, proxy.pod(), evidence);
        return;
    }
    if others.is_empty() {
        let evidence = "was sent the policy, and no worker runs any";
        lines.broken(FOUND, proxy.pod(), evidence, RESTARTED);
        return;
    }
    let seen: Vec<String> = others
        .iter()
        .map(|running| format!("{} as {}", running.digest, running.stage))
        .collect();
    let seen = seen.join(", ");
    let evidence = format!("was sent the policy, but its workers run {seen}");
    lines.broken(FOUND, proxy.pod(), evidence, REJECTED);
}
