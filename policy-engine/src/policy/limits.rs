use super::format::LimitsSpec;

/// Sizes and depths, with the defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body.
    pub request_bytes: usize,
    /// Bytes of one server message.
    pub response_bytes: usize,
    /// Bytes that one worker holds at once.
    pub held_bytes: usize,
    /// Levels of nesting inside `params.arguments`.
    pub argument_depth: usize,
    /// Arguments of one call.
    pub arguments: usize,
    /// Keys in a whole request.
    pub keys: usize,
    /// Longest time that a governed list may be cached, in milliseconds.
    pub list_ttl_ms: u32,
}

/// Levels of containers in any request, whatever the policy says.
pub(crate) const REQUEST_DEPTH: usize = 64;

/// Most values in a request: 2 MiB of index.
pub(crate) const REQUEST_VALUES: usize = 1 << 17;

/// Levels of containers in a server's message.
pub(crate) const RESPONSE_DEPTH: usize = 128;

/// Most values in a server's message: 16 MiB of index.
pub(crate) const RESPONSE_VALUES: usize = 1 << 20;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

impl Limits {
    pub(super) fn new(spec: &LimitsSpec) -> Self {
        let or = |given: Option<u32>, default: usize| {
            given
                .and_then(|value| usize::try_from(value).ok())
                .unwrap_or(default)
        };
        Self {
            request_bytes: or(spec.request_bytes, MIB),
            response_bytes: or(spec.response_bytes, 16 * MIB),
            held_bytes: or(spec.held_bytes, 64 * MIB),
            argument_depth: or(spec.argument_depth, 10),
            arguments: or(spec.arguments, 100),
            keys: or(spec.keys, 10_000),
            list_ttl_ms: spec.list_ttl_ms.unwrap_or(60_000),
        }
    }
}
