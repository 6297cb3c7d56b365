//! The lines of the checklist, one function each.

use super::proof::{Proof, foreign, met};
use super::{Line, Status};
use crate::checks::approval::{is_approved_by_default, mutating_word};
use crate::checks::breadth::is_every_name;
use crate::checks::view::{self, Listing, View};
use crate::compilation::Compilation;
use crate::deployment::{Location, PLACEHOLDER};
use crate::pattern::Budget;
use crate::policy::{EgressTls, Rule};
use mcp_guard_engine::glob::Glob;
use mcp_guard_engine::policy::Detail;
use mcp_guard_engine::policy::format::Approval;

pub(super) fn all(compilation: &Compilation) -> Vec<Line> {
    vec![
        allowlist(compilation),
        least_privilege(compilation),
        role_permissions(compilation),
        minimal_egress(compilation),
        approval(compilation),
        human_user(compilation),
        mutual_tls(compilation),
        tls_inbound(),
        tls_outbound(compilation),
        pinned_image(compilation),
    ]
}

fn allowlist(compilation: &Compilation) -> Line {
    let mut proof = Proof::default();
    let mut budget = Budget::new();
    for view in granting(compilation) {
        let path = format!("allow.{}", view.id);
        let before = proof.against.len();
        for (listings, what) in [(&view.tools, "tool"), (&view.prompts, "prompt")] {
            for listing in listings {
                let entry = format!("{path}: `{}`", shown(listing));
                match is_every_name(&listing.glob, &mut budget) {
                    Some(false) => {}
                    Some(true) => proof.against(format!("{entry} grants every {what}")),
                    None => proof.against(format!("{entry} is too intricate to be judged")),
                }
            }
        }
        if proof.against.len() == before {
            proof.for_it(format!("{path} lists {}", listed(view.rule)));
        }
        let arguments = &view.rule.arguments;
        if !arguments.is_empty() {
            let paths: Vec<_> = arguments
                .iter()
                .map(|one| one.path.value.as_str())
                .collect();
            proof.for_it(format!("{path}.arguments constrains {}", paths.join(", ")));
        }
    }
    proof.for_it("the filter refuses whatever is not JSON-RPC 2.0 and MCP to the letter".into());
    proof.enforced(compilation);
    proof.line(
        "schema-allowlist",
        "Is every call validated against an allowlist?",
    )
}

fn least_privilege(compilation: &Compilation) -> Line {
    let mut proof = Proof::default();
    if let Some(deployment) = proof.deployment(compilation) {
        match &deployment.identity {
            None => proof.against("identity: no service account is named".into()),
            Some(identity) => {
                let account = &identity.service_account.value;
                proof.for_it(format!(
                    "identity.service_account: `{account}`, and no static credential"
                ));
                if let Some(mode) = &identity.mode {
                    let role = &mode.role_arn().value;
                    proof.for_it(format!(
                        "identity.role_arn: `{role}`, which this account alone assumes"
                    ));
                }
            }
        }
        let containers: Vec<_> = deployment
            .containers
            .iter()
            .map(|name| name.value.as_str())
            .collect();
        match containers.is_empty() {
            true => proof.against("containers: none is named, so none is hardened".into()),
            false => proof.for_it(format!(
                "containers: {} run without privileges, by the patch",
                containers.join(", ")
            )),
        }
    }
    let question = "Does the service account follow the principle of least privilege?";
    proof.line("least-privilege", question)
}

fn role_permissions(compilation: &Compilation) -> Line {
    let identity = compilation
        .deployment
        .as_ref()
        .and_then(|deployment| deployment.identity.as_ref());
    let mode = identity.and_then(|identity| identity.mode.as_ref());
    let question = "May the role in AWS do no more than it must?";
    match mode {
        None => met(
            "role-permissions",
            question,
            "identity.mode: the server has no role in AWS".into(),
        ),
        Some(mode) => foreign(
            "role-permissions",
            question,
            format!(
                "the permissions of `{}` are attached in AWS",
                mode.role_arn().value
            ),
        ),
    }
}

fn minimal_egress(compilation: &Compilation) -> Line {
    let mut proof = Proof::default();
    for (name, host) in &compilation.policy.egress.hosts {
        let path = format!("egress.hosts.{name}");
        match name.starts_with("*.") {
            true => proof.against(format!("{path} is a wildcard")),
            false => proof.for_it(path.clone()),
        }
        if host.value.allow_llm {
            proof.for_it(format!("{path} is a public LLM, by `allow_llm`"));
        }
    }
    for name in compilation.policy.egress.services.keys() {
        proof.for_it(format!("egress.services.{name}"));
    }
    if proof.is_empty() {
        proof.for_it("egress: nothing may be reached".into());
    }
    if proof.deployment(compilation).is_some() {
        proof.objects(compilation, "Sidecar", "the proxy knows no other host");
        proof.objects(
            compilation,
            "NetworkPolicy",
            "the boundary where the proxy is none",
        );
        proof.enforced(compilation);
    }
    let question = "Is egress restricted to the absolute minimum of domains?";
    proof.line("minimal-egress", question)
}

fn approval(compilation: &Compilation) -> Line {
    let mut proof = Proof::default();
    let mut budget = Budget::new();
    for view in granting(compilation) {
        for listing in &view.tools {
            let Some(why) = risk(&listing.glob, &mut budget) else {
                continue;
            };
            let entry = format!("allow.{} grants `{}`", view.id, shown(listing));
            match asks(&view, listing) {
                true => proof.for_it(format!("{entry} only with an approval")),
                false => proof.against(format!("{entry} ({why}) without asking a human")),
            }
        }
    }
    if proof.is_empty() {
        proof.for_it("no granted tool has a name that says that it changes something".into());
    }
    proof.enforced(compilation);
    let question = "Does the execution of high-risk tools need a human's approval?";
    proof.line("approval", question)
}

