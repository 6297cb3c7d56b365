use super::*;
use crate::testing::Texts;

const POLICY: &str = r#"
version: 1
server: s
endpoints: { port: 8080, mcp: [/mcp] }
callers: { gateway: { service_accounts: [g/a], user: { header: user-identity } } }
allow: { read: { tools: [search_code, delete_repo] } }
egress: { hosts: { api.github.com: {} } }
"#;

const DEPLOYMENT: &str = r#"
version: 1
namespace: ai-agents
selector: { app: s }
containers: [server]
stage: enforce
image: { url: "oci://r.example.com/g:1", digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111" }
identity: { service_account: s, mode: irsa, region: eu-central-1, role_arn: "arn:aws:iam::123456789012:role/r" }
"#;

fn checklist(policy: &str, deployment: Option<&str>) -> Checklist {
    let texts = Texts {
        policy,
        deployment,
        ..Texts::default()
    };
    of(&texts.compilation())
}

fn unmet(list: &Checklist) -> Vec<&str> {
    let unmet = list
        .lines
        .iter()
        .filter(|line| line.status == Status::NotMet);
    unmet.map(|line| line.id).collect()
}

#[test]
fn a_sound_deployment_meets_every_line_that_it_can() {
    let list = checklist(POLICY, Some(DEPLOYMENT));
    assert!(list.is_met(), "{}", list.to_text());
    assert!(list.lines.iter().all(|line| !line.evidence.is_empty()));
    let foreign = list
        .lines
        .iter()
        .filter(|line| line.status == Status::NotInOurHands);
    let foreign: Vec<_> = foreign.map(|line| line.id).collect();
    assert_eq!(
        foreign,
        ["role-permissions", "tls-1.3-inbound", "tls-1.3-outbound"]
    );
}

#[test]
fn each_line_fails_for_its_own_reason() {
    for (from, to, line) in [
        (
            "search_code,",
            "\"*\", search_code,",
            &["schema-allowlist", "approval"][..],
        ),
        (
            ", delete_repo]",
            ", delete_repo], approval: none",
            &["approval"],
        ),
        (", user: { header: user-identity }", "", &["human-user"]),
        ("api.github.com", "\"*.github.com\"", &["minimal-egress"]),
    ] {
        let policy = POLICY.replace(from, to);
        assert_eq!(unmet(&checklist(&policy, Some(DEPLOYMENT))), line, "{to}");
    }
    let bare = DEPLOYMENT.replace("containers: [server]", "");
    assert_eq!(unmet(&checklist(POLICY, Some(&bare))), ["least-privilege"]);
}

#[test]
fn what_grants_every_tool_is_seen_however_it_is_written() {
    let both = ["schema-allowlist", "approval"];
    for tools in [
        "tools: [\"?*\"]",
        "tools: [\"*?\"]",
        "tools: [\"[!x]*\", \"*\"]",
        "tool_groups: [all]",
    ] {
        let policy = POLICY.replace("tools: [search_code, delete_repo]", tools)
            + "tool_groups: { all: [\"*\"] }\n";
        assert_eq!(
            unmet(&checklist(&policy, Some(DEPLOYMENT))),
            both,
            "{tools}"
        );
    }
}

#[test]
fn a_pattern_is_approved_as_the_checks_say() {
    for (tool, expected) in [
        ("\"delete_*\"", &[][..]),
        ("\"*_delete\"", &[]),
        // `undelete` and the like are not asked for by default.
        ("\"*delete\"", &["approval"]),
        ("\"del\\\\ete_repo\"", &[]),
    ] {
        let policy = POLICY.replace("delete_repo", tool);
        assert_eq!(
            unmet(&checklist(&policy, Some(DEPLOYMENT))),
            expected,
            "{tool}"
        );
    }
}

#[test]
fn who_observes_enforces_nothing() {
    let deployment = DEPLOYMENT.replace("enforce", "observe");
    assert_eq!(
        unmet(&checklist(POLICY, Some(&deployment))),
        [
            "schema-allowlist",
            "minimal-egress",
            "approval",
            "mutual-tls"
        ]
    );
}

#[test]
fn nothing_is_claimed_of_a_deployment_that_is_not_given() {
    assert_eq!(
        unmet(&checklist(POLICY, None)),
        [
            "least-privilege",
            "minimal-egress",
            "human-user",
            "mutual-tls",
            "pinned-image"
        ]
    );
}
