//! Policies and deployments that nothing is wrong with.

use super::random::Random;
use std::fmt::Write;

const READS: &[&str] = &[
    "search_code",
    "list_issues",
    "get_file_contents",
    "find_user",
    "\"read.page\"",
    "'view/board'",
];
const GLOBS: &[&str] = &[
    "\"get_pull_*\"",
    "\"count_?\"",
    "\"check_[a-f]*\"",
    "'show_*_by_*'",
];
const WRITES: &[&str] = &[
    "issue_write",
    "create_branch",
    "merge_pull_request",
    "\"send_*\"",
    "delete_file",
];
const DENIED: &[&str] = &["\"*_org_*\"", "drop_table", "\"transfer_*\"", "\"*_admin\""];
const RESOURCES: &[&str] = &[
    "\"repo://acme/**\"",
    "\"file:///srv/data/*.txt\"",
    "\"https://example.com/a/**\"",
    "\"note://x/%20a\"",
    "\"db://größe/*\"",
];
const CONDITIONS: &[&str] = &[
    "owner: { equals: acme }",
    "page: { range: { min: 1, max: 10.5 } }",
    "ref: { glob: \"release-*\" }",
    "sort: { one_of: [stars, \"7\", 7, true, null] }",
    "a.b: { range: { max: -1e3 } }",
];
const METHODS: &[&str] = &["logging/setLevel", "completion/complete", "acme/health"];

/// The text of a policy.
pub(crate) fn policy(random: &mut Random) -> String {
    let callers = ["gateway", "release-bot", "Nightly.1"];
    let used = 1 + random.below(callers.len());
    let callers = &callers[..used];
    let mut text = String::from("version: 1\n");
    writeln!(text, "server: server-{}", random.below(100)).unwrap();
    text.push_str(&endpoints(random));
    text.push_str("callers:\n");
    for (place, name) in callers.iter().enumerate() {
        text.push_str(&caller(random, place, name));
    }
    let groups = random.once_in(2);
    if groups {
        text.push_str("tool_groups:\n  listing: [list_commits, \"list_pull_*\"]\n");
    }
    text.push_str("allow:\n");
    // Every caller is in this rule.
    let group = if groups {
        "    tool_groups: [listing]\n"
    } else {
        ""
    };
    writeln!(
        text,
        "  read:\n    tools: {}\n{group}{}",
        flow(&random.some(READS)),
        because(random)
    )
    .unwrap();
    for rule in 0..random.below(4) {
        text.push_str(&allow(random, rule, callers));
    }
    if random.once_in(2) {
        text.push_str("deny:\n");
        for rule in 0..=random.below(2) {
            // Each has entries of its own, so that none repeats another.
            writeln!(
                text,
                "  no-{rule}: {{ tools: {} }}",
                flow(&random.some(DENIED))
            )
            .unwrap();
        }
    }
    if random.once_in(3) {
        writeln!(
            text,
            "limits: {{ request_bytes: {}, argument_depth: {} }}",
            1 + random.below(1 << 20),
            1 + random.below(20)
        )
        .unwrap();
    }
    if random.once_in(3) {
        text.push_str("audit: { disclose_reason: true }\n");
    }
    text
}

fn endpoints(random: &mut Random) -> String {
    let port = 1 + random.below(65_535);
    let open = if random.once_in(2) {
        "\n  open: [/healthz, /ready/]"
    } else {
        ""
    };
    let sse = if random.once_in(3) {
        "\n  sse: [/sse]\n  message: [/messages]"
    } else {
        ""
    };
    let origins = if random.once_in(4) {
        "\n  origins: [\"https://a.example\"]\n  authorities: [mcp.example]"
    } else {
        ""
    };
    format!("endpoints:\n  port: {port}\n  mcp: [/mcp, /v2/mcp]{sse}{open}{origins}\n")
}

