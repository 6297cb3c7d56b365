//! The plugin configuration, read strictly.

use super::decode;
use super::digest::digest;
use super::format::{FORMATS, PolicySpec, RuleSpec};
use super::{Policy, PolicyFault};
use crate::json::{Document, Options, Surrogates, Value};
use crate::parts::short_digest;
use std::rc::Rc;

/// Bounds of a configuration; Kubernetes stores no larger object.
const OPTIONS: Options = Options {
    bytes: 8 << 20,
    depth: 32,
    keys: 1 << 20,
    values: 1 << 21,
    surrogates: Surrogates::Refuse,
};

/// The key of a hand-written configuration, and the name of the one rule that it stands for.
const ALLOWLIST: &str = "tool_allowlist";

/// The policies in force.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The policy that acts. None: nothing is refused or changed, only recorded.
    pub enforced: Option<Rc<Policy>>,
    /// The policy that only records what it would have done.
    pub candidate: Option<Rc<Policy>>,
}

impl Guard {
    /// Reads a plugin configuration.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn from_json(text: &[u8]) -> Result<Self, PolicyFault> {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(PolicyFault::new("", "the plugin configuration is empty"));
        }
        let document = Document::parse(text.to_vec(), OPTIONS)
            .map_err(|fault| PolicyFault::new("", format!("the plugin configuration {fault}")))?;
        let root = document.root();
        match root.get(ALLOWLIST) {
            Some(_) => Self::from_allowlist(root),
            None => Self::from_config(root),
        }
    }

    fn from_config(root: Value<'_>) -> Result<Self, PolicyFault> {
        check_format(root)?;
        let config = decode::plugin_config(root)?;
        let specs = || config.policy.iter().chain(&config.candidate);
        if let Some(needed) = specs().map(PolicySpec::format).max()
            && needed > config.format
        {
            let problem = format!("is {}, but what it says takes {needed}", config.format);
            return Err(PolicyFault::new("format", problem));
        }
        if config.policy.is_none() && config.candidate.is_none() {
            return Err(PolicyFault::new(
                "policy",
                "is missing, and so is `candidate`",
            ));
        }
        let build = |spec: &Option<PolicySpec>, key: &str| match (spec, root.get(key)) {
            (Some(spec), Some(source)) => {
                let policy = Policy::new(spec, digest(source));
                policy
                    .map(Rc::new)
                    .map(Some)
                    .map_err(|fault| fault.within(key))
            }
            _ => Ok(None),
        };
        Ok(Self {
            enforced: build(&config.policy, "policy")?,
            candidate: build(&config.candidate, "candidate")?,
        })
    }

    fn from_allowlist(root: Value<'_>) -> Result<Self, PolicyFault> {
        let config = decode::allowlist(root)?;
        let rule = RuleSpec {
            tools: config.tool_allowlist,
            ..RuleSpec::default()
        };
        let mut spec = PolicySpec::default();
        spec.allow.insert(ALLOWLIST.into(), rule);
        let policy = Policy::new(&spec, digest(root)).map_err(|fault| fault.within(ALLOWLIST))?;
        Ok(Self {
            enforced: Some(Rc::new(policy)),
            candidate: None,
        })
    }

    /// Tells a configuration from every other, byte for byte, as the host does.
    #[must_use]
    pub fn text_digest(text: &[u8]) -> String {
        short_digest(text)
    }

    /// The policies in force, the one that acts first.
    pub fn policies(&self) -> impl Iterator<Item = &Rc<Policy>> {
        self.enforced.iter().chain(self.candidate.iter())
    }
}

/// A format of another version may look different in every other respect, so this comes first.
fn check_format(root: Value<'_>) -> Result<(), PolicyFault> {
    let (lowest, highest) = FORMATS;
    match root
        .get("format")
        .and_then(|value| value.as_number()?.parse::<u32>().ok())
    {
        Some(format) if !(lowest..=highest).contains(&format) => Err(PolicyFault::new(
            "format",
            format!(
                "is {format}, but this filter reads {lowest} to {highest}; compile the policy for it"
            ),
        )),
        _ => Ok(()),
    }
}
