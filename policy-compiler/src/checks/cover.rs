//! Which entries of other rules hold for everything that an entry lists.

use super::view::{Listing, View};
use crate::pattern::{Alphabet, Budget, is_included};
use mcp_guard_engine::glob::Glob;
use std::collections::HashMap;

/// The entries of rules, by name and by the literal beginning of their globs: thousands of names are
/// looked up, not compared.
pub(super) struct Index<'v, 'p> {
    exact: HashMap<&'v str, Vec<Place<'v, 'p>>>,
    globs: HashMap<&'v str, Vec<Place<'v, 'p>>>,
}

/// An entry of a rule.
#[derive(Clone, Copy)]
pub(super) struct Place<'v, 'p> {
    /// The rule's place among the rules.
    pub(super) rule: usize,
    pub(super) listing: &'v Listing<'p>,
}

/// Most globs of which a union is formed.
const MOST_UNITED: usize = 16;

impl<'v, 'p> Index<'v, 'p> {
    pub(super) fn new(
        views: &'v [View<'p>],
        entries: impl Fn(&'v View<'p>) -> &'v [Listing<'p>],
    ) -> Self {
        let mut index = Self {
            exact: HashMap::new(),
            globs: HashMap::new(),
        };
        for (rule, view) in views.iter().enumerate() {
            for listing in entries(view) {
                let (table, key) = match listing.glob.exact_text() {
                    Some(name) => (&mut index.exact, name),
                    None => (&mut index.globs, listing.glob.literal_beginning()),
                };
                let places = table.entry(key).or_default();
                places.push(Place { rule, listing });
            }
        }
        index
    }

    /// Entries of rules that apply, which together hold every name that `glob` matches.
    pub(super) fn cover(
        &self,
        glob: &Glob,
        applies: impl Fn(usize) -> bool,
        budget: &mut Budget,
    ) -> Option<Vec<Place<'v, 'p>>> {
        let Some(name) = glob.exact_text() else {
            return self.cover_glob(glob, applies, budget);
        };
        let exact = self.exact.get(name).into_iter().flatten();
        let globs = self.globs_before(name);
        exact
            .chain(globs)
            .filter(|place| applies(place.rule))
            .find(|place| budget.take(1) && place.listing.glob.matches(name))
            .map(|place| vec![*place])
    }

    fn cover_glob(
        &self,
        glob: &Glob,
        applies: impl Fn(usize) -> bool,
        budget: &mut Budget,
    ) -> Option<Vec<Place<'v, 'p>>> {
        let mut one = self
            .globs_before(glob.literal_beginning())
            .filter(|place| applies(place.rule));
        let included = |outer: &[Glob], budget: &mut Budget| {
            is_included(glob, outer, Alphabet::Identifier, budget) == Some(true)
        };
        let alone = one.find(|place| included(std::slice::from_ref(&place.listing.glob), budget));
        if let Some(place) = alone {
            return Some(vec![*place]);
        }
        let beginning = glob.literal_beginning();
        let related = |key: &str| key.starts_with(beginning) || beginning.starts_with(key);
        let mut several: Vec<_> = self
            .globs
            .iter()
            .filter(|(key, _)| budget.take(1) && related(key))
            .flat_map(|(_, places)| places.iter().copied())
            .filter(|place| applies(place.rule))
            .collect();
        several.sort_by_key(|place| (place.rule, place.listing.written.span));
        let globs: Vec<Glob> = several
            .iter()
            .map(|place| place.listing.glob.clone())
            .collect();
        let some = (2..=MOST_UNITED).contains(&globs.len());
        (some && included(&globs, budget)).then_some(several)
    }

    /// The globs whose literal beginning is one of the text's: no others hold it.
    fn globs_before(&self, text: &str) -> impl Iterator<Item = &Place<'v, 'p>> {
        let cuts = (0..=text.len()).filter(|_| !self.globs.is_empty());
        let beginnings = cuts.filter_map(|cut| text.get(..cut));
        beginnings
            .filter_map(|beginning| self.globs.get(beginning))
            .flatten()
    }
}
