//! What a refused client gets: the one function from [`Reason`] to an answer.

use crate::decision::{Reason, Target};
use crate::json::write_string;
use crate::jsonrpc::{Id, error, error_with_data, tool_error};
use crate::mcp::{Era, MODERN, code};

/// An answer of the guard's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beside `:status`.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a refusal is about.
#[derive(Clone, Debug)]
pub(super) struct Subject<'a> {
    /// The id of the request.
    pub(super) id: &'a Id,
    pub(super) era: Era,
    pub(super) target: &'a Target,
    /// `MCP-Protocol-Version` as it was sent.
    pub(super) version: Option<&'a str>,
    /// Whether the answer says why.
    pub(super) disclose: bool,
}

/// How a refusal looks.
enum Form {
    /// A status without a body.
    Empty(u16),
    /// A JSON-RPC error about something that is no readable request: its id would be a guess.
    Malformed(u16, i32, &'static str),
    /// A JSON-RPC error for the request's id.
    Error(u16, i32, String),
    /// The result of a tool that did not run.
    ToolError(String),
}

impl Reply {
    /// The answer to everything where there is no policy.
    #[must_use]
    pub fn no_policy() -> Self {
        Self::empty(503)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn json(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json")],
            body,
        }
    }
}

/// The answer to a request that is refused.
pub(super) fn to_request(reason: Reason, subject: &Subject<'_>) -> Reply {
    match form(reason, subject) {
        Form::Empty(status) => Reply::empty(status),
        Form::Malformed(status, code, message) => Reply::json(
            status,
            error_with_data(&Id::null(), code, message, why(reason, subject).as_deref()),
        ),
        Form::Error(status, code, message) => {
            let data = data(reason, subject);
            Reply::json(
                status,
                error_with_data(subject.id, code, &message, data.as_deref()),
            )
        }
        Form::ToolError(text) => Reply::json(
            200,
            tool_error(subject.id, &text, subject.era == Era::Modern),
        ),
    }
}

/// The error that stands for a request inside a batch, where no status of its own can be had.
pub(super) fn in_batch(reason: Reason, subject: &Subject<'_>) -> Vec<u8> {
    match form(reason, subject) {
        Form::ToolError(text) => tool_error(subject.id, &text, false),
        Form::Error(_, code, message) => {
            let data = data(reason, subject);
            error_with_data(subject.id, code, &message, data.as_deref())
        }
        Form::Malformed(_, code, message) => error(subject.id, code, message),
        Form::Empty(_) => error(subject.id, code::INVALID_REQUEST, "Invalid request"),
    }
}

fn form(reason: Reason, subject: &Subject<'_>) -> Form {
    let name = subject.target.name();
    let modern = subject.era == Era::Modern;
    let malformed = |message| Form::Malformed(400, code::INVALID_REQUEST, message);
    match reason {
        Reason::NoPolicy | Reason::Allowed => Form::Empty(503),
        Reason::HttpMethodNotAllowed | Reason::StreamRefused => Form::Empty(405),
        Reason::OriginNotAllowed | Reason::CallerNotIdentified => Form::Empty(403),
        Reason::AuthorityNotAllowed => Form::Empty(421),
        Reason::PathNotFound => Form::Empty(404),
        Reason::RepeatedHeader => malformed("Repeated header"),
        Reason::UnexpectedBody => malformed("Unexpected body"),
        Reason::UnsupportedContentType => Form::Malformed(
            415,
            code::INVALID_REQUEST,
            "Content-Type must be application/json",
        ),
        Reason::UnsupportedContentEncoding => Form::Malformed(
            415,
            code::INVALID_REQUEST,
            "Content-Encoding must be identity",
        ),
        Reason::BodyTooLarge => Form::Malformed(413, code::INVALID_REQUEST, "Request too large"),
        Reason::ParseError => Form::Malformed(400, code::PARSE_ERROR, "Parse error"),
        Reason::DuplicateKey => malformed("Repeated key"),
        Reason::AmbiguousKey => malformed("Ambiguous key"),
        Reason::LimitExceeded => malformed("Limit exceeded"),
        Reason::InvalidRequest => malformed("Invalid request"),
        Reason::BatchRefused => malformed("Invalid batch"),
        Reason::BatchElementRefused => Form::Error(
            200,
            code::INVALID_REQUEST,
            "Not processed: another message of the batch was refused".into(),
        ),
        Reason::HeaderMismatch => Form::Error(
            400,
            code::HEADER_MISMATCH,
            "Headers and body disagree".into(),
        ),
        Reason::UnsupportedVersion => Form::Error(
            400,
            code::UNSUPPORTED_PROTOCOL_VERSION,
            "Unsupported protocol version".into(),
        ),
        Reason::MissingMeta => Form::Error(
            400,
            code::INVALID_PARAMS,
            "Missing required _meta field".into(),
        ),
        Reason::InvalidParams | Reason::ClientAnswerRefused | Reason::TasksNotAllowed
            if name.is_empty() =>
        {
            invalid_params(reason, modern)
        }
        Reason::InvalidParams | Reason::ClientAnswerRefused | Reason::TasksNotAllowed => {
            Form::Error(200, code::INVALID_PARAMS, "Invalid params".into())
        }
        Reason::UnknownMethod | Reason::MethodDenied => method_not_found(modern),
        Reason::ToolNotAllowed | Reason::ToolDenied => {
            Form::Error(200, code::INVALID_PARAMS, format!("Unknown tool: {name}"))
        }
        Reason::PromptNotAllowed | Reason::PromptDenied => {
            Form::Error(200, code::INVALID_PARAMS, format!("Unknown prompt: {name}"))
        }
        Reason::ResourceNotAllowed | Reason::ResourceDenied | Reason::UriRejected => {
            let code = if modern {
                code::INVALID_PARAMS
            } else {
                code::RESOURCE_NOT_FOUND
            };
            Form::Error(200, code, "Resource not found".into())
        }
        Reason::ArgumentRefused => Form::ToolError(format!(
            "The policy does not permit `{name}` with these arguments."
        )),
        Reason::ApprovalRequired => Form::ToolError(format!(
            "`{name}` needs the approval of a human before it runs. It was not executed."
        )),
        Reason::RedirectRefused
        | Reason::ResourceContentRefused
        | Reason::ResponseTooLarge
        | Reason::ResponseUnreadable
        | Reason::ServerRequestRefused => {
            Form::Error(200, code::INTERNAL_ERROR, response_message(reason).into())
        }
    }
}

/// Where tasks are not permitted, their methods do not exist.
fn invalid_params(reason: Reason, modern: bool) -> Form {
    match reason {
        Reason::TasksNotAllowed => method_not_found(modern),
        _ => Form::Error(200, code::INVALID_PARAMS, "Invalid params".into()),
    }
}

fn method_not_found(modern: bool) -> Form {
    let status = if modern { 404 } else { 200 };
    Form::Error(status, code::METHOD_NOT_FOUND, "Method not found".into())
}

/// What a client is told about an answer that it does not get.
pub(crate) fn response_message(reason: Reason) -> &'static str {
    match reason {
        Reason::RedirectRefused => "The server's redirect was refused",
        Reason::ResourceContentRefused => {
            "The server's answer holds a resource that is not permitted"
        }
        Reason::ResponseTooLarge => "The server's answer is too large",
        Reason::ServerRequestRefused => "The server asked for something that is not permitted",
        _ => "The server's answer could not be read",
    }
}

/// The error's `data`: what the protocol asks for, or the reason where the policy wants it told.
fn data(reason: Reason, subject: &Subject<'_>) -> Option<Vec<u8>> {
    match reason {
        Reason::UnsupportedVersion => {
            let mut data = format!("{{\"supported\":[\"{MODERN}\"],\"requested\":").into_bytes();
            write_string(&mut data, subject.version.unwrap_or_default());
            data.push(b'}');
            Some(data)
        }
        Reason::ResourceNotAllowed | Reason::ResourceDenied | Reason::UriRejected => {
            let mut data = b"{\"uri\":".to_vec();
            write_string(&mut data, subject.target.name());
            if subject.disclose {
                data.extend_from_slice(format!(",\"reason\":\"{}\"", reason.label()).as_bytes());
            }
            data.push(b'}');
            Some(data)
        }
        _ => why(reason, subject),
    }
}

fn why(reason: Reason, subject: &Subject<'_>) -> Option<Vec<u8>> {
    subject
        .disclose
        .then(|| format!("{{\"reason\":\"{}\"}}", reason.label()).into_bytes())
}
