//! Globs over arguments that read like paths: text is compared, and nothing resolves `..`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::{Argument, Test};
use crate::source::Spanned;
use mcp_guard_engine::glob::Glob;

pub(super) fn check(context: &Context<'_>, found: &mut Diagnostics) {
    // Refusals are narrower than they look as well: `/srv/secret/*` leaves `/srv/x/../secret/a` alone.
    for view in context.allow.iter().chain(&context.deny) {
        for argument in &view.rule.arguments {
            if let Test::Glob(pattern) = &argument.test {
                found.extend(path_glob(argument, pattern));
            }
        }
    }
}

fn path_glob(argument: &Argument, pattern: &Spanned<String>) -> Option<Diagnostic> {
    let glob = Glob::name(&pattern.value).ok()?;
    let climbing = climbing(&pattern.value)?;
    if !glob.matches(&climbing) {
        return None;
    }
    let message = format!(
        "`{}` of `{}` looks like a path, and paths are not resolved",
        pattern.value, argument.path.value
    );
    Some(
        Diagnostic::new(Code::PathGlob, pattern.span, message)
            .label(format!("`{climbing}` fits, too"))
            .help(
                "name the values with `one_of`; or let the server offer files as resources, whose URIs are confined",
            ),
    )
}

/// A text with `..` that a pattern with `/` and `*` may take. None: no such pattern.
fn climbing(pattern: &str) -> Option<String> {
    let (before, behind) = pattern.split_once('*')?;
    let has_folder = before.contains('/') || behind.contains('/');
    if !has_folder || is_origin(before) {
        return None;
    }
    Some(format!(
        "{}../../etc/passwd{}",
        one_of(before),
        one_of(behind)
    ))
}

/// `SCHEME://HOST/`: nothing climbs out of a host.
fn is_origin(text: &str) -> bool {
    let rest = text.split_once("://").map(|(_, rest)| rest);
    rest.and_then(|rest| rest.strip_suffix('/'))
        .is_some_and(|host| !host.is_empty() && !host.contains('/'))
}

/// A text that the rest of a pattern takes, unless it is an unusual one: `?` and classes for a
/// character, the shortest run for a star.
fn one_of(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '*' => {}
            '?' => text.push('x'),
            '\\' => text.extend(rest.next()),
            '[' => {
                let class: String = rest.by_ref().take_while(|c| *c != ']').collect();
                let first = class.chars().next().filter(|first| *first != '!');
                text.push(first.unwrap_or('x'));
            }
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::testing::{DEPLOYMENT, POLICY, try_compiled};

    #[test]
    fn what_climbs_out_of_a_folder_is_said() {
        let said = |glob: &str| {
            let arguments = format!("arguments: {{ path: {{ glob: \"{glob}\" }} }}");
            let rule = format!("tools: [search_code], {arguments}");
            let policy = POLICY.replace("tools: [search_code]", &rule);
            let (_, found) = try_compiled(&policy, DEPLOYMENT);
            found.iter().any(|found| found.code == Code::PathGlob)
        };
        for glob in [
            "/srv/data/*",
            "/srv/*/x.txt",
            "data/*",
            "*/data",
            "*/*",
            "/srv/[a-z]?/*",
            "https://example.com/public/*",
        ] {
            assert!(said(glob), "{glob}");
        }
        for glob in [
            "acme-*",
            "*.txt",
            "release",
            "/srv/data/report?",
            "/srv/[a-z]/x",
            "https://example.com/*",
        ] {
            assert!(!said(glob), "{glob}");
        }
    }
}
