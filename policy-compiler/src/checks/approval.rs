//! Tools that change something, and of which nobody is asked.

use super::cover::Index;
use super::view::{Listing, View};
use super::{Context, verbs};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pattern::Budget;
use crate::policy::Test;
use crate::source::{Span, Spanned};
use mcp_guard_engine::decision::approval::default_for;
use mcp_guard_engine::glob::Glob;
use mcp_guard_engine::policy::format::{Approval, Scalar};

pub(super) fn check(context: &Context<'_>, budget: &mut Budget, found: &mut Diagnostics) {
    for view in &context.deny {
        check_pointless(view, "a denied call needs none", found);
    }
    for view in &context.allow {
        if view.rule.tools.is_empty() && view.rule.tool_groups.is_empty() {
            check_pointless(
                view,
                "only calls of tools are approved, and the rule lists none",
                found,
            );
        }
    }
    check_issuers(context, found);
    let others = Others::new(context);
    for view in &context.allow {
        // What could not be read may be the approval.
        if needs_asking(view) && !found.has_error_in(view.rule.span) {
            check_tools(context, &others, view, budget, found);
        }
    }
}

fn check_pointless(view: &View<'_>, why: &str, found: &mut Diagnostics) {
    if let Some(approval) = &view.rule.approval {
        let message = format!("`{}` asks for an approval that is never given", view.id);
        found.push(
            Diagnostic::new(Code::PointlessApproval, approval.span, message)
                .label(why)
                .help("remove `approval`"),
        );
    }
}

/// Without issuers the calls that need an approval are refused for good.
fn check_issuers(context: &Context<'_>, found: &mut Diagnostics) {
    if context.policy.approvals.is_some() {
        return;
    }
    for view in &context.allow {
        let level = view.rule.approval.as_ref();
        let required = level.filter(|level| level.value == Approval::Required);
        // A reason is an answer: some tools are only shown.
        let Some(level) = required.filter(|_| view.rule.because.is_none()) else {
            continue;
        };
        let message = format!("nobody can approve what `{}` allows", view.id);
        found.push(
            Diagnostic::new(Code::NoIssuers, level.span, message)
                .label("the policy names no issuers of approvals")
                .help(
                    "name one under `approvals`, or say in `because` why the tools are only shown",
                ),
        );
    }
}

/// Whether the rule leaves it open who is asked. `approval: none` with a reason is an answer.
fn needs_asking(view: &View<'_>) -> bool {
    match view.rule.approval.as_ref().map(|level| level.value) {
        Some(Approval::Required | Approval::Notify) => false,
        Some(Approval::None) => view.rule.because.is_none(),
        None => true,
    }
}

/// Other rules that settle the matter for a tool.
struct Others<'v, 'p> {
    context: &'v Context<'p>,
    allow: Index<'v, 'p>,
    deny: Index<'v, 'p>,
}

impl<'v, 'p> Others<'v, 'p> {
    fn new(context: &'v Context<'p>) -> Self {
        Self {
            context,
            allow: Index::new(&context.allow, |view| &view.tools),
            deny: Index::new(&context.deny, |view| &view.tools),
        }
    }

    /// Whether another rule asks for approval of all these calls, or denies them.
    fn settle(&self, view: &View<'_>, glob: &Glob, budget: &mut Budget) -> bool {
        let holds = |other: &View<'_>| {
            other.rule.arguments.is_empty()
                && other.holds_for_all_of(view, self.context.policy)
                && (!other.rule.dry_run || view.rule.dry_run)
        };
        let asks = |other: &View<'_>| {
            let level = other.rule.approval.as_ref().map(|level| level.value);
            holds(other) && matches!(level, Some(Approval::Notify | Approval::Required))
        };
        let allow = |rule| self.context.allow.get(rule).is_some_and(asks);
        let deny = |rule| self.context.deny.get(rule).is_some_and(holds);
        self.allow.cover(glob, allow, budget).is_some()
            || self.deny.cover(glob, deny, budget).is_some()
    }
}

fn check_tools(
    context: &Context<'_>,
    others: &Others<'_, '_>,
    view: &View<'_>,
    budget: &mut Budget,
    found: &mut Diagnostics,
) {
    let mut open = false;
    for listing in &view.tools {
        let by_default = view.rule.approval.is_none() && is_approved_by_default(&listing.glob);
        if by_default {
            continue;
        }
        open = true;
        let reason =
            by_name(listing).or_else(|| by_capture(context, others, view, listing, budget));
        let Some(reason) = reason else {
            continue;
        };
        if !others.settle(view, &listing.glob, budget) {
            found.push(unapproved(view, listing, &reason));
        }
    }
    if open {
        check_values(view, found);
    }
}