/// Whether a rule lets a human approve the calls of a tool that it lists.
fn asks(view: &View<'_>, listing: &Listing<'_>) -> bool {
    match &view.rule.approval {
        Some(level) => level.value == Approval::Required,
        None => is_approved_by_default(&listing.glob),
    }
}

/// Why a tool is of high risk, by its name.
fn risk(glob: &Glob, budget: &mut Budget) -> Option<String> {
    if is_every_name(glob, budget) != Some(false) {
        return Some("any tool".into());
    }
    mutating_word(glob).map(|verb| format!("by its word `{verb}`"))
}

fn human_user(compilation: &Compilation) -> Line {
    let mut proof = Proof::default();
    for (name, caller) in &compilation.policy.callers {
        match &caller.value.user_header {
            Some(header) => proof.for_it(format!(
                "callers.{name}.user.header: `{}`, believed from it alone",
                header.value
            )),
            None => proof.against(format!(
                "callers.{name} names no user: its calls are traceable to it, and to no human"
            )),
        }
    }
    if compilation.policy.callers.is_empty() {
        proof.against("callers: none is declared".into());
    }
    if proof.deployment(compilation).is_some() {
        proof.objects(
            compilation,
            "Telemetry",
            "every decision is in the access log, with the user",
        );
    }
    let record = &compilation.policy.audit.record;
    for (key, detail) in [("arguments", record.arguments), ("results", record.results)] {
        match detail {
            Detail::None => {}
            Detail::Digest => proof.for_it(format!("audit.{key}: their digest is recorded")),
            Detail::Redacted => {
                proof.for_it(format!("audit.{key}: recorded, without their secrets"));
            }
        }
    }
    proof.line("human-user", "Are all calls traceable to a human user?")
}

fn mutual_tls(compilation: &Compilation) -> Line {
    let mut proof = Proof::default();
    if proof.deployment(compilation).is_some() {
        proof.objects(compilation, "PeerAuthentication", "STRICT");
        let callers = "the policy's callers, by their certificates";
        proof.objects(compilation, "AuthorizationPolicy", callers);
        proof.enforced(compilation);
    }
    proof.line(
        "mutual-tls",
        "Do caller and server authenticate each other?",
    )
}

fn tls_inbound() -> Line {
    let question = "Is TLS 1.3 the least between caller and server?";
    let evidence = "`meshMTLS.minProtocolVersion: TLSV1_3` in the MeshConfig holds for the whole mesh: see the snippet";
    foreign("tls-1.3-inbound", question, evidence.into())
}

fn tls_outbound(compilation: &Compilation) -> Line {
    let question = "Is TLS 1.3 the least towards the hosts outside?";
    let hosts = &compilation.policy.egress.hosts;
    if hosts.is_empty() {
        return met("tls-1.3-outbound", question, "egress.hosts: none".into());
    }
    let evidence = hosts.iter().map(|(name, host)| match host.value.tls {
        EgressTls::Passthrough => format!("egress.hosts.{name}: the server itself speaks TLS"),
        EgressTls::Opaque => format!("egress.hosts.{name}: what is spoken there, no sidecar sees"),
        EgressTls::Originate => {
            format!("egress.hosts.{name}: the sidecar accepts 1.2, which Istio fixes")
        }
    });
    Line {
        id: "tls-1.3-outbound",
        question,
        status: Status::NotInOurHands,
        evidence: evidence.collect(),
    }
}

fn pinned_image(compilation: &Compilation) -> Line {
    let question = "Is the filter the one that was reviewed?";
    let mut proof = Proof::default();
    if let Some(deployment) = proof.deployment(compilation) {
        let image = &deployment.image;
        match &image.digest {
            _ if image.location == Location::File => {
                let evidence =
                    format!("image.url: Istio verifies nothing of `{}`", image.url.value);
                return foreign("pinned-image", question, evidence);
            }
            Some(digest) if digest.value == PLACEHOLDER => {
                proof.against("image.digest: a placeholder".into());
            }
            Some(digest) => proof.for_it(format!("image.digest: sha256:{}", digest.value)),
            None => proof.against("image.digest: missing".into()),
        }
    }
    proof.line("pinned-image", question)
}

/// The rules that grant something.
fn granting(compilation: &Compilation) -> impl Iterator<Item = View<'_>> {
    let policy = &compilation.policy;
    let views = view::all(policy, &policy.allow).into_iter();
    views.filter(|view| !view.rule.dry_run)
}

/// An entry as it is written, after the group that it stands in.
fn shown(listing: &Listing<'_>) -> String {
    let written = &listing.written.value;
    match listing.group {
        Some(group) => format!("{}: {written}", group.value),
        None => written.clone(),
    }
}

fn listed(rule: &Rule) -> String {
    let counts = [
        (rule.tools.len(), "tools"),
        (rule.tool_groups.len(), "tool groups"),
        (rule.prompts.len(), "prompts"),
        (rule.resources.len(), "resources"),
        (rule.methods.len(), "methods"),
    ];
    let shown: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{what}: {count}"))
        .collect();
    match shown.is_empty() {
        true => "what the server may ask".into(),
        false => shown.join(", "),
    }
}
