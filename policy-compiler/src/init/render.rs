//! The proposal as YAML, with the reason of each guess.

use super::{Level, Server, Tool};
use crate::deployment::PLACEHOLDER;
use crate::yaml::write::document;
use mcp_guard_engine::glob::Glob;
use mcp_guard_engine::policy::format::Approval;
use serde_json::Value;
use std::fmt::Write;

/// A first policy. It compiles; whether it is right, its author says.
#[must_use]
pub fn policy(server: &Server) -> String {
    let name = scalar(&label(&server.name));
    let path = scalar(&server.path);
    let mut text = format!(
        "\
# Proposed by `mcp-guard init`. Every line is a guess: read it, change it, and run
# `mcp-guard check` and `mcp-guard can-i --list`. What is not listed is not allowed.
version: 1
server: {name}
endpoints: {{ port: {port}, mcp: [{path}] }}

callers:                        # no one else reaches the server
  # A guess: put in who really calls, as NAMESPACE/SERVICE-ACCOUNT.
  gateway:
    service_accounts: [gateway/ai-gateway]
",
        port = server.port
    );
    let rules: Vec<String> = LEVELS
        .iter()
        .filter_map(|level| rule(server, *level))
        .collect();
    match rules.is_empty() {
        true => text.push_str("\n# The server lists no tool, so there is nothing to allow.\n"),
        false => {
            text.push_str("\nallow:\n");
            text.push_str(&rules.join("\n"));
        }
    }
    if !server.tools.iter().all(can_be_listed) {
        text.push_str("\n# Tools with control characters in their names are left out.\n");
    }
    text
}

const LEVELS: [Level; 3] = [Level::Reads, Level::Unclear, Level::Changes];

/// The rule for the tools of one level.
fn rule(server: &Server, level: Level) -> Option<String> {
    let (id, about) = match level {
        Level::Reads => ("read", READS),
        Level::Unclear => ("unclear", UNCLEAR),
        Level::Changes => ("change", CHANGES),
    };
    let tools: Vec<String> = server
        .tools
        .iter()
        .filter(|tool| tool.proposal().level == level && can_be_listed(tool))
        .map(entry)
        .collect();
    if tools.is_empty() {
        return None;
    }
    let mut text = format!("{about}  {id}:\n    tools:\n{}", tools.concat());
    match level.approval() {
        Approval::None => {}
        Approval::Notify => text.push_str("    approval: notify\n"),
        Approval::Required => text.push_str(REQUIRED),
    }
    Some(text)
}

const REQUIRED: &str = "    approval: required
    because: nobody can approve until the policy says who, under `approvals`
";
const READS: &str =
    "  # These say that they only read, and their names do not say otherwise: nobody is asked.\n";
const UNCLEAR: &str =
    "  # These do not say what they do. Their calls pass, and are marked for a human. Find out, and
  # move them to `read` or `change`.\n";
const CHANGES: &str =
    "  # These change something, as their names or annotations say. Their calls are refused until a
  # human approves. Remove those that nobody needs.\n";

/// No policy can list a name with control characters, and no call of it passes.
fn can_be_listed(tool: &Tool) -> bool {
    !tool.name.contains(char::is_control)
}

/// A tool on a line of its own, with the reason why it stands here. The name is data of the server:
/// it is quoted where it has to be, and no other text of the server gets into the file.
fn entry(tool: &Tool) -> String {
    let name = scalar(&Glob::escape(&tool.name));
    let mut line = String::new();
    let _ = writeln!(line, "    - {name:<30} # {}", tool.proposal().why);
    line
}

fn scalar(text: &str) -> String {
    document(&Value::from(text)).trim_end().to_owned()
}

/// The name as Kubernetes would have it: RFC 1123 label.
fn label(name: &str) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let lower = name.to_ascii_lowercase();
    let words = lower
        .split(|c: char| !fits(c))
        .filter(|word| !word.is_empty());
    let joined: String = words
        .collect::<Vec<_>>()
        .join("-")
        .chars()
        .take(63)
        .collect();
    match joined.trim_end_matches('-') {
        "" => "mcp-server".to_owned(),
        label => label.to_owned(),
    }
}

/// A deployment file to fill in.
#[must_use]
pub fn deployment(server: &Server) -> String {
    let name = label(&server.name);
    format!(
        "\
# Proposed by `mcp-guard init --deploy`. Everything here differs between clusters: put in your own.
version: 1
namespace: default
selector: {{ app: {name} }}        # the labels of the server's pods
stage: observe                  # only record, until the records look right; then: enforce
image:
  # The filter's image, by the digest of its manifest.
  url: oci://registry.example.com/mcp-guard-filter:0.1.0
  digest: sha256:{PLACEHOLDER}
",
        name = scalar(&name)
    )
}

#[cfg(test)]
mod tests {
    use super::{deployment, policy};
    use crate::init::{Server, Tool};
    use crate::testing::compiled;
    use mcp_guard_engine::glob::Glob;

    #[test]
    fn names_that_no_policy_can_list_are_left_out() {
        let text = policy(&server(&["a\n# x: y"]));
        assert!(!text.contains("\nallow:"), "{text}");
        assert!(text.contains("left out"), "{text}");
        assert!(!text.contains("x: y"), "{text}");
    }

    fn server(names: &[&str]) -> Server {
        let tool = |name: &&str| Tool {
            name: (*name).to_owned(),
            read_only: None,
            destructive: None,
        };
        Server {
            name: "GitHub MCP Server!".to_owned(),
            port: 8080,
            path: "/mcp".to_owned(),
            tools: names.iter().map(tool).collect(),
        }
    }

    #[test]
    fn a_proposal_compiles_and_lists_every_tool() {
        let names = [
            "on",
            "a: b",
            "x*y",
            "[z]",
            "back\\slash",
            "- -",
            "# no",
            "delete_it",
            "é",
            "1",
            "'q'",
            "\"r\"",
        ];
        for names in [&names[..], &[]] {
            let server = server(names);
            let spec = compiled(&policy(&server), &deployment(&server)).spec;
            assert_eq!(spec.server, "github-mcp-server");
            let patterns: Vec<_> = spec.allow.values().flat_map(|rule| &rule.tools).collect();
            assert_eq!(patterns.len(), names.len());
            for name in names {
                let fits = |pattern: &&&String| Glob::name(pattern).unwrap().matches(name);
                assert_eq!(patterns.iter().filter(fits).count(), 1, "{name}");
            }
        }
    }
}
