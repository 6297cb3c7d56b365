//! Grants that a refusal takes back whole.

use super::cover::Index;
use super::view::{Resource, View};
use super::{Context, conditions};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pattern::{Alphabet, Budget, Forbidden, is_included};
use crate::policy::Policy;
use crate::source::Span;
use mcp_guard_engine::uri::ResourceUri;

/// Where a refusal stands.
#[derive(Clone, Copy)]
struct Refusal {
    rule: usize,
    span: Span,
}

/// One thing that a rule grants.
struct Grant {
    text: String,
    /// The entry, and where it is defined if that is in a tool group.
    span: Span,
    defined: Option<Span>,
    /// What takes it back; none: nothing.
    refused_by: Vec<Refusal>,
}

/// For a class of callers: which rules that refuse hold for all of it.
type Class = Vec<bool>;

pub(super) fn check(context: &Context<'_>, budget: &mut Budget, found: &mut Diagnostics) {
    if context.deny.is_empty() {
        return;
    }
    let refused = Refused {
        deny: &context.deny,
        tools: Index::new(&context.deny, |view| &view.tools),
        prompts: Index::new(&context.deny, |view| &view.prompts),
    };
    for view in &context.allow {
        let classes = classes(context.policy, view, &context.deny);
        if classes.iter().any(|class| !class.contains(&true)) {
            continue;
        }
        let grants = refused.grants(view, &classes, budget);
        say(view, &grants, &context.deny, found);
    }
}

/// The callers of a rule, told apart by the rules that refuse them something.
fn classes(policy: &Policy, view: &View<'_>, deny: &[View<'_>]) -> Vec<Class> {
    let class = |caller: Option<&str>| -> Class {
        let holds = |refusal: &View<'_>| {
            let callers = &refusal.rule.callers;
            let named = callers
                .iter()
                .any(|name| Some(name.value.as_str()) == caller);
            let acts = !refusal.rule.dry_run || view.rule.dry_run;
            acts && (callers.is_empty() || named)
        };
        deny.iter().map(holds).collect()
    };
    let own = &view.rule.callers;
    let mut classes: Vec<Class> = match own.is_empty() {
        false => own.iter().map(|name| class(Some(&name.value))).collect(),
        true if policy.callers.is_empty() => vec![class(None)],
        true => policy
            .callers
            .keys()
            .map(|name| class(Some(name)))
            .collect(),
    };
    classes.sort();
    classes.dedup();
    classes
}

struct Refused<'v, 'p> {
    deny: &'v [View<'p>],
    tools: Index<'v, 'p>,
    prompts: Index<'v, 'p>,
}

impl Refused<'_, '_> {
    fn grants(&self, view: &View<'_>, classes: &[Class], budget: &mut Budget) -> Vec<Grant> {
        let mut grants = Vec::new();
        self.add_names(view, classes, budget, &mut grants);
        for resource in &view.resources {
            let refused_by = everywhere(classes, |class| {
                self.resource(resource, |rule| has(class, rule), budget)
            });
            grants.push(grant(resource.written, refused_by));
        }
        for method in &view.rule.methods {
            let refused_by = everywhere(classes, |class| {
                self.first(class, |deny| {
                    let same =
                        |other: &&crate::source::Spanned<String>| other.value == method.value;
                    deny.rule.methods.iter().find(same).map(|other| other.span)
                })
            });
            grants.push(grant(method, refused_by));
        }
        self.add_flags(view, classes, &mut grants);
        grants
    }

    /// Tools and prompts.
    fn add_names(
        &self,
        view: &View<'_>,
        classes: &[Class],
        budget: &mut Budget,
        grants: &mut Vec<Grant>,
    ) {
        let implied: Vec<bool> = self
            .deny
            .iter()
            .map(|deny| conditions::imply(&view.rule.arguments, &deny.rule.arguments, budget))
            .collect();
        for (listings, index, is_tools) in [
            (&view.tools, &self.tools, true),
            (&view.prompts, &self.prompts, false),
        ] {
            for listing in listings {
                let refused_by = everywhere(classes, |class| {
                    let applies = |rule| has(class, rule) && (!is_tools || has(&implied, rule));
                    let places = index.cover(&listing.glob, applies, budget)?;
                    let refusal = |place: &super::cover::Place<'_, '_>| Refusal {
                        rule: place.rule,
                        span: place.listing.written.span,
                    };
                    Some(places.iter().map(refusal).collect())
                });
                grants.push(Grant {
                    text: listing.written.value.clone(),
                    span: listing.group.unwrap_or(listing.written).span,
                    defined: listing.group.map(|_| listing.written.span),
                    refused_by,
                });
            }
        }
    }

