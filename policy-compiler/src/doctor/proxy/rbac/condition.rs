//! What a rule asks of a request, in a form in which equal rules are equal.

use std::collections::BTreeSet;

/// A condition of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Condition {
    /// All of them hold; none: it always holds.
    All(BTreeSet<Condition>),
    /// One of them holds; none: it never holds.
    Any(BTreeSet<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// Something of the request is so: `port is `8080``.
    Fact(String),
    /// Something that is not known here.
    Unread(String),
}

impl Condition {
    /// What holds of every request.
    pub(super) fn always() -> Self {
        Self::All(BTreeSet::new())
    }

    /// All of them.
    pub(super) fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let parts = conditions
            .into_iter()
            .flat_map(|condition| match condition {
                Self::All(parts) => parts,
                other => BTreeSet::from([other]),
            });
        Self::one_or(parts.collect(), Self::All)
    }

    /// Any of them.
    pub(super) fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        let parts = conditions
            .into_iter()
            .flat_map(|condition| match condition {
                Self::Any(parts) => parts,
                other => BTreeSet::from([other]),
            });
        let parts: BTreeSet<Self> = parts.collect();
        match parts.contains(&Self::always()) {
            true => Self::always(),
            false => Self::one_or(parts, Self::Any),
        }
    }

    /// The opposite.
    pub(super) fn not(condition: Self) -> Self {
        Self::Not(Box::new(condition))
    }

    /// One alone needs no list around it.
    fn one_or(mut parts: BTreeSet<Self>, list: fn(BTreeSet<Self>) -> Self) -> Self {
        match parts.pop_first() {
            Some(only) if parts.is_empty() => only,
            Some(first) => {
                parts.insert(first);
                list(parts)
            }
            None => list(parts),
        }
    }

    /// Whether it holds, where some facts are known. None: it depends on others.
    pub(super) fn holds(&self, known: &dyn Fn(&str) -> Option<bool>) -> Option<bool> {
        let one_is = |parts: &BTreeSet<Self>, wanted: bool| {
            let parts = parts.iter().map(|part| part.holds(known));
            let parts: Vec<Option<bool>> = parts.collect();
            match parts.contains(&Some(wanted)) {
                true => Some(wanted),
                false => parts.iter().all(Option::is_some).then_some(!wanted),
            }
        };
        match self {
            Self::All(parts) => one_is(parts, false),
            Self::Any(parts) => one_is(parts, true),
            Self::Not(inner) => inner.holds(known).map(|holds| !holds),
            Self::Fact(fact) => known(fact),
            Self::Unread(_) => None,
        }
    }

    /// The facts within, and what is not known, each once.
    pub(super) fn facts(&self) -> BTreeSet<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::facts).collect(),
            Self::Not(inner) => inner.facts(),
            Self::Fact(text) | Self::Unread(text) => BTreeSet::from([text.as_str()]),
        }
    }

    /// Whether something within is not known.
    pub(super) fn has_unread(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::has_unread),
            Self::Not(inner) => inner.has_unread(),
            Self::Fact(_) => false,
            Self::Unread(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;

    fn fact(text: &str) -> Condition {
        Condition::Fact(text.into())
    }

    #[test]
    fn lists_within_lists_say_the_same_and_other_lists_do_not() {
        let [a, b, c] = ["a", "b", "c"].map(fact);
        let one = Condition::all([a.clone(), Condition::all([b.clone(), c.clone()])]);
        let other = Condition::all([c.clone(), b.clone(), a.clone(), a.clone()]);
        assert_eq!(one, other);
        assert_eq!(Condition::any([Condition::all([a.clone()])]), a);
        assert_ne!(
            Condition::all([a.clone(), b.clone()]),
            Condition::any([a.clone(), b.clone()])
        );
        assert_ne!(Condition::not(a.clone()), a);
        assert_eq!(
            Condition::any([a.clone(), Condition::always()]),
            Condition::always()
        );
        assert_ne!(Condition::any([]), Condition::all([]));
    }
}
