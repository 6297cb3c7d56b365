//! `allow`, `deny` and `tool_groups`.

use super::{Named, named};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::yaml::{
    Kind, Node,
    fields::{self, Fields},
    scalar::{Scalar as Plain, is_doubtful},
};
use mcp_guard_engine::policy::format::{Approval, Scalar, ServerRequestKind};

/// Tools that go by one name.
#[derive(Clone, Debug)]
pub struct ToolGroup {
    /// Names and globs.
    pub tools: Vec<Spanned<String>>,
}

/// One rule, under `allow` or `deny`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where its body stands.
    pub span: Span,
    /// Names of callers; none: every declared one.
    pub callers: Vec<Spanned<String>>,
    /// Tools by name or glob.
    pub tools: Vec<Spanned<String>>,
    /// Tools by the name of their group.
    pub tool_groups: Vec<Spanned<String>>,
    /// Prompts by name or glob.
    pub prompts: Vec<Spanned<String>>,
    /// Resources by URI or URI glob.
    pub resources: Vec<Spanned<String>>,
    /// Methods and notifications by name.
    pub methods: Vec<Spanned<String>>,
    /// What the server may ask of the client.
    pub server_requests: Vec<Spanned<ServerRequest>>,
    /// `tasks/*` and `params.task`.
    pub tasks: bool,
    /// Conditions on the tools' arguments.
    pub arguments: Arguments,
    /// Whether a human is asked.
    pub approval: Option<Spanned<Approval>>,
    /// Recorded, but without effect.
    pub dry_run: bool,
    /// Why the rule is there, for those who read it.
    pub because: Option<Spanned<String>>,
}

/// What a server may ask.
pub type ServerRequest = ServerRequestKind;

/// Conditions, in the order of the text; all must hold.
pub type Arguments = Vec<Argument>;

/// A condition on one argument.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Keys with dots between them.
    pub path: Spanned<String>,
    /// Where the condition stands.
    pub span: Span,
    /// What must hold.
    pub test: Test,
}

/// What must hold of an argument.
#[derive(Clone, Debug)]
pub enum Test {
    /// It equals this.
    Equals(Spanned<Scalar>),
    /// It equals one of these.
    OneOf(Vec<Spanned<Scalar>>),
    /// It is text that fits this glob.
    Glob(Spanned<String>),
    /// It is a number within these bounds, both included.
    Range {
        /// Lowest.
        min: Option<Spanned<f64>>,
        /// Highest.
        max: Option<Spanned<f64>>,
    },
}

pub(super) const KEYS: &[&str] = &[
    "callers",
    "tools",
    "tool_groups",
    "prompts",
    "resources",
    "methods",
    "server_requests",
    "tasks",
    "arguments",
    "approval",
    "dry_run",
    "because",
];

pub(super) const APPROVALS: &[(&str, Approval)] = &[
    ("none", Approval::None),
    ("notify", Approval::Notify),
    ("required", Approval::Required),
];

pub(super) const SERVER_REQUESTS: &[(&str, ServerRequestKind)] = &[
    ("elicitation", ServerRequestKind::Elicitation),
    ("roots", ServerRequestKind::Roots),
    ("sampling", ServerRequestKind::Sampling),
    ("sampling_context", ServerRequestKind::SamplingContext),
    ("sampling_tools", ServerRequestKind::SamplingTools),
];

pub(super) const RANGE_KEYS: &[&str] = &["min", "max"];

pub(super) const TESTS: &[&str] = &["equals", "one_of", "glob", "range"];

pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Named<Rule> {
    named(node, found, rule)
}

pub(super) fn read_groups(node: Option<&Node>, found: &mut Diagnostics) -> Named<ToolGroup> {
    named(node, found, |node, found| {
        let items = fields::sequence(node, found)?;
        let tools: Vec<_> = items
            .iter()
            .filter_map(|item| fields::text(item, found))
            .collect();
        if items.is_empty() {
            let message = "the tool group is empty";
            found.push(Diagnostic::new(Code::EmptyRule, node.span, message));
        }
        Some(ToolGroup { tools })
    })
}

fn rule(node: &Node, found: &mut Diagnostics) -> Option<Rule> {
    let fields = Fields::read_as(node, KEYS, "{ tools: […] }", found)?;
    Some(Rule {
        span: node.span,
        callers: fields.texts("callers", found),
        tools: fields.texts("tools", found),
        tool_groups: fields.texts("tool_groups", found),
        prompts: fields.texts("prompts", found),
        resources: fields.texts("resources", found),
        methods: fields.texts("methods", found),
        server_requests: fields
            .items("server_requests", found)
            .iter()
            .filter_map(|item| fields::word(item, SERVER_REQUESTS, found))
            .collect(),
        tasks: fields.flag("tasks", found).is_some_and(|flag| flag.value),
        arguments: fields
            .get("arguments")
            .map(|node| arguments(node, found))
            .unwrap_or_default(),
        approval: fields.word("approval", APPROVALS, found),
        dry_run: fields.flag("dry_run", found).is_some_and(|flag| flag.value),
        because: fields.text("because", found),
    })
}