fn caller(random: &mut Random, place: usize, name: &str) -> String {
    let identity = match random.below(3) {
        0 => format!("service_accounts: [ns-{place}/account]"),
        1 => format!("principals: [\"td.example/ns/n{place}/sa/x\"]"),
        _ => format!("namespaces: [only-{place}]"),
    };
    let user = if random.once_in(2) {
        "\n    user: { header: user-identity }"
    } else {
        ""
    };
    let jwt = if random.once_in(3) {
        "\n    jwt:\n      issuer: \"https://idp.example\"\n      audiences: [x]\n      claims: { groups: [a, b] }"
    } else {
        ""
    };
    format!("  {name}:\n    {identity}{user}{jwt}\n")
}

fn allow(random: &mut Random, rule: usize, callers: &[&str]) -> String {
    let mut text = format!("  rule-{rule}:\n");
    if random.once_in(2) {
        writeln!(text, "    callers: {}", flow(&random.some(callers))).unwrap();
    }
    match random.below(4) {
        0 => {
            writeln!(
                text,
                "    tools: {}\n    approval: {}\n    because: reviewed",
                flow(&random.some(WRITES)),
                random.pick(&["required", "notify"])
            )
            .unwrap();
        }
        1 => writeln!(
            text,
            "    tools: {}\n    approval: none\n    because: reviewed",
            flow(&random.some(WRITES))
        )
        .unwrap(),
        2 => writeln!(
            text,
            "    tools: {}\n    arguments: {{ {} }}",
            flow(&random.some(GLOBS)),
            random
                .some(CONDITIONS)
                .iter()
                .map(|c| (**c).to_owned())
                .collect::<Vec<_>>()
                .join(", ")
        )
        .unwrap(),
        _ => {
            writeln!(
                text,
                "    resources: {}\n    methods: {}\n    prompts: [greet, \"help_*\"]",
                block(&random.some(RESOURCES)),
                flow(&random.some(METHODS))
            )
            .unwrap();
            text.push_str("    server_requests: [elicitation, sampling_tools]\n    tasks: true\n");
        }
    }
    if random.once_in(4) {
        text.push_str("    dry_run: true\n");
    }
    text
}

fn because(random: &mut Random) -> String {
    match random.below(4) {
        0 => "    because: >-\n      folded\n      text, größer\n".into(),
        1 => "    because: \"quoted \\u00e9 text\"\n".into(),
        2 => "    because: |\n      literal\n        text\n".into(),
        _ => String::new(),
    }
}

fn flow(items: &[&&str]) -> String {
    let items: Vec<&str> = items.iter().map(|item| **item).collect();
    format!("[{}]", items.join(", "))
}

fn block(items: &[&&str]) -> String {
    items
        .iter()
        .map(|item| format!("\n      - {item}"))
        .collect()
}

/// The text of a deployment.
pub(crate) fn deployment(random: &mut Random) -> String {
    let mut text = String::from("version: 1\nnamespace: ai-agents\nselector: { app: server }\n");
    writeln!(text, "stage: {}", random.pick(&["observe", "enforce"])).unwrap();
    writeln!(
        text,
        "istio: \"{}\"",
        random.pick(&["1.29", "1.30", "1.31"])
    )
    .unwrap();
    let digest = "0123456789abcdef".repeat(4);
    writeln!(
        text,
        "image:\n  url: \"oci://registry.example.com/filter:1\"\n  digest: \"sha256:{digest}\""
    )
    .unwrap();
    text.push_str("network: { registry_cidrs: [192.0.2.0/24], caller_cidrs: [198.51.100.0/24] }\n");
    text.push_str("trust_domains: [td.example, cluster.local]\n");
    if random.once_in(2) {
        text.push_str("identity: { service_account: account, mode: pod_identity, cluster: c, region: eu-central-1, role_arn: \"arn:aws:iam::123456789012:role/x\" }\n");
    }
    if random.once_in(2) {
        text.push_str("ports:\n  metrics: { port: 9090, service_accounts: [monitoring/prometheus] }\ncontainers: [server]\n");
    }
    text
}
