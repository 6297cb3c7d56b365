//! From a name or URI to the rules that list it, at a cost that does not grow with their number.

use super::{Effect, PolicyFault, RuleIndex};
use crate::glob::{Glob, Letters};
use crate::uri::{ResourcePattern, ResourceUri, TemplatePrefix};
use foldhash::fast::FixedState;

/// The hash is fixed: keys come from the policy, and requests only look up.
#[expect(
    clippy::disallowed_types,
    reason = "never iterated, so its order decides nothing"
)]
type Table = std::collections::HashMap<Box<str>, Vec<RuleIndex>, FixedState>;

/// Rules by name, exact or glob.
#[derive(Debug, Default)]
pub struct NameIndex {
    exact: Table,
    globs: Vec<(Glob, RuleIndex)>,
}

impl NameIndex {
    pub(super) fn add(
        &mut self,
        patterns: &[String],
        rule: RuleIndex,
        at: &str,
    ) -> Result<(), PolicyFault> {
        for (place, pattern) in patterns.iter().enumerate() {
            let at = format!("{at}[{place}]");
            let glob = Glob::name(pattern)
                .map_err(|fault| PolicyFault::new(&at, format!("`{pattern}`: {fault}")))?;
            match glob.exact_text() {
                Some(name) => self.insert(name, rule, &at)?,
                None => self.globs.push((glob, rule)),
            }
        }
        Ok(())
    }

    pub(super) fn add_exact(
        &mut self,
        names: &[String],
        rule: RuleIndex,
        at: &str,
    ) -> Result<(), PolicyFault> {
        for (place, name) in names.iter().enumerate() {
            self.insert(name, rule, &format!("{at}[{place}]"))?;
        }
        Ok(())
    }

    fn insert(&mut self, name: &str, rule: RuleIndex, at: &str) -> Result<(), PolicyFault> {
        if name.is_empty() || name.contains(char::is_control) {
            return Err(PolicyFault::new(
                at,
                "a name is empty or holds a control character",
            ));
        }
        self.exact.entry(name.into()).or_default().push(rule);
        Ok(())
    }

    /// The rules that list `name`, in no particular order, possibly twice.
    pub fn rules<'a>(&'a self, name: &'a str) -> impl Iterator<Item = RuleIndex> + 'a {
        let exact = self.exact.get(name).into_iter().flatten().copied();
        let letters = Letters::of(name);
        let fits = move |glob: &Glob| glob.may_match(letters) && glob.matches(name);
        let globs = self.globs.iter().filter(move |(glob, _)| fits(glob));
        exact.chain(globs.map(|(_, rule)| *rule))
    }
}

/// Rules by resource URI or URI glob.
#[derive(Debug, Default)]
pub struct ResourceIndex {
    /// Grants of one URI each, by that URI.
    exact: Table,
    /// The same as patterns, for templates.
    exact_patterns: Vec<(ResourcePattern, RuleIndex)>,
    /// All other grants.
    globs: Vec<(ResourcePattern, RuleIndex)>,
    /// Refusals, which hold for every spelling of a URI.
    refusals: Vec<(ResourcePattern, RuleIndex)>,
}

impl ResourceIndex {
    pub(super) fn add(
        &mut self,
        patterns: &[String],
        rule: RuleIndex,
        effect: Effect,
        at: &str,
    ) -> Result<(), PolicyFault> {
        for (place, source) in patterns.iter().enumerate() {
            let pattern = ResourcePattern::new(source).map_err(|fault| {
                PolicyFault::new(format!("{at}[{place}]"), format!("`{source}`: {fault}"))
            })?;
            let list = match (effect, pattern.exact()) {
                (Effect::Deny, _) => &mut self.refusals,
                (Effect::Allow, None) => &mut self.globs,
                (Effect::Allow, Some(uri)) => {
                    self.exact.entry(uri.into()).or_default().push(rule);
                    &mut self.exact_patterns
                }
            };
            list.push((pattern, rule));
        }
        Ok(())
    }

    /// The rules that list `uri`.
    pub fn rules<'a>(&'a self, uri: &'a ResourceUri<'a>) -> impl Iterator<Item = RuleIndex> + 'a {
        let exact = self.exact.get(uri.as_str()).into_iter().flatten().copied();
        let granting = fitting(&self.globs, |pattern| pattern.permits(uri));
        let refusing = fitting(&self.refusals, |pattern| pattern.forbids(uri));
        exact.chain(granting).chain(refusing)
    }

    /// The rules that grant some URI of a template, or refuse all that it is sure to name.
    pub fn rules_of_template<'a>(
        &'a self,
        template: &'a TemplatePrefix<'a>,
    ) -> impl Iterator<Item = RuleIndex> + 'a {
        let permits = move |pattern: &ResourcePattern| pattern.may_permit(template);
        let refuses = move |pattern: &ResourcePattern| {
            let names = [
                template.as_str().to_owned(),
                format!("{}x", template.as_str()),
            ];
            let fits =
                |uri: &String| ResourceUri::parse(uri).is_ok_and(|uri| pattern.forbids(&uri));
            names.iter().any(fits)
        };
        let granting = fitting(&self.globs, permits).chain(fitting(&self.exact_patterns, permits));
        granting.chain(fitting(&self.refusals, refuses))
    }
}

fn fitting<'a>(
    patterns: &'a [(ResourcePattern, RuleIndex)],
    fits: impl Fn(&ResourcePattern) -> bool + 'a,
) -> impl Iterator<Item = RuleIndex> + 'a {
    patterns
        .iter()
        .filter(move |(pattern, _)| fits(pattern))
        .map(|(_, rule)| *rule)
}
