//! How large an object may be.

use super::objects;
use crate::compilation::Compilation;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Most bytes of all annotations of an object; client-side apply keeps the whole object in one
/// (Kubernetes, "Annotations").
const CLIENT_SIDE: usize = 256 * 1024;

/// Most bytes of an object that etcd takes with room for what the API server adds.
const MOST: usize = 1024 * 1024;

/// Says which objects of a policy are too large.
pub(crate) fn check(compilation: &Compilation, found: &mut Diagnostics) {
    for object in objects(compilation) {
        let size = object.value().to_string().len();
        let (code, help) = match size {
            0..=CLIENT_SIDE => continue,
            ..=MOST => (
                Code::ObjectLarge,
                "apply it with `kubectl apply --server-side`, or `ServerSideApply=true` in Argo CD",
            ),
            _ => (
                Code::ObjectTooLarge,
                "name tools by patterns, or divide the server",
            ),
        };
        let kind = object.kind();
        let message = format!("the {kind} `{}` has {size} bytes", object.name());
        let span = compilation.policy.server.span;
        found.push(Diagnostic::new(code, span, message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::artefact::fixture::try_compiled;
    use crate::artefact::testing::{DEPLOYMENT, POLICY};
    use crate::diagnostic::Code;

    /// A policy of so many tools.
    fn sized(tools: usize) -> Vec<Code> {
        let names: Vec<String> = (0..tools)
            .map(|number| format!("tool_with_quite_a_long_name_{number:06}"))
            .collect();
        let policy = POLICY.replace("search_code", &names.join(", "));
        let (_, found) = try_compiled(&policy, DEPLOYMENT);
        found.iter().map(|found| found.code).collect()
    }

    #[test]
    fn large_objects_are_said_and_larger_ones_refused() {
        assert_eq!(sized(1_000), []);
        assert_eq!(sized(10_000), [Code::ObjectLarge]);
        assert_eq!(sized(40_000), [Code::ObjectTooLarge]);
    }
}
