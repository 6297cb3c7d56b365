//! Whether one rule's conditions on arguments imply another's.

use crate::pattern::{Alphabet, Budget, is_included};
use crate::policy::{Argument, Arguments, Test};
use crate::source::Spanned;
use mcp_guard_engine::glob::Glob;
use mcp_guard_engine::policy::format::Scalar;
use std::mem::discriminant;

/// Whether a call that a grant's conditions let through meets all conditions of a refusal.
pub(super) fn imply(grant: &Arguments, refusal: &Arguments, budget: &mut Budget) -> bool {
    refusal.iter().all(|refused| {
        let same = |granted: &&Argument| granted.path.value == refused.path.value;
        let granted = grant.iter().find(same);
        granted.is_some_and(|granted| implies(&granted.test, &refused.test, budget))
    })
}

fn implies(grant: &Test, refusal: &Test, budget: &mut Budget) -> bool {
    match (grant, refusal) {
        (Test::Equals(value), _) => is_refused(&value.value, refusal),
        (Test::OneOf(values), _) => values.iter().all(|value| is_refused(&value.value, refusal)),
        (Test::Glob(inner), Test::Glob(outer)) => {
            let (Ok(inner), Ok(outer)) = (Glob::name(&inner.value), Glob::name(&outer.value))
            else {
                return false;
            };
            is_included(&inner, &[outer], Alphabet::All, budget) == Some(true)
        }
        (
            Test::Range { min, max },
            Test::Range {
                min: low,
                max: high,
            },
        ) => {
            let bound = |bound: &Option<Spanned<f64>>, otherwise| {
                bound.as_ref().map_or(otherwise, |bound| bound.value)
            };
            bound(min, f64::MIN) >= bound(low, f64::MIN)
                && bound(max, f64::MAX) <= bound(high, f64::MAX)
        }
        _ => false,
    }
}

/// Whether a refusal's condition is met by a value; one of another type always meets it.
fn is_refused(value: &Scalar, refusal: &Test) -> bool {
    match (refusal, value) {
        (Test::Equals(refused), value) => {
            refused.value == *value || discriminant(&refused.value) != discriminant(value)
        }
        (Test::OneOf(refused), value) => refused.iter().any(|refused| {
            refused.value == *value || discriminant(&refused.value) != discriminant(value)
        }),
        (Test::Glob(pattern), Scalar::Text(text)) => {
            Glob::name(&pattern.value).is_ok_and(|glob| glob.matches(text))
        }
        (Test::Range { min, max }, Scalar::Number(number)) => {
            min.as_ref().is_none_or(|min| min.value <= *number)
                && max.as_ref().is_none_or(|max| *number <= max.value)
        }
        _ => true,
    }
}
