use crate::approval::Fault;

/// Why something was decided as it was. Labels keep their meaning: dashboards know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is permitted.
    Allowed,
    /// A key equals a known one only after folding case.
    AmbiguousKey,
    /// The approval that came with the call is none for it.
    Approval(Fault),
    /// More than one approval came with the call.
    ApprovalAmbiguous,
    /// The approval was issued before this proxy began to remember which were used.
    ApprovalBeforeStart,
    /// The user does not want to ask for an approval.
    ApprovalDeclined,
    /// The approval, or the state of one of its rounds, was used before.
    ApprovalReplayed,
    /// The call needs a human's approval.
    ApprovalRequired,
    /// The `requestState` is not the guard's for this call, or is no longer valid.
    ApprovalState,
    /// Whether the approval holds could not be found out.
    ApprovalUnavailable,
    /// The arguments cannot be bound by an approval.
    ApprovalUnfit,
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
    /// The origin is not listed.
    OriginNotAllowed,
    /// The body is not RFC 8259.
    ParseError,
    /// The path is no endpoint.
    PathNotFound,
    /// A stream was open when another policy came into force, which does not permit it.
    PolicySuperseded,
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
    /// The caller is known by a token, and brought none.
    TokenMissing,
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
        Self::Approval(Fault::Algorithm),
        Self::ApprovalAmbiguous,
        Self::ApprovalBeforeStart,
        Self::Approval(Fault::Claims),
        Self::ApprovalDeclined,
        Self::Approval(Fault::Expired),
        Self::Approval(Fault::Header),
        Self::Approval(Fault::Lifetime),
        Self::Approval(Fault::Malformed),
        Self::Approval(Fault::NotYetValid),
        Self::ApprovalReplayed,
        Self::ApprovalRequired,
        Self::Approval(Fault::Signature),
        Self::ApprovalState,
        Self::ApprovalUnavailable,
        Self::ApprovalUnfit,
        Self::Approval(Fault::UnknownIssuer),
        Self::Approval(Fault::UnknownKey),
        Self::Approval(Fault::WrongArguments),
        Self::Approval(Fault::WrongCaller),
        Self::Approval(Fault::WrongPolicy),
        Self::Approval(Fault::WrongServer),
        Self::Approval(Fault::WrongTool),
        Self::Approval(Fault::WrongUser),
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
        Self::OriginNotAllowed,
        Self::ParseError,
        Self::PathNotFound,
        Self::PolicySuperseded,
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
        Self::TokenMissing,
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
            Self::Approval(fault) => fault.label(),
            Self::ApprovalAmbiguous => "approval_ambiguous",
            Self::ApprovalBeforeStart => "approval_before_start",
            Self::ApprovalDeclined => "approval_declined",
            Self::ApprovalReplayed => "approval_replayed",
            Self::ApprovalRequired => "approval_required",
            Self::ApprovalState => "approval_state",
            Self::ApprovalUnavailable => "approval_unavailable",
            Self::ApprovalUnfit => "approval_unfit",
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
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::ParseError => "parse_error",
            Self::PathNotFound => "path_not_found",
            Self::PolicySuperseded => "policy_superseded",
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
            Self::TokenMissing => "token_missing",
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

    /// Whether it is told to the client in any case: nothing in it helps who tries to forge an
    /// approval.
    #[must_use]
    pub fn is_told(self) -> bool {
        match self {
            Self::Approval(fault) => fault.is_signed(),
            Self::ApprovalAmbiguous
            | Self::ApprovalBeforeStart
            | Self::ApprovalDeclined
            | Self::ApprovalReplayed
            | Self::ApprovalRequired
            | Self::ApprovalState
            | Self::ApprovalUnavailable
            | Self::ApprovalUnfit => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn the_table_is_in_order_and_labels_are_unique() {
        let labels = Reason::ALL.iter().map(|reason| reason.label());
        assert!(labels.is_sorted_by(|one, next| one < next));
    }
}
