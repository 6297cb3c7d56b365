//! The vocabulary of the Model Context Protocol: versions, methods, keys, error codes, headers.

pub(crate) mod code;
pub(crate) mod header;
pub(crate) mod keys;
mod method;
mod version;

pub use method::{
    ClientMethod, Governs, ServerMethod, ServerRule, client_method, method_names, server_method,
};
pub use version::{Era, LEGACY, MODERN};
pub(crate) use version::{URL_ELICITATION, WITH_BATCHES};
