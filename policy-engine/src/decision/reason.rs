/// Why something was decided as it was. Exhaustive and append-only: dashboards know the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is permitted.
    Allowed,
    /// A key equals a known one only after folding case.
    AmbiguousKey,
    /// The call needs a human's approval.
    ApprovalRequired,
    /// No rule grants the call with these arguments.
    ArgumentRefused,
    /// The authority is not listed.
    AuthorityNotAllowed,
    /// Another element of the batch was refused.
    BatchElementRefused,
    /// A batch where none may be, or one that is malformed.
    BatchRefused,
    /// The body is larger than the policy permits.
    BodyTooLarge,
    /// The policy declares callers, and this is none of them.
    CallerNotIdentified,
    /// The client answers a question that the server may not ask.
    ClientAnswerRefused,
    /// An object repeats a key.
    DuplicateKey,
    /// Headers and body disagree.
    HeaderMismatch,
    /// The HTTP method has no meaning in MCP.
    HttpMethodNotAllowed,
    /// The parameters lack what the method needs.
    InvalidParams,
    /// The message is JSON, but no JSON-RPC request, notification or response.
    InvalidRequest,
    /// Too deep, too many arguments or too many keys.
    LimitExceeded,
    /// A rule denies the method.
    MethodDenied,
    /// A modern request lacks a required `_meta` field.
    MissingMeta,
    /// There is no policy.
    NoPolicy,
    /// The origin is not listed.
    OriginNotAllowed,
    /// The body is not RFC 8259.
    ParseError,
    /// The path is no endpoint.
    PathNotFound,
    /// A rule denies the prompt.
    PromptDenied,
    /// No rule grants the prompt.
    PromptNotAllowed,
    /// A redirect leads round the guard.
    RedirectRefused,
    /// A header that must stand once stands twice.
    RepeatedHeader,
    /// An answer carries a resource that is not permitted.
    ResourceContentRefused,
    /// A rule denies the resource.
    ResourceDenied,
    /// No rule grants the resource.
    ResourceNotAllowed,
    /// The answer is larger than the policy permits.
    ResponseTooLarge,
    /// The answer cannot be read as MCP.
    ResponseUnreadable,
    /// The server asks the client for something that it may not ask.
    ServerRequestRefused,
    /// A stream was asked for, and something else came.
    StreamRefused,
    /// Tasks are not permitted.
    TasksNotAllowed,
    /// A rule denies the tool.
    ToolDenied,
    /// No rule grants the tool.
    ToolNotAllowed,
    /// A body where none may be.
    UnexpectedBody,
    /// The method is unknown, and no rule grants it.
    UnknownMethod,
    /// The body is encoded.
    UnsupportedContentEncoding,
    /// The body is not declared as JSON in UTF-8.
    UnsupportedContentType,
    /// The protocol version is not known here.
    UnsupportedVersion,
    /// The resource's URI is not in the one form that every resolver reads alike.
    UriRejected,
}

impl Reason {
    /// Every reason, in order of the labels.
    pub const ALL: &[Self] = &[
        Self::Allowed,
        Self::AmbiguousKey,
        Self::ApprovalRequired,
        Self::ArgumentRefused,
        Self::AuthorityNotAllowed,
        Self::BatchElementRefused,
        Self::BatchRefused,
        Self::BodyTooLarge,
        Self::CallerNotIdentified,
        Self::ClientAnswerRefused,
        Self::DuplicateKey,
        Self::HeaderMismatch,
        Self::HttpMethodNotAllowed,
        Self::InvalidParams,
        Self::InvalidRequest,
        Self::LimitExceeded,
        Self::MethodDenied,
        Self::MissingMeta,
        Self::NoPolicy,
        Self::OriginNotAllowed,
        Self::ParseError,
        Self::PathNotFound,
        Self::PromptDenied,
        Self::PromptNotAllowed,
        Self::RedirectRefused,
        Self::RepeatedHeader,
        Self::ResourceContentRefused,
        Self::ResourceDenied,
        Self::ResourceNotAllowed,
        Self::ResponseTooLarge,
        Self::ResponseUnreadable,
        Self::ServerRequestRefused,
        Self::StreamRefused,
        Self::TasksNotAllowed,
        Self::ToolDenied,
        Self::ToolNotAllowed,
        Self::UnexpectedBody,
        Self::UnknownMethod,
        Self::UnsupportedContentEncoding,
        Self::UnsupportedContentType,
        Self::UnsupportedVersion,
        Self::UriRejected,
    ];

    /// Its name in records and metrics.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::AmbiguousKey => "ambiguous_key",
            Self::ApprovalRequired => "approval_required",
            Self::ArgumentRefused => "argument_refused",
            Self::AuthorityNotAllowed => "authority_not_allowed",
            Self::BatchElementRefused => "batch_element_refused",
            Self::BatchRefused => "batch_refused",
            Self::BodyTooLarge => "body_too_large",
            Self::CallerNotIdentified => "caller_not_identified",
            Self::ClientAnswerRefused => "client_answer_refused",
            Self::DuplicateKey => "duplicate_key",
            Self::HeaderMismatch => "header_mismatch",
            Self::HttpMethodNotAllowed => "http_method_not_allowed",
            Self::InvalidParams => "invalid_params",
            Self::InvalidRequest => "invalid_request",
            Self::LimitExceeded => "limit_exceeded",
            Self::MethodDenied => "method_denied",
            Self::MissingMeta => "missing_meta",
            Self::NoPolicy => "no_policy",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::ParseError => "parse_error",
            Self::PathNotFound => "path_not_found",
            Self::PromptDenied => "prompt_denied",
            Self::PromptNotAllowed => "prompt_not_allowed",
            Self::RedirectRefused => "redirect_refused",
            Self::RepeatedHeader => "repeated_header",
            Self::ResourceContentRefused => "resource_content_refused",
            Self::ResourceDenied => "resource_denied",
            Self::ResourceNotAllowed => "resource_not_allowed",
            Self::ResponseTooLarge => "response_too_large",
            Self::ResponseUnreadable => "response_unreadable",
            Self::ServerRequestRefused => "server_request_refused",
            Self::StreamRefused => "stream_refused",
            Self::TasksNotAllowed => "tasks_not_allowed",
            Self::ToolDenied => "tool_denied",
            Self::ToolNotAllowed => "tool_not_allowed",
            Self::UnexpectedBody => "unexpected_body",
            Self::UnknownMethod => "unknown_method",
            Self::UnsupportedContentEncoding => "unsupported_content_encoding",
            Self::UnsupportedContentType => "unsupported_content_type",
            Self::UnsupportedVersion => "unsupported_version",
            Self::UriRejected => "uri_rejected",
        }
    }
}
