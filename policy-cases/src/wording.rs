//! Decisions in words.

use crate::explanation::Part;
use mcp_guard_engine::approval::Fault;
use mcp_guard_engine::decision::Reason;
use mcp_guard_engine::policy::Effect;
use mcp_guard_engine::policy::format::{Approval, ArgumentSpec, RuleSpec, Scalar};

/// What a reason means.
#[must_use]
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Allowed => "it passes",
        Reason::AmbiguousKey => "a key equals a known one only after folding case",
        Reason::Approval(fault) => approval_fault(fault),
        Reason::ApprovalAmbiguous => "more than one approval came with the call",
        Reason::ApprovalBeforeStart => {
            "the approval was issued before the proxy began to remember which were used"
        }
        Reason::ApprovalDeclined => "the user does not want to ask for an approval",
        Reason::ApprovalReplayed => {
            "the approval, or the state of one of its rounds, was used before"
        }
        Reason::ApprovalState => {
            "the `requestState` is not the guard's for this call, or is no longer valid"
        }
        Reason::ApprovalUnavailable => "whether the approval holds could not be found out",
        Reason::ApprovalUnfit => {
            "a number in the arguments is not the same to every server, so that none can approve them"
        }
        Reason::ApprovalRequired => "the call needs a human's approval",
        Reason::ArgumentRefused => "no rule grants the call with these arguments",
        Reason::AuthorityNotAllowed => "the authority is not listed",
        Reason::BatchElementRefused => "another element of the batch was refused",
        Reason::BatchRefused => "a batch where none may be, or one that is malformed",
        Reason::BodyTooLarge => "the body is larger than the policy permits",
        Reason::CallerNotIdentified => "the policy declares callers, and this is none of them",
        Reason::ClientAnswerRefused => "the client answers a question that the server may not ask",
        Reason::DuplicateKey => "an object repeats a key",
        Reason::HeaderMismatch => "headers and body disagree",
        Reason::HttpMethodNotAllowed => "the HTTP method has no meaning in MCP",
        Reason::InvalidParams => "the parameters lack what the method needs",
        Reason::InvalidRequest => {
            "the message is JSON, but no JSON-RPC request, notification or response"
        }
        Reason::LimitExceeded => "too deep, too many arguments or too many keys",
        Reason::MethodDenied => "a rule denies the method",
        Reason::MissingMeta => "a modern request lacks a required `_meta` field",
        Reason::OriginNotAllowed => "the origin is not listed",
        Reason::ParseError => "the body is not RFC 8259",
        Reason::PathNotFound => "the path is no endpoint",
        Reason::PolicySuperseded => "a later policy does not permit the stream that was open",
        Reason::PromptDenied => "a rule denies the prompt",
        Reason::PromptNotAllowed => "no rule grants the prompt",
        Reason::RedirectRefused => "a redirect leads round the guard",
        Reason::RepeatedHeader => "a header that must stand once stands twice",
        Reason::ResourceContentRefused => "an answer carries a resource that is not permitted",
        Reason::ResourceDenied => "a rule denies the resource",
        Reason::ResourceNotAllowed => "no rule grants the resource",
        Reason::ResponseTooLarge => "the answer is larger than the policy permits",
        Reason::ResponseUnreadable => "the answer cannot be read as MCP",
        Reason::ServerRequestRefused => {
            "the server asks the client for something that it may not ask"
        }
        Reason::StreamRefused => "a stream was asked for, and something else came",
        Reason::TasksNotAllowed => "tasks are not permitted",
        Reason::TokenMissing => "the caller is known by a token, and brought none",
        Reason::ToolDenied => "a rule denies the tool",
        Reason::ToolNotAllowed => "no rule grants the tool",
        Reason::UnexpectedBody => "a body where none may be",
        Reason::UnknownMethod => "the method is unknown, and no rule grants it",
        Reason::UnsupportedContentEncoding => "the body is encoded",
        Reason::UnsupportedContentType => "the body is not declared as JSON in UTF-8",
        Reason::UnsupportedVersion => "the protocol version is not known here",
        Reason::UriRejected => {
            "the resource's URI is not in the one form that every resolver reads alike"
        }
    }
}

