//! Rules that list nothing, and rules and entries that no call can ever meet.

use super::Context;
use super::view::{Listing, View};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pattern::{Alphabet, Budget, is_empty};
use crate::policy::Rule;

pub(super) fn check(context: &Context<'_>, budget: &mut Budget, found: &mut Diagnostics) {
    for view in context.allow.iter().chain(&context.deny) {
        check_listed(view, found);
        for (listings, what) in [(&view.tools, "tool"), (&view.prompts, "prompt")] {
            for listing in listings {
                check_possible(listing, what, budget, found);
            }
        }
        for method in &view.rule.methods {
            if method.value.is_empty() || method.value.contains(char::is_control) {
                let message = "no method has such a name";
                found.push(Diagnostic::new(Code::NeverMatches, method.span, message));
            }
        }
    }
    for view in &context.allow {
        check_arguments(view, found);
    }
}

fn check_listed(view: &View<'_>, found: &mut Diagnostics) {
    let rule = view.rule;
    let has_tools = !rule.tools.is_empty() || !rule.tool_groups.is_empty();
    // What was refused in the rule may be what it listed.
    if found.has_error_in(rule.span) {
        return;
    }
    if !has_tools && !lists_others(rule) {
        let message = format!("`{}` lists nothing", view.id);
        found.push(
            Diagnostic::new(Code::EmptyRule, view.name, message).help(
                "list `tools`, `tool_groups`, `prompts`, `resources`, `methods`, `server_requests` or `tasks: true`",
            ),
        );
        return;
    }
    let argument = rule.arguments.first().filter(|_| !has_tools);
    if let Some(argument) = argument {
        let message = format!("`{}` asks for arguments of tools, and lists none", view.id);
        found.push(
            Diagnostic::new(Code::NeverMatches, argument.path.span, message)
                .label("no call has this argument")
                .also(view.name, "in this rule")
                .help("list the tools whose calls are meant"),
        );
    }
}

fn lists_others(rule: &Rule) -> bool {
    !rule.prompts.is_empty()
        || !rule.resources.is_empty()
        || !rule.methods.is_empty()
        || !rule.server_requests.is_empty()
        || rule.tasks
}

/// Names with control characters are refused before any rule is asked.
fn check_possible(listing: &Listing<'_>, what: &str, budget: &mut Budget, found: &mut Diagnostics) {
    // A pattern that says nothing of control characters is met by some name.
    if !listing.glob.source().contains(char::is_control) {
        return;
    }
    if is_empty(&listing.glob, Alphabet::Identifier, budget) == Some(true) {
        let message = format!("no {what} has such a name: it holds a control character");
        found.push(listing.diagnose(Code::NeverMatches, message, "never matches"));
    }
}

/// Every condition is about a single value, and what has members is none.
fn check_arguments(view: &View<'_>, found: &mut Diagnostics) {
    let arguments = &view.rule.arguments;
    for inner in arguments {
        let outer = arguments.iter().find(|outer| {
            let rest = inner.path.value.strip_prefix(outer.path.value.as_str());
            rest.is_some_and(|rest| rest.starts_with('.'))
        });
        let Some(outer) = outer else {
            continue;
        };
        let message = format!("no call meets the conditions of `{}`", view.id);
        found.push(
            Diagnostic::new(Code::NeverMatches, inner.path.span, message)
                .label(format!("needs `{}` to be an object", outer.path.value))
                .also(outer.path.span, "needs it to be a single value"),
        );
    }
}
