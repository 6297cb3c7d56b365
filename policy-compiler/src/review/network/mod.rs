//! What policies of the network allow beside ours: they add up, as ALLOWs do. Each of their two kinds
//! has its file, which reads rules; what rules come to is weighed here.

mod admin;
mod policy;
mod rule;

use super::{Manifest, Subject};
use crate::diagnostic::{Diagnostic, Diagnostics};
use rule::Rule;

/// One way through the network, as the objects call it.
#[derive(Clone, Copy)]
struct Direction {
    name: &'static str,
    /// The key of whom a rule is for.
    peers: &'static str,
}

const INGRESS: Direction = Direction {
    name: "ingress",
    peers: "from",
};

const EGRESS: Direction = Direction {
    name: "egress",
    peers: "to",
};

/// By queries data can be carried out, slowly; whoever lets all pods ask for names seldom means that.
const RESOLVER_ADVICE: &str = "name the cluster's resolver under `to`, as the compiled NetworkPolicy does, or take this workload out of the selector";

pub(super) fn check(subject: &Subject<'_>, manifests: &[Manifest], found: &mut Diagnostics) {
    let rules = |direction: Direction| {
        let mut rules = policy::rules(subject, manifests, direction);
        rules.extend(admin::rules(subject, manifests, direction));
        rules
    };
    let mut callers = rules(INGRESS);
    callers.retain(|rule| rule.reaches(subject));
    found.extend(open(&callers, "lets everyone in"));

    let (names, mut others): (Vec<_>, Vec<_>) =
        rules(EGRESS).into_iter().partition(Rule::is_for_names);
    let everything = open(&others, "lets the server reach everything");
    // What is not everything for itself may be every resolver with the others.
    others.retain(|_| everything.is_empty());
    others.extend(names);
    let resolvers = open(&others, "lets the server ask a resolver anywhere");
    let resolvers = resolvers.into_iter().map(Diagnostic::warning);
    found.extend(everything);
    found.extend(resolvers.map(|finding| finding.help(RESOLVER_ADVICE)));
}

/// Those of the rules that are for everyone, each alone or some together.
fn open(rules: &[Rule<'_>], what: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut narrow = Vec::new();
    for rule in rules {
        match rule.everyone() {
            Some((place, why)) => found.push(rule.finding(place, what, &why)),
            None => narrow.push(rule),
        }
    }
    found.extend(together(&narrow, what));
    found
}

/// The last of rules whose blocks are together so many addresses as no one network has.
fn together(rules: &[&Rule<'_>], what: &str) -> Option<Diagnostic> {
    let blocks: Vec<_> = rules.iter().flat_map(|rule| rule.blocks()).collect();
    let last = rules.last().filter(|_| crate::policy::are_wide(&blocks))?;
    let why = "with the blocks before it, covers everyone";
    let finding = last.finding(last.node, what, why);
    Some(match rules.iter().any(|rule| rule.is_contested) {
        true => finding.warning(),
        false => finding,
    })
}
