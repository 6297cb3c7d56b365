//! JSON-RPC 2.0 framing (<https://www.jsonrpc.org/specification>): messages, ids, answers.

mod answer;
mod id;
mod message;

pub(crate) use answer::{error, result, tool_error};
pub use id::Id;
pub use message::Message;
pub(crate) use message::{check_keys, is_identifier};
