//! What a refused client gets: the one function from [`Reason`] to an answer.

use crate::decision::{Reason, Target};
use crate::http::Reply;
use crate::json::write_string;
use crate::jsonrpc::{self, Id, tool_error};
use crate::mcp::{Era, MODERN, code};
use crate::names::DENIED_METHOD;

/// What a refusal is about.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    /// The id of the request.
    pub(crate) id: &'a Id,
    pub(crate) era: Era,
    pub(crate) target: &'a Target,
    /// `MCP-Protocol-Version` as it was sent.
    pub(crate) version: Option<&'a str>,
    /// What a sender without a token is told about tokens.
    pub(crate) challenge: Option<&'a str>,
    /// Whether the answer says why.
    pub(crate) disclose: bool,
}

impl<'a> Subject<'a> {
    /// A request of which nothing but its id is told.
    fn bare(id: &'a Id) -> Self {
        Self {
            id,
            era: Era::Legacy,
            target: &Target::None,
            version: None,
            challenge: None,
            disclose: false,
        }
    }
}

/// How a refusal looks.
struct Form {
    status: u16,
    content: Content,
}

enum Content {
    /// Nothing: the other side need not speak JSON-RPC.
    Nothing,
    /// Nothing but the way to a token.
    Challenge,
    /// An error about what is no readable request: its id would be a guess.
    Malformed(i32, &'static str),
    /// An error about a request that does not fit its headers.
    Headers(i32, &'static str),
    /// The same, with the versions that would do.
    Version,
    /// An error about a request.
    Error(i32, String),
    /// An error about a resource, with its URI.
    Resource(i32),
    /// The result of a tool that did not run.
    Tool(String),
    /// An error in the place of what the server answered.
    Answer(&'static str),
}

/// The answer to a request that is refused.
pub(crate) fn to_request(reason: Reason, subject: &Subject<'_>) -> Reply {
    let form = form(reason, subject);
    let null = Id::null();
    match &form.content {
        Content::Nothing => Reply::empty(form.status),
        Content::Challenge => Reply::challenge(form.status, subject.challenge.unwrap_or("Bearer")),
        Content::Malformed(..) => {
            let subject = Subject {
                id: &null,
                ..subject.clone()
            };
            Reply::json(form.status, message(&form.content, reason, &subject))
        }
        content => Reply::json(form.status, message(content, reason, subject)),
    }
}

/// The message that stands for one of several answers, where no status of its own can be had.
pub(crate) fn in_batch(reason: Reason, subject: &Subject<'_>) -> Vec<u8> {
    message(&form(reason, subject).content, reason, subject)
}

/// The error for the id of a request whose answer is refused.
pub(crate) fn of_answer(reason: Reason, id: &Id) -> Vec<u8> {
    in_batch(reason, &Subject::bare(id))
}

/// The answer in the place of one that is refused and that no request awaits.
pub(crate) fn unawaited(reason: Reason) -> Reply {
    Reply::empty(form(reason, &Subject::bare(&Id::null())).status)
}

/// Whether the refusal is told on the spot, even to a sender who awaits no answer: it is about
/// HTTP, or about what cannot be read as a message.
pub(crate) fn is_outright(reason: Reason) -> bool {
    match form(reason, &Subject::bare(&Id::null())).content {
        Content::Nothing
        | Content::Challenge
        | Content::Malformed(..)
        | Content::Headers(..)
        | Content::Version => true,
        Content::Error(..) | Content::Resource(_) | Content::Tool(_) | Content::Answer(_) => false,
    }
}

fn form(reason: Reason, subject: &Subject<'_>) -> Form {
    let name = subject.target.name();
    match reason {
        // What is allowed is never refused, and a stream that ends has had its answer's head.
        Reason::Allowed | Reason::PolicySuperseded => nothing(503),
        // HTTP.
        Reason::HttpMethodNotAllowed => nothing(405),
        Reason::TokenMissing => Form {
            status: 401,
            content: Content::Challenge,
        },
        Reason::OriginNotAllowed | Reason::CallerNotIdentified => nothing(403),
        Reason::AuthorityNotAllowed => nothing(421),
        Reason::PathNotFound => nothing(404),
        Reason::RepeatedHeader => malformed(400, "Repeated header"),
        Reason::UnexpectedBody => malformed(400, "Unexpected body"),
        Reason::UnsupportedContentType => malformed(415, "Content-Type must be application/json"),
        Reason::UnsupportedContentEncoding => malformed(415, "Content-Encoding must be identity"),
        Reason::BodyTooLarge => malformed(413, "Request too large"),
        // The envelope.
        Reason::ParseError => Form {
            status: 400,
            content: Content::Malformed(code::PARSE_ERROR, "Parse error"),
        },
        Reason::DuplicateKey => malformed(400, "Repeated key"),
        Reason::AmbiguousKey => malformed(400, "Ambiguous key"),
        Reason::LimitExceeded => malformed(400, "Limit exceeded"),
        Reason::InvalidRequest => malformed(400, "Invalid request"),
        Reason::BatchRefused => malformed(400, "Invalid batch"),
        Reason::HeaderMismatch => headers(code::HEADER_MISMATCH, "Headers and body disagree"),
        Reason::MissingMeta => headers(code::INVALID_PARAMS, "Missing required _meta field"),
        Reason::UnsupportedVersion => Form {
            status: 400,
            content: Content::Version,
        },
        Reason::BatchElementRefused => error(
            code::INVALID_REQUEST,
            "Not processed: another message of the batch was refused",
        ),
        // What the message asks for.
        Reason::InvalidParams | Reason::ClientAnswerRefused => invalid_params(),
        Reason::UnknownMethod | Reason::MethodDenied => method_not_found(subject.era),
        // Where tasks are not permitted, their methods do not exist, and no call is one.
        Reason::TasksNotAllowed if name.is_empty() => method_not_found(subject.era),
        Reason::TasksNotAllowed => invalid_params(),
        Reason::ToolNotAllowed | Reason::ToolDenied => {
            error(code::INVALID_PARAMS, format!("Unknown tool: {name}"))
        }
        Reason::PromptNotAllowed | Reason::PromptDenied => {
            error(code::INVALID_PARAMS, format!("Unknown prompt: {name}"))
        }
        Reason::ResourceNotAllowed | Reason::ResourceDenied | Reason::UriRejected => Form {
            status: 200,
            content: Content::Resource(match subject.era {
                Era::Legacy => code::RESOURCE_NOT_FOUND,
                Era::Modern => code::INVALID_PARAMS,
            }),
        },
        Reason::ArgumentRefused => tool(format!(
            "The policy does not permit `{name}` with these arguments."
        )),
        Reason::ApprovalRequired => tool(format!(
            "`{name}` needs the approval of a human before it runs. It was not executed."
        )),
        Reason::ApprovalDeclined => tool(format!(
            "`{name}` needs the approval of a human, which the user does not want to ask for. It was not executed."
        )),
        Reason::ApprovalUnfit => tool(format!(
            "`{name}` needs the approval of a human, who cannot approve these arguments: a number in them is not the same to every server. It was not executed."
        )),
        Reason::ApprovalUnavailable => tool(format!(
            "`{name}` needs the approval of a human, which cannot be verified now. It was not executed."
        )),
        // Not of a call that waits for a human, so there is nothing to approve.
        Reason::ApprovalState if !matches!(subject.target, Target::Tool(_)) => invalid_params(),
        Reason::Approval(_)
        | Reason::ApprovalAmbiguous
        | Reason::ApprovalBeforeStart
        | Reason::ApprovalReplayed
        | Reason::ApprovalState => tool(format!(
            "What came with the call of `{name}` is no approval of it. It was not executed."
        )),
        // The server's answer.
        Reason::RedirectRefused => answer(502, "The server's redirect was refused"),
        Reason::ResourceContentRefused => answer(
            502,
            "The server's answer holds a resource that is not permitted",
        ),
        Reason::ResponseTooLarge => answer(502, "The server's answer is too large"),
        Reason::ResponseUnreadable => answer(502, "The server's answer could not be read"),
        Reason::ServerRequestRefused => {
            answer(502, "The server asked for something that is not permitted")
        }
        // As if the server offered none.
        Reason::StreamRefused => answer(405, "The server's answer could not be read"),
    }
}

fn nothing(status: u16) -> Form {
    Form {
        status,
        content: Content::Nothing,
    }
}

fn malformed(status: u16, message: &'static str) -> Form {
    Form {
        status,
        content: Content::Malformed(code::INVALID_REQUEST, message),
    }
}

fn headers(code: i32, message: &'static str) -> Form {
    Form {
        status: 400,
        content: Content::Headers(code, message),
    }
}

fn error(code: i32, message: impl Into<String>) -> Form {
    Form {
        status: 200,
        content: Content::Error(code, message.into()),
    }
}

fn invalid_params() -> Form {
    error(code::INVALID_PARAMS, "Invalid params")
}

fn method_not_found(era: Era) -> Form {
    Form {
        status: match era {
            Era::Legacy => 200,
            Era::Modern => 404,
        },
        ..error(code::METHOD_NOT_FOUND, "Method not found")
    }
}

fn tool(text: String) -> Form {
    Form {
        status: 200,
        content: Content::Tool(text),
    }
}

fn answer(status: u16, message: &'static str) -> Form {
    Form {
        status,
        content: Content::Answer(message),
    }
}

/// The content as a message for the subject's id.
fn message(content: &Content, reason: Reason, subject: &Subject<'_>) -> Vec<u8> {
    let error = |code, message, data: Option<Vec<u8>>| {
        jsonrpc::error(subject.id, code, message, data.as_deref())
    };
    let why = || subject.disclose.then(|| told(reason));
    match content {
        Content::Nothing | Content::Challenge => {
            error(code::INVALID_REQUEST, "Invalid request", why())
        }
        Content::Malformed(code, text) | Content::Headers(code, text) => error(*code, text, why()),
        Content::Error(code, text) => error(*code, text, why()),
        Content::Version => error(
            code::UNSUPPORTED_PROTOCOL_VERSION,
            "Unsupported protocol version",
            Some(versions(subject)),
        ),
        Content::Resource(code) => error(*code, "Resource not found", Some(uri(reason, subject))),
        Content::Tool(text) => tool_error(subject.id, text, subject.era == Era::Modern),
        Content::Answer(text) => error(code::INTERNAL_ERROR, text, why()),
    }
}

/// An error's `data`, where the policy wants the reason told.
fn told(reason: Reason) -> Vec<u8> {
    format!("{{\"reason\":\"{}\"}}", reason.label()).into_bytes()
}

/// The `data` that the protocol asks for where a version is not spoken.
fn versions(subject: &Subject<'_>) -> Vec<u8> {
    let mut data = format!("{{\"supported\":[\"{MODERN}\"],\"requested\":").into_bytes();
    write_string(&mut data, subject.version.unwrap_or_default());
    data.push(b'}');
    data
}

/// The `data` that the protocol asks for where there is no such resource.
fn uri(reason: Reason, subject: &Subject<'_>) -> Vec<u8> {
    let mut data = b"{\"uri\":".to_vec();
    write_string(&mut data, subject.target.name());
    if subject.disclose {
        data.extend_from_slice(format!(",\"reason\":\"{}\"", reason.label()).as_bytes());
    }
    data.push(b'}');
    data
}

/// A request in the place of a refused one, so that the other side itself answers its id with an
/// error.
pub(crate) fn unknown_method(id: &Id) -> Vec<u8> {
    let mut out = b"{\"jsonrpc\":\"2.0\",\"id\":".to_vec();
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(b",\"method\":\"");
    out.extend_from_slice(DENIED_METHOD.as_bytes());
    out.extend_from_slice(b"\"}");
    out
}
