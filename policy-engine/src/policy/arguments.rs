//! Conditions on the arguments of a call.

use super::PolicyFault;
use super::format::{ArgumentSpec, RangeSpec, Scalar};
use crate::glob::Glob;
use crate::json::{Kind, Value, equal_folded};

/// Largest integer that every reader holds exactly (RFC 8259, section 6).
const SAFE: f64 = 9_007_199_254_740_991.0;

/// A condition on one argument.
#[derive(Debug)]
pub struct Condition {
    path: Vec<String>,
    test: Test,
}

#[derive(Debug)]
enum Test {
    OneOf(Vec<Scalar>),
    Glob(Glob),
    Range { min: f64, max: f64 },
}

/// Why a condition cannot be judged; the call is refused, whatever the rule's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentFault {
    /// A key beside the path equals one of its keys after folding case.
    AmbiguousKey,
    /// The number is not the same to every reader.
    UnsafeNumber,
}

impl Condition {
    pub(super) fn new(spec: &ArgumentSpec) -> Result<Self, PolicyFault> {
        if spec.path.is_empty() {
            return Err(PolicyFault::new("path", "is empty"));
        }
        let test = match (&spec.equals, &spec.one_of, &spec.glob, &spec.range) {
            (Some(value), None, None, None) => Test::OneOf(vec![scalar(value, "equals")?]),
            (None, Some(values), None, None) => Test::OneOf(
                values
                    .iter()
                    .map(|v| scalar(v, "one_of"))
                    .collect::<Result<_, _>>()?,
            ),
            (None, None, Some(pattern), None) => {
                let glob = Glob::name(pattern);
                Test::Glob(glob.map_err(|fault| PolicyFault::new("glob", fault.to_string()))?)
            }
            (None, None, None, Some(range)) => bounds(range)?,
            _ => {
                let problem = "needs exactly one of `equals`, `one_of`, `glob`, `range`";
                return Err(PolicyFault::new("", problem));
            }
        };
        Ok(Self {
            path: spec.path.clone(),
            test,
        })
    }

    /// The argument's keys, from `params.arguments` down.
    #[must_use]
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// Whether the arguments meet the condition; absent and differently typed ones do not.
    ///
    /// # Errors
    /// What the condition reads is not the same to every server.
    pub fn holds(&self, arguments: Option<Value<'_>>) -> Result<bool, ArgumentFault> {
        let mut value = arguments;
        for key in &self.path {
            value = match value {
                Some(object) => member(object, key)?,
                None => return Ok(false),
            };
        }
        value.map_or(Ok(false), |value| self.test.holds(value))
    }
}

/// The member with that key, and no other that some server takes for it.
fn member<'d>(object: Value<'d>, key: &str) -> Result<Option<Value<'d>>, ArgumentFault> {
    let mut found = None;
    for (name, value) in object.entries() {
        let Some(name) = name.as_str() else {
            continue;
        };
        if name == key {
            found = Some(value);
        } else if equal_folded(&name, key) {
            return Err(ArgumentFault::AmbiguousKey);
        }
    }
    Ok(found)
}

impl Test {
    fn holds(&self, value: Value<'_>) -> Result<bool, ArgumentFault> {
        match self {
            Self::OneOf(wanted) => Ok(read(value)?.is_some_and(|value| wanted.contains(&value))),
            Self::Glob(glob) => Ok(value.as_str().is_some_and(|text| glob.matches(&text))),
            Self::Range { min, max } => match read(value)? {
                Some(Scalar::Number(number)) => Ok(*min <= number && number <= *max),
                _ => Ok(false),
            },
        }
    }
}

/// The scalar that an argument is; None for containers.
fn read(value: Value<'_>) -> Result<Option<Scalar>, ArgumentFault> {
    Ok(match value.kind() {
        Kind::String => value.as_str().map(|text| Scalar::Text(text.into_owned())),
        Kind::Number => Some(Scalar::Number(number(value)?)),
        Kind::True => Some(Scalar::Bool(true)),
        Kind::False => Some(Scalar::Bool(false)),
        Kind::Null => Some(Scalar::Null),
        Kind::Object | Kind::Array => None,
    })
}

/// Some servers hold integers exactly, others as doubles: only those that both hold can be judged.
fn number(value: Value<'_>) -> Result<f64, ArgumentFault> {
    let text = value.as_number().unwrap_or_default();
    match text.parse::<f64>() {
        Ok(number) if number.abs() <= SAFE => Ok(number),
        _ => Err(ArgumentFault::UnsafeNumber),
    }
}

/// A scalar that can be compared with.
fn scalar(value: &Scalar, at: &str) -> Result<Scalar, PolicyFault> {
    match value {
        Scalar::Number(number) => Ok(Scalar::Number(safe(*number, at)?)),
        other => Ok(other.clone()),
    }
}

fn bounds(range: &RangeSpec) -> Result<Test, PolicyFault> {
    let min = safe(range.min.unwrap_or(-SAFE), "range.min")?;
    let max = safe(range.max.unwrap_or(SAFE), "range.max")?;
    if min > max || (range.min.is_none() && range.max.is_none()) {
        return Err(PolicyFault::new(
            "range",
            "holds no number, or every number",
        ));
    }
    Ok(Test::Range { min, max })
}

fn safe(number: f64, at: &str) -> Result<f64, PolicyFault> {
    match number.abs() <= SAFE {
        true => Ok(number),
        false => Err(PolicyFault::new(
            at,
            "is beyond ±(2^53−1), which not every server holds exactly",
        )),
    }
}
