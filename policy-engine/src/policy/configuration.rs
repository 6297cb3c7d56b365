//! The plugin configuration, read strictly.

use super::format::{AllowlistConfig, FORMATS, PluginConfig, PolicySpec, RuleSpec};
use super::{Policy, PolicyFault};
use crate::json::{Document, Options, Surrogates};
use std::rc::Rc;

/// Bounds of a configuration; Kubernetes stores no larger object.
const OPTIONS: Options = Options {
    bytes: 8 << 20,
    depth: 32,
    keys: 1 << 20,
    values: 1 << 21,
    surrogates: Surrogates::Refuse,
};

/// Name of the one rule that a hand-written allowlist stands for.
const ALLOWLIST_RULE: &str = "tool_allowlist";

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
        if root.get(ALLOWLIST_RULE).is_some() {
            return Self::from_allowlist(&read(text)?);
        }
        // A format of another version may look different in every other respect.
        let format = root.get("format").and_then(|value| value.as_number()?.parse::<u32>().ok());
        match format {
            Some(format) if (FORMATS.0..=FORMATS.1).contains(&format) => {}
            Some(format) => return Err(other_format(format)),
            None if root.get("format").is_none() => {
                // Let the typed reading name a misspelt key before the missing one.
                read::<PluginConfig>(text)?;
                return Err(PolicyFault::new("format", "is missing"));
            }
            None => return Err(PolicyFault::new("format", "is no version number")),
        }
        Self::from_config(&read(text)?)
    }

    fn from_config(config: &PluginConfig) -> Result<Self, PolicyFault> {
        let build = |spec: &Option<PolicySpec>, at: &str| match spec {
            Some(spec) => Policy::new(spec).map(Rc::new).map(Some).map_err(|fault| fault.within(at)),
            None => Ok(None),
        };
        if config.policy.is_none() && config.candidate.is_none() {
            return Err(PolicyFault::new("policy", "is missing, and so is `candidate`"));
        }
        Ok(Self {
            enforced: build(&config.policy, "policy")?,
            candidate: build(&config.candidate, "candidate")?,
        })
    }

    fn from_allowlist(config: &AllowlistConfig) -> Result<Self, PolicyFault> {
        let rule = RuleSpec { tools: config.tool_allowlist.clone(), ..RuleSpec::default() };
        let spec = PolicySpec {
            allow: [(ALLOWLIST_RULE.into(), rule)].into(),
            ..PolicySpec::default()
        };
        let policy = Policy::new(&spec).map_err(|fault| fault.within("tool_allowlist"))?;
        Ok(Self { enforced: Some(Rc::new(policy)), candidate: None })
    }

    /// The policies in force, the one that acts first.
    pub fn policies(&self) -> impl Iterator<Item = &Rc<Policy>> {
        self.enforced.iter().chain(self.candidate.iter())
    }
}

fn read<'a, T: serde::Deserialize<'a>>(text: &'a [u8]) -> Result<T, PolicyFault> {
    serde_json::from_slice(text)
        .map_err(|fault| PolicyFault::new("", format!("the plugin configuration is wrong: {fault}")))
}

fn other_format(format: u32) -> PolicyFault {
    let (lowest, highest) = FORMATS;
    PolicyFault::new(
        "format",
        format!("is {format}, but this filter reads {lowest} to {highest}; compile the policy for it"),
    )
}
