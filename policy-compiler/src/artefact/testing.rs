//! What the tests of objects share.

use super::fixture::compiled;
use super::{Object, objects};
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
