//! JSON-RPC 2.0 framing (<https://www.jsonrpc.org/specification>): messages, ids, answers.

mod answer;
mod id;
mod message;

pub use answer::{error, error_with_data, tool_error};
pub use id::Id;
pub(crate) use message::is_identifier;
pub use message::{Message, check_keys};