fn arguments(node: &Node, found: &mut Diagnostics) -> Arguments {
    let Some(fields) = Fields::any(node, found) else {
        return Vec::new();
    };
    let mut arguments = Vec::new();
    for (path, node) in fields.entries() {
        if path.value.split('.').any(str::is_empty) {
            let message = format!("`{}` is not a path to an argument", path.value);
            found.push(
                Diagnostic::new(Code::Malformed, path.span, message)
                    .label("keys with one dot between them"),
            );
            continue;
        }
        arguments.extend(test(node, found).map(|test| Argument {
            path: path.clone(),
            span: node.span,
            test,
        }));
    }
    arguments
}

fn test(node: &Node, found: &mut Diagnostics) -> Option<Test> {
    let fields = Fields::read_as(node, TESTS, "{ equals: … }", found)?;
    let given: Vec<&str> = TESTS
        .iter()
        .copied()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let [key] = given.as_slice() else {
        let message = "a condition is exactly one of `equals`, `one_of`, `glob` and `range`";
        found.push(Diagnostic::new(Code::WrongType, node.span, message));
        return None;
    };
    let node = fields.get(key)?;
    match *key {
        "equals" => Some(Test::Equals(scalar(node, found)?)),
        "one_of" => {
            let items = fields::sequence(node, found)?;
            if items.is_empty() {
                let message = "no value would do: the list is empty";
                found.push(Diagnostic::new(Code::EmptyRule, node.span, message));
            }
            let values = items.iter().filter_map(|item| scalar(item, found));
            Some(Test::OneOf(values.collect()))
        }
        "glob" => Some(Test::Glob(fields::text(node, found)?)),
        _ => range(node, found),
    }
}

fn range(node: &Node, found: &mut Diagnostics) -> Option<Test> {
    let fields = Fields::read(node, RANGE_KEYS, found)?;
    let min = fields.get("min").and_then(|node| number(node, found));
    let max = fields.get("max").and_then(|node| number(node, found));
    if min.is_none() && max.is_none() {
        let message = "a range has a `min`, a `max` or both";
        found.push(Diagnostic::new(Code::MissingKey, node.span, message));
        return None;
    }
    if let (Some(min), Some(max)) = (&min, &max)
        && min.value > max.value
    {
        let message = format!("no number lies between {} and {}", min.value, max.value);
        found.push(Diagnostic::new(Code::NeverMatches, node.span, message));
    }
    Some(Test::Range { min, max })
}

fn number(node: &Node, found: &mut Diagnostics) -> Option<Spanned<f64>> {
    let scalar = scalar(node, found)?;
    match scalar.value {
        Scalar::Number(value) => Some(Spanned {
            value,
            span: scalar.span,
        }),
        _ => {
            found.push(fields::wrong_type(node, "a number"));
            None
        }
    }
}

/// Largest whole number that every JSON reader keeps exact (RFC 8259, section 6).
const MOST_EXACT: f64 = 9_007_199_254_740_991.0;

fn scalar(node: &Node, found: &mut Diagnostics) -> Option<Spanned<Scalar>> {
    let Kind::Scalar { text, .. } = &node.kind else {
        found.push(fields::wrong_type(
            node,
            "text, a number, a truth value or `null`",
        ));
        return None;
    };
    if fields::plain(node).is_some() && is_doubtful(text) {
        let message = format!("`{text}` means different things to different readers of YAML");
        found.push(
            Diagnostic::new(Code::Malformed, node.span, message)
                .help("put quotes around it, or write `true`, `false` or a decimal number"),
        );
        return None;
    }
    let value = match fields::plain(node) {
        None | Some(Plain::Text) => Scalar::Text(text.clone()),
        Some(Plain::Null) => Scalar::Null,
        Some(Plain::Bool(value)) => Scalar::Bool(value),
        Some(Plain::Number(value)) if value.abs() > MOST_EXACT => {
            let message = format!("`{text}` is too large to be compared exactly");
            found.push(Diagnostic::new(Code::Malformed, node.span, message));
            return None;
        }
        Some(Plain::Number(value)) => Scalar::Number(value),
    };
    Some(Spanned {
        value,
        span: node.span,
    })
}
