//! What tests share: texts to compile, and what came of them.

use crate::artefact::{Object, objects};
use crate::compilation::{Compilation, Input, compile};
use crate::deployment::Overrides;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lower::Stage;
use crate::policy::Imported;
use crate::source::Sources;
use serde_json::Value;

/// A policy of one tool and one caller; tests add to it.
pub(crate) const POLICY: &str = r#"
version: 1
server: github
endpoints: { port: 8080, mcp: [/mcp], open: [/healthz] }
callers:
  gateway: { service_accounts: [gateway/ai-gateway], user: { header: user-identity } }
allow:
  read: { tools: [search_code] }
"#;

/// Where it runs.
pub(crate) const DEPLOYMENT: &str = r#"
version: 1
namespace: ai-agents
selector: { app: github }
containers: [server]
stage: enforce
image: { url: "oci://registry.example.com:5000/filter:1", digest: "sha256:0000000000000000000000000000000000000000000000000000000000000001" }
"#;

/// Texts of one compilation.
#[derive(Clone, Copy, Default)]
pub(crate) struct Texts<'t> {
    pub(crate) policy: &'t str,
    pub(crate) deployment: Option<&'t str>,
    /// What the server was seen to have.
    pub(crate) captured: Option<&'t str>,
    /// `shared.yaml`, for policies that import it.
    pub(crate) shared: Option<&'t str>,
    pub(crate) stage: Option<Stage>,
}

/// What came of them.
pub(crate) struct Compiled {
    pub(crate) sources: Sources,
    pub(crate) compilation: Option<Compilation>,
    pub(crate) found: Vec<Diagnostic>,
}

impl Texts<'_> {
    pub(crate) fn compile(self) -> Compiled {
        let mut sources = Sources::default();
        let policy = sources.add("policy.yaml", self.policy);
        let mut add = |name: &str, text: Option<&str>| text.map(|text| sources.add(name, text));
        let deployment = add("deploy.yaml", self.deployment);
        let captured = add("tools.json", self.captured);
        let shared = add("shared.yaml", self.shared);
        let shared = shared.map(|file| ("shared.yaml".to_owned(), file));
        let input = Input {
            policy,
            imported: Imported::from_iter(shared),
            captured,
            deployment,
            overrides: Overrides {
                stage: self.stage,
                ..Overrides::default()
            },
        };
        let mut found = Diagnostics::default();
        Compiled {
            compilation: compile(&sources, &input, &mut found),
            sources,
            found: found.into_sorted(),
        }
    }

    /// Of texts that hold no error.
    pub(crate) fn compilation(self) -> Compilation {
        let Compiled {
            compilation, found, ..
        } = self.compile();
        compilation.unwrap_or_else(|| panic!("{found:?}"))
    }
}

/// Compiles texts that hold no error.
pub(crate) fn compiled(policy: &str, deployment: &str) -> Compilation {
    let deployment = Some(deployment);
    Texts {
        policy,
        deployment,
        ..Texts::default()
    }
    .compilation()
}

/// Compiles texts, with what was found in them.
pub(crate) fn try_compiled(
    policy: &str,
    deployment: &str,
) -> (Option<Compilation>, Vec<Diagnostic>) {
    let deployment = Some(deployment);
    let compiled = Texts {
        policy,
        deployment,
        ..Texts::default()
    }
    .compile();
    (compiled.compilation, compiled.found)
}

pub(crate) fn objects_of(policy: &str, deployment: &str) -> Vec<Object> {
    objects(&compiled(policy, deployment))
}

/// The only object of that kind.
pub(crate) fn only(objects: &[Object], kind: &str) -> Value {
    let mut of_kind = objects.iter().filter(|object| object.kind() == kind);
    let object = of_kind.next().unwrap_or_else(|| panic!("no {kind}"));
    assert!(of_kind.next().is_none(), "several {kind}");
    object.value().clone()
}

/// Kinds, each once.
pub(crate) fn kinds(objects: &[Object]) -> Vec<&str> {
    let mut kinds: Vec<_> = objects.iter().map(Object::kind).collect();
    kinds.dedup();
    kinds
}