/// What is wrong with an approval.
fn approval_fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Algorithm => "the approval is signed with neither EdDSA nor ES256",
        Fault::Claims => "the approval lacks a claim, or has one of a wrong form",
        Fault::Expired => "the approval has expired",
        Fault::Header => "the approval's header says more or less than it should",
        Fault::Lifetime => "the approval is valid for longer than the policy permits",
        Fault::Malformed => "the approval is no signed token",
        Fault::NotYetValid => "the approval is not valid yet",
        Fault::Signature => "the approval is not signed by the key that it names",
        Fault::UnknownIssuer => "the approval comes from an issuer that the policy does not name",
        Fault::UnknownKey => "the approval names a key that its issuer does not have",
        Fault::WrongArguments => "the approval is for other arguments",
        Fault::WrongCaller => "the approval is for another caller",
        Fault::WrongPolicy => "the approval was given under another policy",
        Fault::WrongServer => "the approval is for another server",
        Fault::WrongTool => "the approval is for another tool",
        Fault::WrongUser => "the approval is for another user",
    }
}

/// What the reason of that label means.
#[must_use]
pub fn of_label(label: &str) -> Option<&'static str> {
    let reason = Reason::ALL.iter().find(|reason| reason.label() == label)?;
    Some(self::reason(*reason))
}

/// The level's name in policies and records.
#[must_use]
pub fn approval(level: Approval) -> &'static str {
    match level {
        Approval::None => "none",
        Approval::Notify => "notify",
        Approval::Required => "required",
    }
}

/// The part's name, for programs.
#[must_use]
pub fn part_label(part: &Part) -> &'static str {
    match part {
        Part::Decides => "decides",
        Part::Grants => "grants",
        Part::Beaten { .. } => "beaten",
        Part::Unmet { .. } => "unmet",
        Part::Level { .. } => "level",
        Part::Unjudgeable { .. } => "unjudgeable",
        Part::Callers => "callers",
        Part::DryRun => "dry_run",
        Part::NotListed => "not_listed",
    }
}

/// Why a rule did, or did not, decide.
#[must_use]
pub fn part(part: &Part, effect: Effect, rule: &RuleSpec) -> String {
    match part {
        Part::Decides => "decides".to_owned(),
        Part::Grants => "fits as well".to_owned(),
        Part::Beaten { by } => format!("lists it, but `{}` refuses", by.path()),
        Part::Unmet { conditions } => unmet(conditions, effect, rule),
        Part::Level { level, conditions } => format!(
            "does not grant it, as {}; but its level `{}` counts for other types, too",
            conditions_at(rule, conditions),
            approval(*level)
        ),
        Part::Unjudgeable { condition } => {
            let what = condition_at(rule, *condition);
            format!("{what}, which servers could read in two ways")
        }
        Part::Callers => match rule.callers.is_empty() {
            true => "holds for declared callers only".to_owned(),
            false => format!("holds for {} only", rule.callers.join(", ")),
        },
        Part::DryRun => "dry run: only recorded".to_owned(),
        Part::NotListed => "does not list it".to_owned(),
    }
}

fn unmet(conditions: &[usize], effect: Effect, rule: &RuleSpec) -> String {
    let conditions = conditions_at(rule, conditions);
    match effect {
        Effect::Allow => format!("lists it, but {conditions}"),
        Effect::Deny => format!("lists it, but would deny it only where {conditions}"),
    }
}

fn conditions_at(rule: &RuleSpec, places: &[usize]) -> String {
    let conditions = places.iter().map(|place| condition_at(rule, *place));
    let conditions: Vec<_> = conditions.collect();
    conditions.join(", ")
}

fn condition_at(rule: &RuleSpec, place: usize) -> String {
    rule.arguments
        .get(place)
        .map_or_else(String::new, condition)
}

/// A condition on an argument.
#[must_use]
pub fn condition(argument: &ArgumentSpec) -> String {
    let path = argument.path.join(".");
    if let Some(value) = &argument.equals {
        return format!("`{path}` must be {}", scalar(value));
    }
    if let Some(values) = &argument.one_of {
        let values: Vec<_> = values.iter().map(scalar).collect();
        return format!("`{path}` must be one of {}", values.join(", "));
    }
    if let Some(glob) = &argument.glob {
        return format!("`{path}` must fit `{glob}`");
    }
    let bounds = argument.range.clone().unwrap_or_default();
    match (bounds.min, bounds.max) {
        (Some(min), Some(max)) => format!("`{path}` must be from {min} to {max}"),
        (Some(min), None) => format!("`{path}` must be {min} or more"),
        (None, Some(max)) => format!("`{path}` must be {max} or less"),
        (None, None) => format!("`{path}` must be a number"),
    }
}

fn scalar(value: &Scalar) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
