use super::{Member, check_fleet, fleet_files};
use crate::compilation::Compilation;
use crate::diagnostic::{Code, Diagnostics};
use crate::testing::{DEPLOYMENT, POLICY, compiled};

fn policy(server: &str, egress: &str) -> String {
    let policy = POLICY.replace("server: github", &format!("server: {server}"));
    match egress {
        "" => policy,
        hosts => format!("{policy}egress: {{ hosts: {{ {hosts} }} }}\n"),
    }
}

fn member(server: &str, egress: &str, deployment: &str) -> Compilation {
    compiled(&policy(server, egress), deployment)
}

fn selecting(labels: &str) -> String {
    DEPLOYMENT.replace("{ app: github }", labels)
}

fn codes(members: &[(&str, &Compilation)]) -> Vec<Code> {
    let members: Vec<_> = members
        .iter()
        .map(|(name, compilation)| Member { name, compilation })
        .collect();
    let mut found = Diagnostics::default();
    check_fleet(&members, &mut found);
    let found = found.into_sorted();
    found.iter().map(|found| found.code).collect()
}

#[test]
fn a_workload_has_one_policy() {
    let one = member("one", "", DEPLOYMENT);
    let claimed = [Code::WorkloadClaimedTwice];
    for (server, deployment, expected) in [
        ("two", DEPLOYMENT.to_owned(), &claimed[..]),
        ("two", selecting("{ app: github, tier: a }"), &claimed),
        ("one", selecting("{ app: other }"), &claimed),
        ("two", selecting("{ app: other }"), &[]),
        ("two", selecting("{ tier: a }"), &[]),
        ("one", DEPLOYMENT.replace("ai-agents", "elsewhere"), &[]),
    ] {
        let other = member(server, "", &deployment);
        assert_eq!(
            codes(&[("one", &one), ("two", &other)]),
            expected,
            "{server} {deployment}"
        );
    }
}

#[test]
fn a_host_of_a_namespace_is_known_once_and_belongs_to_no_policy() {
    let one = member("one", "api.example.com: {}", DEPLOYMENT);
    let two = member(
        "two",
        "api.example.com: { port: 8443 }",
        &selecting("{ app: two }"),
    );
    assert_eq!(codes(&[("one", &one), ("two", &two)]), []);
    let members = [
        Member {
            name: "a",
            compilation: &one,
        },
        Member {
            name: "b",
            compilation: &two,
        },
    ];
    let files = fleet_files(&members);
    let entries: Vec<_> = files
        .iter()
        .filter(|file| file.path.contains("/50-serviceentry"))
        .collect();
    assert_eq!(entries.len(), 1);
    assert!(
        entries[0]
            .path
            .starts_with("namespaces/ai-agents/manifests/")
    );
    for port in ["number: 443", "number: 8443"] {
        assert!(entries[0].text.contains(port), "{port}");
    }
    let values = files
        .iter()
        .find(|file| file.path == "namespaces/ai-agents/values.yaml");
    assert!(values.unwrap().text.contains("server: egress"));
}

#[test]
fn a_host_with_two_meanings_is_refused() {
    let one = member(
        "one",
        "api.example.com: { port: 80, tls: opaque }",
        DEPLOYMENT,
    );
    let two = member(
        "two",
        "api.example.com: { tls: originate }",
        &selecting("{ app: two }"),
    );
    assert_eq!(codes(&[("a", &one), ("b", &two)]), [Code::EgressConflict]);
}

#[test]
fn the_order_of_the_members_does_not_matter() {
    let one = member("one", "a.example.com: {}", DEPLOYMENT);
    let two = member("two", "b.example.com: {}", &selecting("{ app: two }"));
    let a = Member {
        name: "a",
        compilation: &one,
    };
    let b = Member {
        name: "b",
        compilation: &two,
    };
    assert_eq!(fleet_files(&[a, b]), fleet_files(&[b, a]));
}

#[test]
fn the_shared_folder_is_no_policys() {
    let one = member("one", "", DEPLOYMENT);
    assert_eq!(codes(&[("namespaces", &one)]), [Code::Malformed]);
}