/// The engine asks for approval of some tools by their name. A word behind a star may go on to the
/// left in the name (`*delete`, `undelete`).
pub(crate) fn is_approved_by_default(glob: &Glob) -> bool {
    let joined = glob.source().replace(['*', '?', '[', ']'], "x");
    default_for(glob.exact_text().unwrap_or(&joined)) == Approval::Required
}

/// Why a tool is thought to change something.
struct Reason {
    text: String,
    also: Option<Span>,
}

fn by_name(listing: &Listing<'_>) -> Option<Reason> {
    let verb = mutating_word(&listing.glob)?;
    Some(Reason {
        text: format!("`{verb}` changes something"),
        also: None,
    })
}

/// The word of a name or pattern that says that something is changed.
pub(crate) fn mutating_word(glob: &Glob) -> Option<&'static str> {
    verbs::mutating(glob.exact_text().unwrap_or(glob.source()))
}

/// The captured tools that the entry matches, of which one changes something.
fn by_capture(
    context: &Context<'_>,
    others: &Others<'_, '_>,
    view: &View<'_>,
    listing: &Listing<'_>,
    budget: &mut Budget,
) -> Option<Reason> {
    let captured = context.captured?;
    let matched: Vec<_> = match listing.glob.exact_text() {
        Some(name) => captured.get(name).into_iter().collect(),
        None => {
            let tools = captured.tools.iter().take_while(|_| budget.take(1));
            tools
                .filter(|tool| listing.glob.matches(&tool.name.value))
                .collect()
        }
    };
    for tool in matched {
        if tool.is_read_only {
            continue;
        }
        let name = &tool.name.value;
        let asked = view.rule.approval.is_none() && default_for(name) == Approval::Required;
        let mut settled =
            || Glob::name(&Glob::escape(name)).is_ok_and(|glob| others.settle(view, &glob, budget));
        if asked || settled() {
            continue;
        }
        return Some(Reason {
            text: format!("`{name}` does not say that it only reads"),
            also: Some(tool.name.span),
        });
    }
    None
}

fn unapproved(view: &View<'_>, listing: &Listing<'_>, reason: &Reason) -> Diagnostic {
    let message = format!(
        "`{}` allows `{}` without approval",
        view.id, listing.written.value
    );
    let mut unapproved = listing.diagnose(Code::UnapprovedMutation, message, &reason.text);
    if let Some(span) = reason.also {
        unapproved = unapproved.also(span, "has no `readOnlyHint: true`");
    }
    point_at_none(unapproved, view).help(help(view))
}

fn point_at_none(diagnostic: Diagnostic, view: &View<'_>) -> Diagnostic {
    match &view.rule.approval {
        Some(level) => diagnostic.also(level.span, "nobody is asked"),
        None => diagnostic,
    }
}

fn help(view: &View<'_>) -> &'static str {
    match &view.rule.approval {
        Some(_) => "say why in `because`, or ask a human: `approval: required`",
        None => "say who is asked: `approval: required`, or `approval: none` with a `because`",
    }
}

/// Values of arguments that make a tool change something: `method: { one_of: [get, create] }`.
fn check_values(view: &View<'_>, found: &mut Diagnostics) {
    for argument in &view.rule.arguments {
        let values: &[Spanned<Scalar>] = match &argument.test {
            Test::Equals(value) => std::slice::from_ref(value),
            Test::OneOf(values) => values,
            _ => continue,
        };
        let mutating = values.iter().find_map(|value| match &value.value {
            Scalar::Text(text) => Some((value, verbs::mutating_value(text)?)),
            _ => None,
        });
        let Some((value, verb)) = mutating else {
            continue;
        };
        let message = format!(
            "`{}` allows `{}` of `{}` without approval",
            view.id,
            super::arguments::written(&value.value),
            argument.path.value
        );
        let unapproved = Diagnostic::new(Code::UnapprovedMutation, value.span, message)
            .label(format!("`{verb}` changes something"));
        found.push(point_at_none(unapproved, view).help(help(view)));
    }
}
