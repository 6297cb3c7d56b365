//! Grants of everything there is and will be.

use super::Context;
use super::view::{Listing, Resource, View};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pattern::{Alphabet, Budget, is_included};
use crate::policy::Test;
use mcp_guard_engine::glob::Glob;

pub(super) fn check(context: &Context<'_>, budget: &mut Budget, found: &mut Diagnostics) {
    for view in &context.allow {
        for (listings, what) in [(&view.tools, "tool"), (&view.prompts, "prompt")] {
            for listing in listings {
                if is_every_name(&listing.glob, budget) == Some(true) {
                    found.push(every_name(listing, what));
                }
            }
        }
        for resource in &view.resources {
            if is_every_uri(resource, budget) {
                found.push(every_uri(resource));
            }
        }
        check_arguments(view, budget, found);
    }
}

/// Whether all names fit. None: that would take too long to find out.
pub(crate) fn is_every_name(glob: &Glob, budget: &mut Budget) -> Option<bool> {
    is_everything(glob, Alphabet::Identifier, budget)
}

fn is_everything(glob: &Glob, alphabet: Alphabet, budget: &mut Budget) -> Option<bool> {
    if !glob.literal_beginning().is_empty() {
        return Some(false);
    }
    let any = Glob::name("?*").ok()?;
    is_included(&any, std::slice::from_ref(glob), alphabet, budget)
}

fn every_name(listing: &Listing<'_>, what: &str) -> Diagnostic {
    let message = format!(
        "`{}` allows every {what}, also those that the server gets later",
        listing.written.value
    );
    listing
        .diagnose(Code::OverBroad, message, "matches every name")
        .help(format!("list the {what}s that are meant"))
}

/// Whether all URIs of a scheme fit, whatever comes behind `scheme:` or `scheme://`; URIs of files
/// have no host.
fn is_every_uri(resource: &Resource<'_>, budget: &mut Budget) -> bool {
    let outer = resource.pattern.glob();
    if outer.exact_text().is_some() {
        return false;
    }
    let scheme = resource.pattern.scheme();
    let rests: &[&str] = match scheme {
        "file" => &["**", "//**", "///**"],
        _ => &["**", "//**"],
    };
    rests.iter().any(|rest| {
        let all = Glob::uri(&format!("{scheme}:{rest}"));
        all.is_ok_and(|all| {
            is_included(
                &all,
                std::slice::from_ref(outer),
                Alphabet::Identifier,
                budget,
            ) == Some(true)
        })
    })
}

fn every_uri(resource: &Resource<'_>) -> Diagnostic {
    let scheme = resource.pattern.scheme();
    let message = format!(
        "`{}` allows every `{scheme}` resource",
        resource.written.value
    );
    Diagnostic::new(Code::OverBroad, resource.written.span, message)
        .label("has no root")
        .help(format!("name the root: `{scheme}://NAME/**`"))
}

fn check_arguments(view: &View<'_>, budget: &mut Budget, found: &mut Diagnostics) {
    for argument in &view.rule.arguments {
        let Test::Glob(pattern) = &argument.test else {
            continue;
        };
        let glob = Glob::name(&pattern.value);
        if glob.is_ok_and(|glob| is_everything(&glob, Alphabet::All, budget) == Some(true)) {
            let message = format!(
                "every text of `{}` fits `{}`",
                argument.path.value, pattern.value
            );
            found.push(
                Diagnostic::new(Code::OverBroad, pattern.span, message)
                    .help("say which values are meant, or remove the condition"),
            );
        }
    }
}
