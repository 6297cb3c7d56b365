//! Compilations for the tests of the objects.

use crate::compilation::{Compilation, Input, compile};
use crate::deployment::Overrides;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::policy::Imported;
use crate::source::Sources;

/// A policy of one tool and one caller; tests add to it.
pub(crate) const POLICY: &str = r#"
version: 1
server: github-mcp-server
endpoints: { port: 8080, mcp: [/mcp] }
callers: { gateway: { service_accounts: [gateway/ai-gateway] } }
allow: { read: { tools: [search_code] } }
"#;

/// Where it runs.
pub(crate) const DEPLOYMENT: &str = r#"
version: 1
namespace: ai-agents
selector: { app: github-mcp-server }
containers: [server]
stage: enforce
image: { url: "oci://registry.example.com:5000/mcp-guard-filter:0.1.0", digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000" }
"#;

/// Compiles texts that hold no error.
pub(crate) fn compiled(policy: &str, deployment: &str) -> Compilation {
    let (compilation, found) = try_compiled(policy, deployment);
    compilation.unwrap_or_else(|| panic!("{found:?}"))
}

/// Compiles texts, with what was found in them.
pub(crate) fn try_compiled(
    policy: &str,
    deployment: &str,
) -> (Option<Compilation>, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let input = Input {
        policy: sources.add("policy.yaml", policy),
        captured: None,
        imported: Imported::new(),
        deployment: Some(sources.add("deploy.yaml", deployment)),
        overrides: Overrides::default(),
    };
    let mut found = Diagnostics::default();
    let compilation = compile(&sources, &input, &mut found);
    (compilation, found.into_sorted())
}