    /// Server requests and tasks.
    fn add_flags(&self, view: &View<'_>, classes: &[Class], grants: &mut Vec<Grant>) {
        for request in &view.rule.server_requests {
            let refused_by = everywhere(classes, |class| {
                self.first(class, |deny| {
                    let mut requests = deny.rule.server_requests.iter();
                    let same = requests.find(|other| other.value == request.value);
                    same.map(|other| other.span)
                })
            });
            grants.push(Grant {
                text: "the server's request".into(),
                span: request.span,
                defined: None,
                refused_by,
            });
        }
        if view.rule.tasks {
            let refused_by = everywhere(classes, |class| {
                self.first(class, |deny| deny.rule.tasks.then_some(deny.name))
            });
            grants.push(Grant {
                text: "tasks".into(),
                span: view.name,
                defined: None,
                refused_by,
            });
        }
    }

    fn first(
        &self,
        class: &Class,
        place: impl Fn(&View<'_>) -> Option<Span>,
    ) -> Option<Vec<Refusal>> {
        let mut rules = self.deny.iter().enumerate().zip(class);
        rules.find_map(|((rule, deny), holds)| {
            let span = place(deny).filter(|_| *holds)?;
            Some(vec![Refusal { rule, span }])
        })
    }

    fn resource(
        &self,
        granted: &Resource<'_>,
        applies: impl Fn(usize) -> bool,
        budget: &mut Budget,
    ) -> Option<Vec<Refusal>> {
        let rules = self.deny.iter().enumerate();
        let mut refusals = rules
            .filter(|(rule, _)| applies(*rule))
            .flat_map(|(rule, deny)| deny.resources.iter().map(move |refused| (rule, refused)))
            .filter(|(_, refused)| refused.pattern.scheme() == granted.pattern.scheme());
        let (rule, refused) = refusals
            .find(|(_, refused)| budget.is_spent() || is_refused(granted, refused, budget))
            .filter(|_| !budget.is_spent())?;
        let span = refused.written.span;
        Some(vec![Refusal { rule, span }])
    }
}

fn is_refused(granted: &Resource<'_>, refused: &Resource<'_>, budget: &mut Budget) -> bool {
    match granted.pattern.exact().map(ResourceUri::parse) {
        Some(Ok(uri)) => budget.take(4) && refused.pattern.forbids(&uri),
        Some(Err(_)) => false,
        None => {
            let outer = [Forbidden::outer(&refused.pattern)];
            let inner = granted.pattern.glob();
            is_included(inner, &outer, Alphabet::Identifier, budget) == Some(true)
        }
    }
}

fn grant(entry: &crate::source::Spanned<String>, refused_by: Vec<Refusal>) -> Grant {
    Grant {
        text: entry.value.clone(),
        span: entry.span,
        defined: None,
        refused_by,
    }
}

/// Whether a rule has a flag.
fn has(flags: &[bool], rule: usize) -> bool {
    flags.get(rule) == Some(&true)
}

/// The refusals of all classes; none if one class is left out.
fn everywhere(
    classes: &[Class],
    mut refused: impl FnMut(&Class) -> Option<Vec<Refusal>>,
) -> Vec<Refusal> {
    let mut all: Vec<Refusal> = Vec::new();
    for class in classes {
        let Some(refusals) = refused(class) else {
            return Vec::new();
        };
        for refusal in refusals {
            if !all.iter().any(|known| known.span == refusal.span) {
                all.push(refusal);
            }
        }
    }
    all
}

fn say(view: &View<'_>, grants: &[Grant], deny: &[View<'_>], found: &mut Diagnostics) {
    let lost: Vec<_> = grants
        .iter()
        .filter(|grant| !grant.refused_by.is_empty())
        .collect();
    if lost.is_empty() {
        return;
    }
    if lost.len() == grants.len() {
        let message = format!(
            "nothing that `{}` allows is left: all of it is denied",
            view.id
        );
        let refusals = lost.iter().flat_map(|grant| &grant.refused_by);
        let shadowed = Diagnostic::new(Code::ShadowedAllow, view.name, message);
        found.push(
            point_at(shadowed, refusals, deny)
                .help("remove one of the rules: deny wins over allow"),
        );
        return;
    }
    for grant in lost {
        let message = format!(
            "`{}` is denied to everyone to whom `{}` allows it",
            grant.text, view.id
        );
        let mut shadowed =
            Diagnostic::new(Code::ShadowedAllow, grant.span, message).label("never allowed");
        if let Some(defined) = grant.defined {
            shadowed = shadowed.also(defined, "in this group");
        }
        found.push(
            point_at(shadowed, grant.refused_by.iter(), deny)
                .help("remove it from one of the rules: deny wins over allow"),
        );
    }
}

/// Most refusals that one finding points at.
const MOST_SHOWN: usize = 3;

fn point_at<'r>(
    mut shadowed: Diagnostic,
    refusals: impl Iterator<Item = &'r Refusal>,
    deny: &[View<'_>],
) -> Diagnostic {
    let mut shown: Vec<Span> = Vec::new();
    for refusal in refusals {
        if shown.len() >= MOST_SHOWN || shown.contains(&refusal.span) {
            continue;
        }
        shown.push(refusal.span);
        let id = deny.get(refusal.rule).map_or("", |deny| deny.id);
        shadowed = shadowed.also(refusal.span, format!("denied here, by `{id}`"));
    }
    shadowed
}
