//! Conditions on arguments, held against the tools' own schemas (JSON Schema 2020-12).
//!
//! Only what is certain is said: a schema with keywords that are not understood here permits
//! everything.

use super::Context;
use super::view::View;
use crate::captured::Tool;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pattern::Budget;
use crate::policy::{Argument, Test};
use crate::source::Spanned;
use crate::yaml::fields::suggest;
use mcp_guard_engine::policy::format::Scalar;
use serde_json::Value;

/// Most `$ref`s and alternatives that are followed on the way to one argument.
const DEEPEST: usize = 16;

pub(super) fn check(context: &Context<'_>, budget: &mut Budget, found: &mut Diagnostics) {
    let Some(captured) = context.captured else {
        return;
    };
    for view in context.allow.iter().chain(&context.deny) {
        if view.rule.arguments.is_empty() {
            continue;
        }
        let mut fits = |tool: &&Tool| matches(view, tool, budget);
        let tools: Vec<&Tool> = captured.tools.iter().filter(&mut fits).collect();
        for argument in &view.rule.arguments {
            // The first tool is enough: the mistake is mostly the same in all of them.
            let findings = tools.iter().find_map(|tool| check_argument(argument, tool));
            found.extend(findings.into_iter().flatten());
        }
    }
}

fn matches(view: &View<'_>, tool: &Tool, budget: &mut Budget) -> bool {
    let mut listings = view.tools.iter();
    listings.any(|listing| budget.take(1) && listing.glob.matches(&tool.name.value))
}

/// What is wrong with a condition, if the tool is called with what its schema says.
fn check_argument(argument: &Argument, tool: &Tool) -> Option<Vec<Diagnostic>> {
    let schema = Schema {
        root: &tool.input_schema,
        node: &tool.input_schema,
    };
    let mut schemas = vec![schema];
    for key in argument.path.value.split('.') {
        let mut inner = Vec::new();
        let mut known = Vec::new();
        for schema in &schemas {
            match schema.member(key, DEEPEST) {
                Member::Open => return None,
                Member::Known(schemas) => inner.extend(schemas),
                Member::Unknown(names) => known.extend(names),
            }
        }
        if inner.is_empty() {
            return Some(vec![unknown(argument, key, &known, tool)]);
        }
        schemas = inner;
    }
    let refused: Vec<Diagnostic> = values(&argument.test)
        .iter()
        .filter(|value| {
            !schemas
                .iter()
                .any(|schema| schema.permits(&value.value, DEEPEST))
        })
        .map(|value| outside(argument, value, tool))
        .collect();
    (!refused.is_empty()).then_some(refused)
}

fn unknown(argument: &Argument, key: &str, known: &[&str], tool: &Tool) -> Diagnostic {
    let message = format!(
        "`{}` has no argument `{}`",
        tool.name.value, argument.path.value
    );
    let unknown = Diagnostic::new(Code::UnknownArgument, argument.path.span, message)
        .also(tool.name.span, "its `inputSchema` does not have it");
    match argument.path.value == key {
        true => suggest(unknown, key, known, argument.path.span),
        false => unknown,
    }
}

fn outside(argument: &Argument, value: &Spanned<Scalar>, tool: &Tool) -> Diagnostic {
    let message = format!(
        "`{}` of `{}` is never {}",
        argument.path.value,
        tool.name.value,
        written(&value.value)
    );
    Diagnostic::new(Code::ArgumentOutsideSchema, value.span, message)
        .label("its type or list of values does not have it")
        .also(tool.name.span, "says its `inputSchema`")
}

fn values(test: &Test) -> &[Spanned<Scalar>] {
    match test {
        Test::Equals(value) => std::slice::from_ref(value),
        Test::OneOf(values) => values,
        Test::Glob(_) | Test::Range { .. } => &[],
    }
}

/// A value as JSON writes it.
pub(super) fn written(value: &Scalar) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[derive(Clone, Copy)]
struct Schema<'t> {
    /// The whole schema, to which `$ref` refers.
    root: &'t Value,
    node: &'t Value,
}

/// What a schema says of a member.
enum Member<'t> {
    /// Nothing certain.
    Open,
    /// It has it, with these schemas.
    Known(Vec<Schema<'t>>),
    /// It does not have it, but these.
    Unknown(Vec<&'t str>),
}

/// Keywords that may add members or values in ways that are not followed here.
const NOT_FOLLOWED: [&str; 8] = [
    "allOf",
    "patternProperties",
    "dependentSchemas",
    "if",
    "not",
    "$dynamicRef",
    "unevaluatedProperties",
    "propertyNames",
];

impl<'t> Schema<'t> {
    /// The schemas of which one must hold. None: it is not certain.
    fn alternatives(self, depth: usize) -> Option<Vec<Self>> {
        let object = self.node.as_object()?;
        let depth = depth.checked_sub(1)?;
        if NOT_FOLLOWED
            .iter()
            .any(|keyword| object.contains_key(*keyword))
        {
            return None;
        }
        if let Some(reference) = object.get("$ref") {
            let node = self.root.pointer(reference.as_str()?.strip_prefix('#')?)?;
            return Self { node, ..self }.alternatives(depth);
        }
        let branches = object.get("anyOf").or_else(|| object.get("oneOf"));
        let Some(branches) = branches else {
            return Some(vec![self]);
        };
        let mut all = Vec::new();
        for node in branches.as_array()? {
            all.extend(Self { node, ..self }.alternatives(depth)?);
        }
        Some(all)
    }

    fn member(self, key: &str, depth: usize) -> Member<'t> {
        let Some(alternatives) = self.alternatives(depth) else {
            return Member::Open;
        };
        let mut schemas = Vec::new();
        let mut names = Vec::new();
        for alternative in alternatives {
            if alternative
                .node
                .get("additionalProperties")
                .is_some_and(|more| more != &Value::Bool(false))
            {
                return Member::Open;
            }
            let properties = alternative
                .node
                .get("properties")
                .and_then(Value::as_object);
            let Some(properties) = properties else {
                // A type without members has none; anything else may have any.
                match alternative.node.get("type").and_then(Value::as_str) {
                    Some("object") | None => return Member::Open,
                    Some(_) => continue,
                }
            };
            names.extend(properties.keys().map(String::as_str));
            if let Some(node) = properties.get(key) {
                schemas.push(Self {
                    node,
                    ..alternative
                });
            }
        }
        match schemas.is_empty() {
            true => Member::Unknown(names),
            false => Member::Known(schemas),
        }
    }

    fn permits(self, value: &Scalar, depth: usize) -> bool {
        let Some(alternatives) = self.alternatives(depth) else {
            return true;
        };
        let json = serde_json::to_value(value).unwrap_or_default();
        alternatives.iter().any(|schema| {
            let has_type = schema
                .node
                .get("type")
                .is_none_or(|wanted| has_type(wanted, &json));
            let listed = schema.node.get("enum").and_then(Value::as_array);
            let constant = schema.node.get("const");
            has_type
                && listed.is_none_or(|listed| listed.iter().any(|listed| same(listed, &json)))
                && constant.is_none_or(|constant| same(constant, &json))
        })
    }
}

/// The keyword `type`: a word or a list of words.
fn has_type(wanted: &Value, value: &Value) -> bool {
    if let Some(words) = wanted.as_array() {
        return words.iter().any(|word| has_type(word, value));
    }
    match wanted.as_str() {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("number") => value.is_number(),
        Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Some("object" | "array") => false,
        _ => true,
    }
}

/// JSON Schema compares numbers by value: 1 equals 1.0.
fn same(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}
