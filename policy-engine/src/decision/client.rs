//! What a client may say.

use super::ruling::{Arguments, Verdict};
use super::server::permits_answer;
use super::{Decision, Question, Reason, Ruling, Target};
use crate::json::Value;
use crate::jsonrpc::{Message, check_keys, is_identifier};
use crate::mcp::{ClientMethod, Era, Governs, client_method, keys};
use crate::names::META_APPROVAL;
use crate::policy::format::Approval;
use crate::policy::{ArgumentFault, RuleIndex};
use crate::uri::{ResourceUri, TemplatePrefix};
use std::borrow::Cow;

/// The rules in force, and the era that the client speaks.
#[derive(Clone, Copy, Debug)]
pub struct Context<'p> {
    /// The rules.
    pub ruling: Ruling<'p>,
    /// The era.
    pub era: Era,
}

/// A message's parameters.
#[derive(Clone, Copy)]
pub(super) enum Params<'d> {
    /// As they came; absent ones are like an empty object.
    Given(Option<Value<'d>>),
    /// Nothing is known of them but what they name.
    Forgotten,
}

impl<'d> Params<'d> {
    fn get(self, key: &str) -> Option<Value<'d>> {
        match self {
            Self::Given(params) => params?.get(key),
            Self::Forgotten => None,
        }
    }
}

/// Decides about one message of a client.
#[must_use]
pub fn decide(context: Context<'_>, message: &Message<'_>) -> (Decision, Target) {
    let decided = decide_message(context, message);
    let ruling = context.ruling;
    ruling.trace.decides(&decided.0, ruling.dry_run);
    decided
}

fn decide_message(context: Context<'_>, message: &Message<'_>) -> (Decision, Target) {
    match message {
        Message::Request { method, params, .. } => {
            call(context, method, Params::Given(*params), true)
        }
        Message::Notification { method, params } => {
            call(context, method, Params::Given(*params), false)
        }
        Message::Answer { result: None } => (Decision::housekeeping(), Target::None),
        Message::Answer {
            result: Some(result),
        } => {
            let decision = match permits_answer(context.ruling, *result) {
                true => Decision::housekeeping(),
                false => Reason::ClientAnswerRefused.into(),
            };
            (decision, Target::None)
        }
    }
}

fn call(context: Context<'_>, name: &str, params: Params<'_>, request: bool) -> (Decision, Target) {
    let known = client_method(name);
    let target = known.map_or(Target::None, |method| target(method, params));
    (
        decide_call(context, name, known, params, request, &target),
        target,
    )
}

pub(super) fn decide_call(
    context: Context<'_>,
    name: &str,
    known: Option<&ClientMethod>,
    params: Params<'_>,
    request: bool,
    target: &Target,
) -> Decision {
    let granted = match context.ruling.on_method(name) {
        Verdict::Denied { rule } => return Decision::deny_by(Reason::MethodDenied, rule),
        Verdict::Allowed { rule, .. } => Some(rule),
        Verdict::ArgumentsRefused { .. } | Verdict::NotListed => None,
    };
    let Some(method) = known else {
        let granted = granted.map(|rule| Decision::permit(rule, Approval::None));
        return granted.unwrap_or_else(|| Reason::UnknownMethod.into());
    };
    // A grant by name opens a method of the other era, but never frees it of what governs it.
    if method.request != request || !(method.is_in(context.era) || granted.is_some()) {
        return Reason::UnknownMethod.into();
    }
    match governed(context, method, params, target) {
        Ok(decision) | Err(decision) => decision,
    }
}

fn governed(
    context: Context<'_>,
    method: &ClientMethod,
    params: Params<'_>,
    target: &Target,
) -> Result<Decision, Decision> {
    let ruling = context.ruling;
    let decision = match method.governs {
        Governs::Housekeeping => Decision::housekeeping(),
        Governs::Tool => tool(ruling, params, target)?,
        Governs::Prompt => prompt(ruling, target)?,
        Governs::Resource => resource(ruling, target)?,
        Governs::Completion => completion(ruling, params, target)?,
        Governs::Listen => listen(ruling, params, target)?,
        Governs::Task => task(ruling)?,
    };
    input_responses(ruling, params)?;
    Ok(decision)
}

