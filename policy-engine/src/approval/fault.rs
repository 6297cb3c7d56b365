use core::fmt;

/// Why a token is no approval of a call. Labels keep their meaning: dashboards know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is signed with neither EdDSA nor ES256, or its key is for the other.
    Algorithm,
    /// It is signed, but a claim is missing or has a wrong form.
    Claims,
    /// It is no longer valid.
    Expired,
    /// Its header is not exactly `alg`, `kid` and `typ`, or it is another kind of token.
    Header,
    /// It is valid for longer than the policy permits, or ends before it begins.
    Lifetime,
    /// It is no compact JWS with JSON in it, or is too large.
    Malformed,
    /// It is not valid yet, or issued in the future.
    NotYetValid,
    /// The signature is another's.
    Signature,
    /// The policy does not name its issuer.
    UnknownIssuer,
    /// The issuer has no such key.
    UnknownKey,
    /// It approves a call with other arguments.
    WrongArguments,
    /// It approves another caller's call.
    WrongCaller,
    /// It approves a call under another policy.
    WrongPolicy,
    /// It approves a call of another server.
    WrongServer,
    /// It approves a call of another tool.
    WrongTool,
    /// It approves a call for another user.
    WrongUser,
}

impl Fault {
    /// Every fault, in order of the labels.
    pub const ALL: [Self; 16] = [
        Self::Algorithm,
        Self::Claims,
        Self::Expired,
        Self::Header,
        Self::Lifetime,
        Self::Malformed,
        Self::NotYetValid,
        Self::Signature,
        Self::UnknownIssuer,
        Self::UnknownKey,
        Self::WrongArguments,
        Self::WrongCaller,
        Self::WrongPolicy,
        Self::WrongServer,
        Self::WrongTool,
        Self::WrongUser,
    ];

    /// Its name in records and metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Algorithm => "approval_algorithm",
            Self::Claims => "approval_claims",
            Self::Expired => "approval_expired",
            Self::Header => "approval_header",
            Self::Lifetime => "approval_lifetime",
            Self::Malformed => "approval_malformed",
            Self::NotYetValid => "approval_not_yet_valid",
            Self::Signature => "approval_signature",
            Self::UnknownIssuer => "approval_unknown_issuer",
            Self::UnknownKey => "approval_unknown_key",
            Self::WrongArguments => "approval_wrong_arguments",
            Self::WrongCaller => "approval_wrong_caller",
            Self::WrongPolicy => "approval_wrong_policy",
            Self::WrongServer => "approval_wrong_server",
            Self::WrongTool => "approval_wrong_tool",
            Self::WrongUser => "approval_wrong_user",
        }
    }

    /// Whether a known issuer signed the token. Only then does the client learn more than that it is
    /// no approval: whoever forges tokens is not told how far they came.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        match self {
            Self::Algorithm
            | Self::Header
            | Self::Malformed
            | Self::Signature
            | Self::UnknownIssuer
            | Self::UnknownKey => false,
            Self::Claims
            | Self::Expired
            | Self::Lifetime
            | Self::NotYetValid
            | Self::WrongArguments
            | Self::WrongCaller
            | Self::WrongPolicy
            | Self::WrongServer
            | Self::WrongTool
            | Self::WrongUser => true,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => {
                "is signed with neither EdDSA nor ES256, or with a key for the other"
            }
            Self::Claims => "lacks a claim, or has one of a wrong form",
            Self::Expired => "has expired",
            Self::Header => {
                "has a header that is not exactly `alg`, `kid` and `typ: mcp-approval+jwt`"
            }
            Self::Lifetime => "is valid for longer than the policy permits",
            Self::Malformed => "is no compact JWS with JSON in it, or is too large",
            Self::NotYetValid => "is not valid yet, or issued in the future",
            Self::Signature => "is not signed by that key",
            Self::UnknownIssuer => "comes from an issuer that the policy does not name",
            Self::UnknownKey => "names a key that its issuer does not have",
            Self::WrongArguments => "approves other arguments",
            Self::WrongCaller => "approves another caller's call",
            Self::WrongPolicy => "was given under another policy",
            Self::WrongServer => "approves a call of another server",
            Self::WrongTool => "approves a call of another tool",
            Self::WrongUser => "approves a call for another user",
        })
    }
}

impl core::error::Error for Fault {}
