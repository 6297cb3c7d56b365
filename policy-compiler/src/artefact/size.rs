//! How large an object may be.

use super::objects;
use crate::compilation::Compilation;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Most bytes of all annotations of an object; client-side apply keeps the whole object in one
/// (Kubernetes, "Annotations").
const CLIENT_SIDE: usize = 256 * 1024;

/// Bytes from which on etcd may not take it, with what the API server adds.
const TOO_LARGE: usize = 1024 * 1024 + 1;

/// Says which objects of a policy are too large.
pub(crate) fn check(compilation: &Compilation, found: &mut Diagnostics) {
    for object in objects(compilation) {
        let size = object.value().to_string().len();
        let (code, help) = match size {
            0..=CLIENT_SIDE => continue,
            TOO_LARGE.. => (
                Code::ObjectTooLarge,
                "name tools by patterns, or divide the server",
            ),
            _ => (
                Code::ObjectLarge,
                "apply it with `kubectl apply --server-side`, or `ServerSideApply=true` in Argo CD",
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
    use crate::diagnostic::Code;
    use crate::testing::{DEPLOYMENT, POLICY, try_compiled};

    /// A policy of so many tools.
    fn sized(tools: usize) -> Vec<Code> {
        let names: Vec<String> = (0..tools)
            .map(|number| format!("tool_{number:0100}"))
            .collect();
        let policy = POLICY.replace("search_code", &names.join(", "));
        let (_, found) = try_compiled(&policy, DEPLOYMENT);
        let sizes = [Code::ObjectLarge, Code::ObjectTooLarge];
        let codes = found.iter().map(|found| found.code);
        codes.filter(|code| sizes.contains(code)).collect()
    }

    #[test]
    fn large_objects_are_said_and_larger_ones_refused() {
        assert_eq!(sized(1_000), []);
        assert_eq!(sized(3_000), [Code::ObjectLarge]);
        assert_eq!(sized(11_000), [Code::ObjectTooLarge]);
    }
}
