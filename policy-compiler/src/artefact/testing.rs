//! What the tests of objects share.

use super::{Object, objects};
use crate::compilation::{Compilation, Input, compile};
use crate::deployment::Overrides;
use crate::diagnostic::{Code, Diagnostics};
use crate::source::Sources;
use serde_json::Value;

pub(super) const POLICY: &str = r#"
version: 1
server: github
endpoints: { port: 8080, mcp: [/mcp], open: [/healthz] }
callers:
  gateway: { service_accounts: [gateway/ai-gateway], user: { header: user-identity } }
allow:
  read: { tools: [search_code] }
"#;

pub(super) const DEPLOYMENT: &str = r#"
version: 1
namespace: ai-agents
selector: { app: github }
stage: enforce
image: { url: "oci://registry.example.com/filter:1", digest: "sha256:0000000000000000000000000000000000000000000000000000000000000001" }
"#;

/// Compiles, and says what was found.
pub(super) fn found(policy: &str, deployment: &str) -> (Option<Compilation>, Vec<Code>) {
    let mut sources = Sources::default();
    let input = Input {
        policy: sources.add("policy.yaml", policy),
        imported: Default::default(),
        deployment: Some(sources.add("deploy.yaml", deployment)),
        overrides: Overrides::default(),
    };
    let mut found = Diagnostics::default();
    let compilation = compile(&sources, &input, &mut found);
    let codes = found.into_sorted();
    (compilation, codes.iter().map(|found| found.code).collect())
}

pub(super) fn compiled(policy: &str, deployment: &str) -> Compilation {
    let (compilation, found) = found(policy, deployment);
    compilation.unwrap_or_else(|| panic!("{found:?}"))
}

pub(super) fn objects_of(policy: &str, deployment: &str) -> Vec<Object> {
    objects(&compiled(policy, deployment))
}

/// The only object of that kind.
pub(super) fn only(objects: &[Object], kind: &str) -> Value {
    let mut of_kind = objects.iter().filter(|object| object.kind() == kind);
    let object = of_kind.next().unwrap_or_else(|| panic!("no {kind}"));
    assert!(of_kind.next().is_none(), "several {kind}");
    object.value().clone()
}

/// Kinds, each once.
pub(super) fn kinds(objects: &[Object]) -> Vec<&str> {
    let mut kinds: Vec<_> = objects.iter().map(Object::kind).collect();
    kinds.dedup();
    kinds
}
