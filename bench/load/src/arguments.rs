//! `--name value` pairs of the command line.

use crate::Failure;
use std::collections::HashMap;
use std::path::PathBuf;
use std::str::FromStr;

/// The options of one command.
pub struct Arguments(HashMap<String, String>);

impl Arguments {
    /// Reads pairs of a name and a value.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = HashMap::new();
        while let Some(word) = words.next() {
            let name = word
                .strip_prefix("--")
                .ok_or_else(|| format!("not an option: {word}"))?;
            let value = words
                .next()
                .ok_or_else(|| format!("--{name} needs a value"))?;
            options.insert(name.to_owned(), value);
        }
        Ok(Self(options))
    }

    /// The value of an option that may be absent.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of an option that must be given.
    pub fn required(&self, name: &str) -> Result<&str, Failure> {
        self.optional(name)
            .ok_or_else(|| format!("--{name} is missing").into())
    }

    /// A path that must be given.
    pub fn path(&self, name: &str) -> Result<PathBuf, Failure> {
        Ok(PathBuf::from(self.required(name)?))
    }

    /// A number, or `default` where the option is absent.
    pub fn number<N: FromStr>(&self, name: &str, default: N) -> Result<N, Failure> {
        let Some(text) = self.optional(name) else {
            return Ok(default);
        };
        text.parse()
            .map_err(|_| format!("--{name}: not a number: {text}").into())
    }
}