/// What the message names.
fn target(method: &ClientMethod, params: Params<'_>) -> Target {
    let text = |key: &str| text(params.get(key)?);
    let named = match method.governs {
        Governs::Tool => text("name").map(Target::Tool),
        Governs::Prompt => text("name").map(Target::Prompt),
        Governs::Resource => text("uri").map(Target::Resource),
        Governs::Completion => reference(params),
        Governs::Housekeeping | Governs::Listen | Governs::Task => None,
    };
    named.unwrap_or_default()
}

/// A string that can be a name or URI.
pub(super) fn text(value: Value<'_>) -> Option<String> {
    let text = value.as_str().filter(|text| is_identifier(text));
    text.map(Cow::into_owned)
}

fn reference(params: Params<'_>) -> Option<Target> {
    let reference = params.get("ref")?;
    match reference.get("type")?.as_str()?.as_ref() {
        "ref/prompt" => text(reference.get("name")?).map(Target::Prompt),
        "ref/resource" => text(reference.get("uri")?).map(Target::Resource),
        _ => None,
    }
}

fn tool(ruling: Ruling<'_>, params: Params<'_>, target: &Target) -> Result<Decision, Decision> {
    let Target::Tool(name) = target else {
        return Err(Reason::InvalidParams.into());
    };
    let arguments = params.get("arguments");
    if arguments.is_some_and(|arguments| !arguments.is_object()) {
        return Err(Reason::InvalidParams.into());
    }
    let arguments = match params {
        Params::Given(_) => Arguments::Given {
            tool: name,
            arguments,
        },
        Params::Forgotten => Arguments::Any { tool: name },
    };
    ruling.asks(Question::Tool(name));
    let verdict = ruling.on(ruling.policy.tools().rules(name), arguments);
    let (rule, level) = match verdict.map_err(refuse_arguments)? {
        Verdict::NotListed => return Err(Reason::ToolNotAllowed.into()),
        Verdict::Denied { rule } => return Err(denied_call(ruling, name, rule)),
        Verdict::ArgumentsRefused { rule } => {
            return Err(Decision::deny_by(Reason::ArgumentRefused, rule));
        }
        Verdict::Allowed { rule, approval } => (rule, approval),
    };
    if params.get("task").is_some() && !ruling.permits_tasks() {
        return Err(Reason::TasksNotAllowed.into());
    }
    if level == Approval::Required {
        return Ok(Decision::awaits_approval(rule));
    }
    Ok(Decision::permit(rule, level))
}

/// A tool that lists show is refused for its arguments; one that they hide is unknown.
fn denied_call(ruling: Ruling<'_>, name: &str, rule: RuleIndex) -> Decision {
    let reason = match ruling.shows_tool(name) {
        Some(_) => Reason::ArgumentRefused,
        None => Reason::ToolDenied,
    };
    Decision::deny_by(reason, rule)
}

fn refuse_arguments(fault: ArgumentFault) -> Decision {
    match fault {
        ArgumentFault::AmbiguousKey => Reason::AmbiguousKey.into(),
        ArgumentFault::UnsafeNumber => Reason::ArgumentRefused.into(),
    }
}

fn prompt(ruling: Ruling<'_>, target: &Target) -> Result<Decision, Decision> {
    let Target::Prompt(name) = target else {
        return Err(Reason::InvalidParams.into());
    };
    let listed = ruling.policy.prompts().rules(name);
    ruling.asks(Question::Prompt(name));
    grant(
        ruling,
        listed,
        Reason::PromptDenied,
        Reason::PromptNotAllowed,
    )
}

