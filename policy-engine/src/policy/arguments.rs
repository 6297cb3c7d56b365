//! Conditions on the arguments of a call.

use super::PolicyFault;
use super::format::{ArgumentSpec, RangeSpec, Scalar};
use crate::glob::Glob;
use crate::json::{Kind, LARGEST_SAFE, Value};
use core::mem::discriminant;

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

/// How an argument stands to a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It does not meet it.
    Unmet,
    /// It is of another type than the condition compares with. That meets no condition of a grant,
    /// but those of refusals and of approvals: servers turn `"500"` into 500, and strings of JSON
    /// into objects, so another type must not lead round them.
    OtherType,
    /// It meets it.
    Met,
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

    /// How the arguments stand to the condition. An absent argument never meets it.
    ///
    /// # Errors
    /// What the condition reads is not the same to every server.
    pub fn fit(&self, arguments: Option<Value<'_>>) -> Result<Fit, ArgumentFault> {
        let Some(mut value) = arguments else {
            return Ok(Fit::Unmet);
        };
        for key in &self.path {
            if !value.is_object() {
                return Ok(Fit::OtherType);
            }
            match member(value, key)? {
                Some(inner) => value = inner,
                None => return Ok(Fit::Unmet),
            }
        }
        Ok(match self.test.holds(value)? {
            Some(true) => Fit::Met,
            Some(false) => Fit::Unmet,
            None => Fit::OtherType,
        })
    }
}

/// The member with that key, and no other that some server takes for it.
fn member<'d>(object: Value<'d>, key: &str) -> Result<Option<Value<'d>>, ArgumentFault> {
    let mut found = None;
    for (name, value) in object.entries() {
        if name.is_str(key) {
            found = Some(value);
        } else if name.is_folded(key) {
            return Err(ArgumentFault::AmbiguousKey);
        }
    }
    Ok(found)
}

/// Longest string that is held against a glob, in bytes; longer ones fit no grant and any refusal.
const LONGEST_TEXT: usize = 64 * 1024;

impl Test {
    /// Whether a value passes the test; None if it is of another type.
    fn holds(&self, value: Value<'_>) -> Result<Option<bool>, ArgumentFault> {
        Ok(match self {
            // Among values of several types, one of each is near to what is not equal to any.
            Self::OneOf(wanted) if value.kind() == Kind::String => {
                value.as_str().and_then(|text| {
                    // As below, without a copy of the text.
                    let is_text = |other: &Scalar| matches!(other, Scalar::Text(_));
                    let same =
                        |other: &Scalar| matches!(other, Scalar::Text(other) if *other == text);
                    let equal = wanted.iter().any(same);
                    (equal || wanted.iter().all(is_text)).then_some(equal)
                })
            }
            Self::OneOf(wanted) => read(value)?.and_then(|value| {
                let same_type = |other: &Scalar| discriminant(other) == discriminant(&value);
                let equal = wanted.contains(&value);
                (equal || wanted.iter().all(same_type)).then_some(equal)
            }),
            Self::Glob(glob) => {
                let text = value.as_str().filter(|text| text.len() <= LONGEST_TEXT);
                text.map(|text| glob.matches(&text))
            }
            Self::Range { min, max } => match read(value)? {
                Some(Scalar::Number(number)) => Some(*min <= number && number <= *max),
                _ => None,
            },
        })
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
        Ok(number) if number.abs() <= LARGEST_SAFE => Ok(number),
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
    let min = safe(range.min.unwrap_or(-LARGEST_SAFE), "range.min")?;
    let max = safe(range.max.unwrap_or(LARGEST_SAFE), "range.max")?;
    if min > max || (range.min.is_none() && range.max.is_none()) {
        return Err(PolicyFault::new(
            "range",
            "holds no number, or every number",
        ));
    }
    Ok(Test::Range { min, max })
}

fn safe(number: f64, at: &str) -> Result<f64, PolicyFault> {
    match number.abs() <= LARGEST_SAFE {
        true => Ok(number),
        false => Err(PolicyFault::new(
            at,
            "is beyond ±(2^53−1), which not every server holds exactly",
        )),
    }
}