fn resource(ruling: Ruling<'_>, target: &Target) -> Result<Decision, Decision> {
    let Target::Resource(source) = target else {
        return Err(Reason::InvalidParams.into());
    };
    let uri = ResourceUri::parse(source).map_err(|_| Decision::deny(Reason::UriRejected))?;
    let listed = ruling.policy.resources().rules(&uri);
    ruling.asks(Question::Resource(source));
    grant(
        ruling,
        listed,
        Reason::ResourceDenied,
        Reason::ResourceNotAllowed,
    )
}

fn completion(
    ruling: Ruling<'_>,
    params: Params<'_>,
    target: &Target,
) -> Result<Decision, Decision> {
    if let Some(reference) = params.get("ref") {
        check_keys(reference, keys::REF)?;
    }
    match target {
        Target::Resource(uri) if uri.contains('{') => template(ruling, uri),
        Target::Resource(_) => resource(ruling, target),
        _ => prompt(ruling, target),
    }
}

/// A template is judged by its literal text before the first `{`.
fn template(ruling: Ruling<'_>, source: &str) -> Result<Decision, Decision> {
    let prefix = TemplatePrefix::parse(source).map_err(|_| Decision::deny(Reason::UriRejected))?;
    let listed = ruling.policy.resources().rules_of_template(&prefix);
    ruling.asks(Question::Resource(source));
    grant(
        ruling,
        listed,
        Reason::ResourceDenied,
        Reason::ResourceNotAllowed,
    )
}

fn grant(
    ruling: Ruling<'_>,
    listed: impl Iterator<Item = RuleIndex>,
    denied: Reason,
    not_listed: Reason,
) -> Result<Decision, Decision> {
    match ruling.on(listed, Arguments::None) {
        Ok(Verdict::Allowed { rule, .. }) => Ok(Decision::permit(rule, Approval::None)),
        Ok(Verdict::Denied { rule }) => Err(Decision::deny_by(denied, rule)),
        _ => Err(not_listed.into()),
    }
}

/// The target is a subscription where no parameters are known.
fn listen(ruling: Ruling<'_>, params: Params<'_>, target: &Target) -> Result<Decision, Decision> {
    if *target != Target::None {
        return resource(ruling, target);
    }
    let Some(filter) = params.get("notifications") else {
        return Ok(Decision::housekeeping());
    };
    check_keys(filter, keys::LISTEN)?;
    if !filter.is_object() {
        return Err(Reason::InvalidParams.into());
    }
    if filter.get("taskIds").is_some() {
        task(ruling)?;
    }
    let mut decision = Decision::housekeeping();
    let Some(uris) = filter.get("resourceSubscriptions") else {
        return Ok(decision);
    };
    if !uris.is_array() {
        return Err(Reason::InvalidParams.into());
    }
    for uri in uris.items() {
        let uri = text(uri).ok_or(Decision::deny(Reason::InvalidParams))?;
        decision = resource(ruling, &Target::Resource(uri))?;
    }
    Ok(decision)
}

pub(super) fn task(ruling: Ruling<'_>) -> Result<Decision, Decision> {
    match ruling.permits_tasks() {
        true => Ok(Decision::housekeeping()),
        false => Err(Reason::TasksNotAllowed.into()),
    }
}

/// Answers to a server's requests that travel in the next request (2026-07-28, MRTR). The one to the
/// guard's own question never reaches the server.
fn input_responses(ruling: Ruling<'_>, params: Params<'_>) -> Result<(), Decision> {
    let Some(answers) = params.get("inputResponses") else {
        return Ok(());
    };
    if !answers.is_object() {
        return Err(Reason::InvalidParams.into());
    }
    for (key, answer) in answers.entries() {
        if key.is_str(META_APPROVAL) {
            continue;
        }
        check_keys(answer, keys::CLIENT_RESULT)?;
        if !answer.is_object() || !permits_answer(ruling, answer) {
            return Err(Reason::ClientAnswerRefused.into());
        }
    }
    Ok(())
}
